"""The data sets that runs read, with their cards, and what hangs on each: for who may read it."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from attain.server.ui.pages import datasets
from attain.server.ui.pages._data import address_of
from attain.tracking import artifacts
from attain.tracking.entities import DatasetInput
from attain.tracking.sql.store import Store

Running = Any  # the class of the conftest above
HOSTILE = "<script>alert(1)</script>\"'=HYPERLINK(1)"
PROFILE = {
    "answers": 1200,
    "learners": 95,
    "options": {"folds": 5, "x": None},
    "changes": {"copies": 3},
    "cohorts": {"gender": {"F": 41_234, "M": 51_234, "X": 3}, "school": {"A": 95}},
}
SPLIT = '{"by": "learner", "folds": 5, "only": null}'


@pytest.fixture(autouse=True)
def _card(home: Path) -> None:
    """A project with one card of its own, beside those that come with attain."""
    folder = home / "datasets" / "mine"
    folder.mkdir(parents=True)
    text = "title: My <b>school</b>\ntasks: [knowledge_tracing]\ndescription: Answers.\n"
    text += "licence: {name: CC0, redistribution: true}\nfaults: [Copies are merged.]\ngenerator: simulate\n"
    (folder / "card.yaml").write_text(text)


def trained(
    store: Store, experiment: str, name: str, at: int, digest: str = "d1", profile: object = PROFILE, **tags: str
) -> str:
    """A run that read a data set, with what a suite says of it."""
    said = {"attain.kind": "model", "attain.dataset": name, "attain.split": SPLIT, "attain.protocol_key": "k" * 16}
    said |= {f"attain.{key}": value for key, value in tags.items()}
    run = store.create_run(experiment, f"bkt · {name}"[:200], said, start_time=at)
    files = json.dumps({"answers.csv": "ab" * 32})
    store.log_inputs(run.run_id, [DatasetInput(name, digest, source=files, profile=json.dumps(profile))])
    return run.run_id


def rows(server: Running, query: str = "") -> dict[str, dict[str, Any]]:
    """The listed data sets by name, in their order."""
    status, found = server.ask("GET", f"/datasets.json?{query}")
    assert status == 200, found
    return {row["name"]: row for row in found["rows"]}


def page_of(server: Running, name: str) -> dict[str, Any]:
    """The facts of a data set's page."""
    path, _, query = address_of(name).partition("?")
    status, found = server.ask("GET", f"{path}.json?{query}")
    assert status == 200, found
    return found  # type: ignore[no-any-return]


def test_data_sets_that_runs_read_come_first_and_cards_after_them(store: Store, server: Running) -> None:
    one, two = store.create_experiment("one"), store.create_experiment("two")
    trained(store, one, "mine", 1000)
    trained(store, two, "mine", 3000, "d2")
    trained(store, two, "mine", 2000, "d2")
    trained(store, one, "other", 4000, "o1")
    found = rows(server)
    assert list(found)[:2] == ["other", "mine"]
    mine = found["mine"]
    assert (mine["what"], mine["licence"], mine["runs"], mine["last"]) == ("My <b>school</b>", "CC0", 3, 3000)
    assert mine["digests"] == ["d2", "d1"]
    assert (found["other"]["what"], found["other"]["address"]) == ("", "/datasets/other")
    assert (found["oulad"]["runs"], found["oulad"]["last"]) == (0, None)
    assert "Open University" in found["oulad"]["what"]


def test_options_behind_a_name_lead_to_the_same_card(store: Store, server: Running) -> None:
    trained(store, store.create_experiment("one"), "mine as_of=28", 1000)
    found = rows(server)
    assert found["mine as_of=28"]["licence"] == "CC0"
    assert "mine" not in found
    assert page_of(server, "mine as_of=28")["card"]["licence"] == "CC0"


def test_suites_and_folds_do_not_count_and_a_tag_alone_does(store: Store, server: Running) -> None:
    experiment = store.create_experiment("one")
    kept = trained(store, experiment, "mine", 1000)
    trained(store, experiment, "mine", 5000, kind="suite")
    tag = {"attain.dataset": "mine"}
    store.create_run(experiment, "fold", tag | {"attain.kind": "fold"}, start_time=6000)
    store.create_run(experiment, "taught", {"attain.dataset": "world", "attain.kind": "policy"}, start_time=6000)
    by_hand = store.create_run(experiment, "by hand", tag, start_time=2000)
    store.delete_run(trained(store, experiment, "mine", 7000))
    found = rows(server)
    assert (found["mine"]["runs"], found["mine"]["last"]) == (2, 2000)
    assert "world" not in found
    assert [one["run_id"] for one in page_of(server, "mine")["lineage"]] == [by_hand.run_id, kept]


def test_a_data_set_says_its_card_fingerprints_counts_and_cohorts(store: Store, server: Running) -> None:
    experiment = store.create_experiment("one")
    trained(store, experiment, "mine", 1000, "d1")
    trained(store, experiment, "mine", 2000, "d2", {"answers": 5})
    found = page_of(server, "mine")
    assert (found["card"]["faults"], found["card"]["handed_on"]) == (["Copies are merged."], True)
    last, first = found["fingerprints"]
    assert (last["digest"], last["counts"], last["use"]["runs"]) == ("d2", [["answers", 5]], 1)
    assert first["counts"] == [["answers", 1200], ["learners", 95]]
    assert first["options"] == [["folds", "5"], ["x", "null"]]
    assert (first["changes"], first["files"]) == ([["copies", 3]], [["answers.csv", "abababababab"]])
    assert "1,200 answers" in server.raw("GET", "/datasets/mine")[1].decode()


def test_cohorts_too_small_are_hidden_whoever_told_their_sizes(store: Store, server: Running) -> None:
    trained(store, store.create_experiment("one"), "mine", 1000)
    gender, school = page_of(server, "mine")["cohorts"]
    assert dict(gender["sizes"]) == {"F": "hidden", "M": "51,234", "X": "<10"}
    assert dict(school["sizes"]) == {"A": "95"}
    for twin in ("", ".json", ".csv"):
        assert "41234" not in server.raw("GET", f"/datasets/mine{twin}")[1].decode().replace(",", "")


def test_from_the_data_one_gets_to_runs_versions_and_audits(store: Store, server: Running) -> None:
    experiment = store.create_experiment("one")
    run = trained(store, experiment, "mine", 1000, data_fingerprint="d1")
    fold = store.create_run(experiment, "fold", {"attain.kind": "fold"}, parent_run_id=run)
    server.post("registered-models/create", name="leavers")
    for made_by in (run, fold.run_id):
        server.post("model-versions/create", name="leavers", source=f"runs:/{made_by}/model", run_id=made_by)
    for path in ("audit/20251120-ab.json", "audit/20251120-ab.html", "audits.json"):
        artifacts.log_bytes(store, run, b"{}", path)
    found = page_of(server, "mine")
    (hanging,) = found["lineage"]
    assert (hanging["digest"], hanging["split"], hanging["experiment"]) == ("d1", "by learner, folds 5", "one")
    assert [(v["name"], v["version"], v["address"]) for v in hanging["versions"]] == [
        ("leavers", 2, "/models/leavers"),
        ("leavers", 1, "/models/leavers"),
    ]
    assert hanging["audits"] == ["20251120-ab"]
    assert found["said"] == "1 fingerprint → 1 split → 1 run → 2 model versions → 1 audit."
    page = server.raw("GET", "/datasets/mine")[1].decode()
    for link in (f"/runs/{run}", "/models/leavers", "/audits/20251120-ab", f"/experiments/{experiment}"):
        assert f'href="{link}"' in page


@pytest.mark.parametrize("name", [HOSTILE, "a/b", "train.csv", "..", "-", "ünïcode ☃", "x.json", "100%?&#"])
def test_any_name_has_its_page_and_runs_nothing(store: Store, server: Running, name: str) -> None:
    experiment = store.create_experiment(f"one {HOSTILE}")
    cohorts = {HOSTILE: {HOSTILE: 40}}
    profile = {HOSTILE: 3, "options": {HOSTILE: HOSTILE}, "changes": {HOSTILE: 1}, "cohorts": cohorts}
    run = trained(store, experiment, name, 1000, HOSTILE, profile, split=HOSTILE)
    assert page_of(server, name)["lineage"][0]["run_id"] == run
    for path in ("/datasets", rows(server)[name]["address"]):
        page = server.raw("GET", path)[1].decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
        head, _, query = path.partition("?")
        found = list(csv.reader(io.StringIO(server.raw("GET", f"{head}.csv?{query}")[1].decode())))
        assert len({len(row) for row in found}) == 1
        assert not any(cell.startswith(("=", "+", "@")) for row in found for cell in row)


@pytest.mark.parametrize(
    "profile", [[1], "x", {"cohorts": [1], "options": 3, "changes": {"a": "b"}}, {"cohorts": {"g": {"F": None}}}, 1e999]
)
def test_what_a_client_wrote_as_it_liked_breaks_no_page(store: Store, server: Running, profile: object) -> None:
    trained(store, store.create_experiment("one"), "mine", 1000, "d1", profile, split="no JSON")
    found = page_of(server, "mine")
    assert (found["fingerprints"][0]["counts"], found["lineage"][0]["split"]) == ([], "no JSON")
    assert server.raw("GET", "/datasets/mine")[0] == 200


def test_a_card_that_is_broken_is_said_and_the_others_stay(home: Path, server: Running) -> None:
    (home / "datasets" / "mine" / "card.yaml").write_text("title: [")
    broken = home / "datasets" / "torn" / "card.yaml"
    broken.parent.mkdir()
    broken.write_text("title: T\ntasks: [flying]\n")
    found = rows(server)
    assert "cannot be read; `attain data show mine`" in found["mine"]["problem"]
    assert "The card of 'torn' is not a valid one: tasks.0" in found["torn"]["problem"]
    assert found["oulad"]["problem"] == ""
    assert "not a valid one" in page_of(server, "torn")["problem"]


def test_without_runs_the_pages_teach_what_fills_them(server: Running) -> None:
    page = server.raw("GET", "/datasets")[1].decode()
    assert "attain run quick" in page
    assert "mine" in page
    assert "attain run quick" in server.raw("GET", "/datasets/mine")[1].decode()


def test_many_data_sets_come_in_parts(store: Store, server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets, "SHOWN", 3)
    experiment = store.create_experiment("one")
    for at in range(7):
        trained(store, experiment, f"set {at}", at)
    assert list(rows(server)) == ["set 6", "set 5", "set 4"]
    assert list(rows(server, "page=2")) == ["set 3", "set 2", "set 1"]
    assert "mine" in {name for page in range(3, 9) for name in rows(server, f"page={page}")}
    for text in ("0", "x", "-1", "9" * 40):
        assert server.raw("GET", f"/datasets?{urlencode({'page': text})}")[0] == 400


def test_what_somebody_may_not_read_is_on_no_page(store: Store, ann_sees: Callable[[str], tuple[int, str]]) -> None:
    secret, known = store.create_experiment("secret"), store.create_experiment("known")
    trained(store, secret, "veiled set", 9000, "veiled1")
    trained(store, secret, "mine", 9000, "veiled2", HOSTILE, split="veiled split")
    run = trained(store, known, "mine", 1000)
    store.registry.create_model("veiled model")
    store.registry.create_version("veiled model", f"runs:/{run}/model", run)
    for path in ("/datasets", "/datasets.json", "/datasets.csv", "/datasets/mine", "/datasets/mine.json"):
        status, page = ann_sees(path)
        assert (status, "veiled" in page, run in page) == (200, False, False), path
    missing, other = ann_sees("/datasets/veiled%20set"), ann_sees("/datasets/no%20set")
    assert missing[0] == other[0] == 404
    assert missing[1].replace("veiled set", "no set") == other[1]
    store.access.permit("user", "ann", known, "read", "root", "experiment")
    status, page = ann_sees("/datasets/mine")
    assert (status, run in page, "veiled" in page) == (200, True, False)
    store.access.permit("user", "ann", "veiled model", "read", "root", "model")
    assert "veiled model version 1" in ann_sees("/datasets/mine")[1]
