"""Deletions stand in the ledger, or are not done."""

from typing import Any

import pytest

from attain.tracking.artifacts import log_bytes
from attain.tracking.errors import Unavailable
from attain.tracking.sql import ledger

FILES = "/api/2.0/mlflow-artifacts/artifacts"


def test_deletions_stand_in_the_ledger_where_access_is_not_controlled_too(server: Any) -> None:
    run_id = server.run()
    log_bytes(server.store, run_id, b"x", "a")
    model = server.post("logged-models", experiment_id="0", name="m")["model"]["info"]["model_id"]
    server.ask("DELETE", f"{FILES}/0/{run_id}/artifacts/a")
    server.ask("DELETE", f"logged-models/{model}")
    server.post("runs/delete", run_id=run_id)
    server.refused("runs/delete", run_id="0" * 32)
    entries = server.store.access.entries().items
    assert [(one.actor, one.action, one.object) for one in reversed(entries)] == [
        ("anonymous", "delete", "DELETE mlflow-artifacts/artifacts/{path}"),
        ("anonymous", "delete", "DELETE logged-models/{model_id}"),
        ("anonymous", "delete", "POST runs/delete"),
    ]
    assert run_id in entries[0].details
    assert f"{run_id}/artifacts/a" in entries[2].details
    assert server.store.access.verify().broken is None


class Everybody:
    """Access control that knows everybody as ada."""

    routes = ()

    def check(self, request: Any, route: Any, call: Any) -> str:
        return "ada"

    def after(self, route: Any, call: Any, reply: Any) -> Any:
        return reply


@pytest.mark.parametrize("access", [None, Everybody()])
def test_what_cannot_be_written_in_the_ledger_is_not_deleted(
    serve: Any, access: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(access=access)
    run_id = server.run()
    log_bytes(server.store, run_id, b"x", "a")

    def broken(*_: object) -> None:
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(ledger, "append", broken)
    assert server.ask("DELETE", f"{FILES}/0/{run_id}/artifacts/a")[0] == 503
    assert server.ask("POST", "runs/delete", {"run_id": run_id})[0] == 503
    assert [file.path for file in server.store.artifacts_under(run_id)] == ["a"]
    assert server.store.get_run(run_id).lifecycle_stage == "active"
