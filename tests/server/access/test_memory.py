import time
from typing import Any

import pytest

from attain.server.access import memory
from attain.server.access.memory import SECONDS, Memory
from attain.tracking.sql.store import Store


def test_what_was_found_holds_while_the_ledger_has_no_new_row_and_for_some_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = Memory[str]()
    found.put("key", 3, "ann")
    assert (found.get("key", 3), found.get("key", 4), found.get("other", 3)) == ("ann", None, None)
    later = time.monotonic() + SECONDS
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert found.get("key", 3) is None


def test_it_does_not_grow_without_end_and_keeps_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_MOST", 3)
    found = Memory[str]()
    for number in range(10):
        found.put(found.secret(f"horse {number}"), 1, "ann")
    assert len(found._found) <= 3
    assert not any(b"horse" in key for key in found._found if isinstance(key, bytes))
    assert found.secret("horse") == found.secret("horse") != Memory[str]().secret("horse")


def test_what_is_taken_away_is_gone_with_the_next_request(guarded: Any, people: Store, basic: Any) -> None:
    token = people.access.add_token("ann", "test")
    run_id = people.create_run("0").run_id
    shown = {"Authorization": f"Bearer {token}"}

    def status(headers: dict[str, str]) -> int:
        found: int = guarded.ask("GET", "runs/get", {"run_id": run_id}, headers=headers)[0]
        return found

    people.access.permit("user", "ann", "0", "read", "test")
    assert [status(shown), status(shown), status(basic("ann"))] == [200, 200, 200]
    people.access.forbid("user", "ann", "0", "test")
    assert [status(shown), status(basic("ann"))] == [403, 403]
    people.access.permit("user", "ann", "0", "read", "test")
    assert [status(shown), status(shown)] == [200, 200]
    people.access.revoke_token(token.split("_")[1], "test")
    assert [status(shown), status(basic("ann"))] == [401, 200]
    people.access.remove("user", "ann", "test")
    assert status(basic("ann")) == 401


def test_a_run_that_did_not_exist_is_not_remembered_as_open(guarded: Any, people: Store, basic: Any) -> None:
    run_id = "a" * 32
    assert guarded.ask("GET", "runs/get", {"run_id": run_id}, headers=basic("ann"))[0] == 404
    people.create_run("0", run_id=run_id)
    assert guarded.ask("GET", "runs/get", {"run_id": run_id}, headers=basic("ann"))[0] == 403


def test_a_name_that_passes_to_another_experiment_opens_it_to_nobody(guarded: Any, people: Store, basic: Any) -> None:
    mine, other = people.create_experiment("mine"), people.create_experiment("other")
    people.access.permit("user", "ann", "mine", "read", "test")
    asked = "GET", "experiments/get-by-name", {"experiment_name": "mine"}
    assert guarded.ask(*asked, headers=basic("ann"))[0] == 200
    people.rename_experiment(mine, "old")
    people.rename_experiment(other, "mine")
    assert guarded.ask(*asked, headers=basic("ann"))[0] == 403
