"""Each rule of who may do what, over the wire."""

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from attain.server.protocol import MOST_OF_STRANGERS
from attain.tracking.errors import Unavailable
from attain.tracking.sql import ledger
from attain.tracking.sql.store import Store

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def anns(ask: Ask) -> str:
    """An experiment that ann has made, with a run in it."""
    status, reply = ask("ann", "POST", "experiments/create", name="anns")
    assert status == 200, reply
    return str(reply["experiment_id"])


@pytest.fixture
def run_id(ask: Ask, anns: str) -> str:
    return str(ask("ann", "POST", "runs/create", experiment_id=anns)[1]["run"]["info"]["run_id"])


def test_nobody_comes_in_without_showing_who_they_are(guarded: Any) -> None:
    status, reply = guarded.ask("POST", "experiments/search", {})
    assert (status, reply["error_code"]) == (401, "UNAUTHENTICATED")
    assert "MLFLOW_TRACKING_USERNAME" in reply["message"]


def test_a_strangers_long_body_is_not_read(guarded: Any, basic: Any) -> None:
    long, headers = b"{" + b" " * MOST_OF_STRANGERS, basic("ann")
    for shown, status in (({}, 401), (basic("ann", "wrong horse battery"), 401), (headers, 400)):
        answer = guarded.ask("POST", "experiments/search", long, headers=shown)
        assert answer[0] == status, answer
    whole = {"max_results": 1, "more": " " * MOST_OF_STRANGERS}
    assert guarded.ask("POST", "experiments/search", whole, headers=headers)[0] == 200


def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(guarded: Any, basic: Any) -> None:
    wrong = guarded.ask("POST", "experiments/search", {}, headers=basic("ann", "wrong horse battery"))
    unknown = guarded.ask("POST", "experiments/search", {}, headers=basic("zoe", "wrong horse battery"))
    assert wrong == unknown
    assert wrong[0] == 401


def test_a_header_that_cannot_be_read_is_refused_in_words(guarded: Any) -> None:
    for header in (
        *("Basic", "Basic !!!", "Basic YWJj", "Bearer", "Bearer x", "Digest a=b", "Basic /w=="),
        *("Basic \xff", "Bearer \xff", "\xff", "Basic " + "A" * 9_999),
    ):
        status, reply = guarded.ask("POST", "experiments/search", {}, headers={"Authorization": header})
        assert (header, status, reply["error_code"]) == (header, 401, "UNAUTHENTICATED")


def test_who_makes_an_experiment_manages_it_and_runs_in_it_bear_the_users_name(ask: Ask, anns: str) -> None:
    run = ask("ann", "POST", "runs/create", experiment_id=anns, user_id="somebody")[1]["run"]
    assert run["info"]["user_id"] == "ann"
    assert ask("ann", "POST", "experiments/delete", experiment_id=anns)[0] == 200


def test_another_users_experiment_and_run_are_closed(ask: Ask, anns: str, run_id: str) -> None:
    for method, path, fields in [
        ("GET", "experiments/get", {"experiment_id": anns}),
        ("GET", "experiments/get-by-name", {"experiment_name": "anns"}),
        ("GET", "runs/get", {"run_id": run_id}),
        ("GET", "runs/get", {"run_uuid": run_id}),
        ("POST", "runs/search", {"experiment_ids": ["0", anns]}),
        ("POST", "runs/create", {"experiment_id": anns}),
        ("POST", "runs/log-batch", {"run_id": run_id, "metrics": []}),
        ("POST", "runs/log-metric", {"run_uuid": run_id, "key": "a", "value": 1, "timestamp": 1}),
        ("POST", "runs/delete", {"run_id": run_id}),
        ("GET", "metrics/get-history", {"run_id": run_id, "metric_key": "a"}),
        ("POST", "/api/attain/points", {"run_ids": [run_id], "points": [[0, "a", 1, 1, 1]]}),
        ("POST", "/api/attain/heartbeat", {"run_ids": [run_id]}),
    ]:
        status, reply = ask("ben", method, path, **fields)
        assert (path, status, reply["error_code"]) == (path, 403, "PERMISSION_DENIED")


@pytest.mark.parametrize(
    ("level", "read", "edit", "manage"), [("read", 200, 403, 403), ("edit", 200, 200, 403), ("manage", 200, 200, 200)]
)
@pytest.mark.parametrize("name", ["ben", "@lab"])
def test_a_level_opens_what_it_says_to_a_user_or_a_group(
    ask: Ask, people: Store, anns: str, run_id: str, level: Any, read: int, edit: int, manage: int, name: str
) -> None:
    people.access.permit("group" if name == "@lab" else "user", name.removeprefix("@"), anns, level, "test")
    assert ask("ben", "GET", "runs/get", run_id=run_id)[0] == read
    assert ask("ben", "POST", "runs/set-tag", run_id=run_id, key="a", value="b")[0] == edit
    assert ask("ben", "POST", "experiments/delete", experiment_id=anns)[0] == manage


def test_a_level_everywhere_opens_every_experiment_until_it_is_taken_away(ask: Ask, people: Store, anns: str) -> None:
    people.access.permit("user", "ben", "*", "read", "test")
    assert ask("ben", "GET", "experiments/get", experiment_id=anns)[0] == 200
    people.access.forbid("user", "ben", "*", "test")
    assert ask("ben", "GET", "experiments/get", experiment_id=anns)[0] == 403


def test_an_admin_may_do_everything_and_an_auditor_nothing_here(ask: Ask, people: Store, anns: str) -> None:
    people.access.permit("user", "otto", anns, "manage", "test")
    assert ask("root", "GET", "experiments/get", experiment_id=anns)[0] == 200
    status, reply = ask("otto", "GET", "experiments/get", experiment_id=anns)
    assert status == 403
    assert "audits" in reply["message"]
    assert ask("otto", "POST", "experiments/create", name="ottos")[0] == 403


def test_what_does_not_exist_is_not_found_and_what_is_not_named_is_refused(ask: Ask) -> None:
    assert ask("ann", "GET", "runs/get", run_id="0" * 32)[0] == 404
    assert ask("ann", "GET", "experiments/get", experiment_id="99")[0] == 404
    assert ask("ann", "GET", "runs/get")[0] == 400


def test_a_search_without_experiments_shows_nothing(ask: Ask, run_id: str) -> None:
    assert ask("ben", "POST", "runs/search", experiment_ids=[])[1].get("runs", []) == []


def test_a_list_shows_what_one_may_read_and_goes_past_what_one_may_not(ask: Ask, people: Store, anns: str) -> None:
    assert ask("ben", "POST", "experiments/create", name="bens")[0] == 200
    for number in range(5):
        ask("ann", "POST", "experiments/create", name=f"more {number}")
    found = ask("ben", "POST", "experiments/search", max_results=2)[1]["experiments"]
    assert [one["name"] for one in found] == ["bens"]
    assert len(ask("root", "POST", "experiments/search", max_results=100)[1]["experiments"]) == 8


@pytest.mark.parametrize(("default", "read", "edit"), [("none", 403, 403), ("read", 200, 403), ("edit", 200, 200)])
def test_the_default_permission_holds_where_nothing_was_granted(
    guard: Any, basic: Any, people: Store, default: str, read: int, edit: int
) -> None:
    server = guard(default_permission=default)
    run_id = people.create_run("0").run_id
    tag = {"run_id": run_id, "key": "a", "value": "b"}
    assert server.ask("GET", "runs/get", {"run_id": run_id}, headers=basic("ben"))[0] == read
    assert server.ask("POST", "runs/set-tag", tag, headers=basic("ben"))[0] == edit
    assert server.ask("POST", "experiments/delete", {"experiment_id": "0"}, headers=basic("ben"))[0] == 403


def test_denials_and_deletions_stand_in_the_ledger(ask: Ask, people: Store, run_id: str) -> None:
    ask("ben", "GET", "runs/get", run_id=run_id)
    ask("ann", "POST", "runs/delete", run_id=run_id)
    newest = [(entry.actor, entry.action, entry.object) for entry in people.access.entries(20).items]
    assert ("ben", "denied", "GET runs/get") in newest
    assert ("ann", "delete", "POST runs/delete") in newest
    assert people.access.verify().broken is None


def test_what_is_made_is_not_kept_if_its_maker_cannot_get_the_right_to_it(
    ask: Ask, people: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(ledger, "append", broken)
    assert ask("ann", "POST", "experiments/create", name="anns")[0] == 503
    assert people.experiment_named("anns") is None


def test_what_is_refused_leaves_nothing_behind(ask: Ask, people: Store, run_id: str) -> None:
    ask("ben", "POST", "runs/log-batch", run_id=run_id, params=[{"key": "a", "value": "1"}])
    assert people.get_run(run_id).params == {}


def test_a_point_about_a_model_that_one_may_not_edit_is_refused_whole(ask: Ask, people: Store, anns: str) -> None:
    model = ask("ann", "POST", "logged-models", experiment_id=anns, name="m")[1]["model"]["info"]["model_id"]
    bens = ask("ben", "POST", "experiments/create", name="bens")[1]["experiment_id"]
    own = ask("ben", "POST", "runs/create", experiment_id=bens)[1]["run"]["info"]["run_id"]
    point = {"key": "auc", "value": 1, "timestamp": 1}
    both = [point, point | {"model_id": model}]
    for level, status in ((None, 403), ("read", 403), ("edit", 200)):
        if level is not None:
            people.access.permit("user", "ben", anns, level, "test")  # type: ignore[arg-type]  # a level
        for path, fields in (("runs/log-metric", point | {"model_id": model}), ("runs/log-batch", {"metrics": both})):
            assert ask("ben", "POST", path, run_id=own, **fields)[0] == status, (path, level)
        assert (people.get_run(own).metrics == {}) == (status == 403)
        assert (people.models.get(model).metrics == ()) == (status == 403)
    missing = point | {"model_id": f"m-{'0' * 32}"}
    assert ask("ben", "POST", "runs/log-metric", run_id=own, **missing)[0] == 404


def test_nobody_registers_anothers_files_as_a_model_of_theirs(guarded: Any, basic: Any, people: Store) -> None:
    theirs = people.create_experiment("theirs")
    run_id, model_id = people.create_run(theirs).run_id, people.models.create(theirs).model_id
    people.registry.create_model("shared")
    people.registry.create_version("shared", f"runs:/{run_id}/model")
    assert guarded.ask("POST", "registered-models/create", {"name": "bens"}, headers=basic("ben"))[0] == 200
    for start, end in product(["", " ", "\t", "\n", "\x01", "\x7f", "\u00a0"], ["", " ", "\t", "?x", "#x", "//"]):
        for source in (f"runs:/{run_id}/model", f"runs:/{run_id}", f"models:/{model_id}", "models:/shared/1"):
            asked = {"name": "bens", "source": f"{start}{source}{end}"}
            status, reply = guarded.ask("POST", "model-versions/create", asked, headers=basic("ben"))
            assert status != 500, reply
    places = [version.storage for version in people.registry.search_versions("name = 'bens'").items]
    assert [place for place in places if place.startswith("mlflow-artifacts:")] == []  # runs of that name are elsewhere


def test_a_page_of_another_server_cannot_write(guarded: Any, basic: Any) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        status, reply = guarded.ask("POST", "experiments/create", {"name": "x"}, headers=basic("ann") | headers)
        assert (status, reply["error_code"]) == (403, "PERMISSION_DENIED")
    own = basic("ann") | {"Origin": guarded.url, "Sec-Fetch-Site": "same-origin"}
    assert guarded.ask("POST", "experiments/create", {"name": "x"}, headers=own)[0] == 200
