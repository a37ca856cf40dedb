"""Who sees the page of an audit: who may read its run, auditors and admins; and the ledger knows that they did."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.audit.kept import Made
from attain.audit.policy import Policy, PolicyFile
from attain.suite.audits import Asked, make_audit
from attain.testing.audits import at_risk_run
from attain.tracking.sql.store import Store

Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def made(people: Store, tmp_path: Path) -> Made:
    return make_audit(people, Asked(at_risk_run(people, tmp_path), PolicyFile(Policy(replicates=100))), "root")


@pytest.fixture
def see(guarded: Any, basic: Any) -> Ask:
    def seen(name: str, path: str) -> tuple[int, str]:
        status, body = guarded.raw("GET", path, headers=basic(name) if name else {})
        return status, body.decode()

    return seen


def test_an_auditor_sees_every_audit_and_no_run(see: Ask, made: Made) -> None:
    run_id = made.record["inputs"]["run_id"]
    assert made.id in see("otto", "/audits")[1]
    status, page = see("otto", f"/audits/{made.id}")
    assert status == 200
    assert f"/runs/{run_id}" not in page, "no way leads where the auditor may not go"
    assert "get-artifact" not in page
    assert see("otto", f"/audits/{made.id}.csv")[0] == 200
    assert see("otto", f"/runs/{run_id}")[0] == 403


def test_whoever_has_no_right_on_the_run_is_refused(see: Ask, people: Store, made: Made) -> None:
    for kind in ("", ".json", ".csv"):
        status, said = see("ben", f"/audits/{made.id}{kind}")
        assert status == 403
        assert "of 100" not in said
    assert made.id not in see("ben", "/audits")[1]
    experiment = people.get_run(made.record["inputs"]["run_id"]).experiment_id
    people.access.permit("user", "ben", experiment, "read", "test")
    assert made.id in see("ben", "/audits")[1]
    status, page = see("ben", f"/audits/{made.id}")
    assert status == 200
    assert "get-artifact" in page, "who may read the run may read the report"
    assert see("ann", f"/audits/{made.id}")[0] == 403
    assert see("root", f"/audits/{made.id}")[0] == 200


def test_a_stranger_learns_of_no_audit(see: Ask, made: Made) -> None:
    for path in (made.id, "0" * 16, "no id"):
        assert see("", f"/audits/{path.replace(' ', '%20')}")[0] == 303
    assert see("ben", f"/audits/{'0' * 16}")[0] == 404


def test_the_ledger_knows_who_saw_an_audit_once_a_day(see: Ask, people: Store, made: Made) -> None:
    for _ in range(2):
        assert see("otto", f"/audits/{made.id}")[0] == 200
        see("ben", f"/audits/{made.id}")
    views = [one for one in people.access.entries().items if one.action == "audit.view"]
    assert [(one.actor, one.object) for one in views] == [("otto", f"audit {made.id}")]
    assert people.access.verify().broken is None
