"""The audit as a page: what an administrator reads of it, and what it never gives away."""

import csv
import io
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pandas as pd
import pytest
from sqlalchemy import update

from attain.audit.counted import counted
from attain.audit.kept import Made
from attain.audit.overrides import DECIDED
from attain.audit.policy import Policy, PolicyFile
from attain.suite.audits import Asked, make_audit
from attain.testing.audits import at_risk_run, at_risk_table, keep_run
from attain.testing.small_enrolments import small_enrolments
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.sql import tables as t
from attain.tracking.sql.engine import writing
from attain.tracking.sql.store import Store

HOSTILE = "<script>alert(1)</script>\"'=HYPERLINK(1)"
POLICY = Policy(
    replicates=100,
    institution=f"College {HOSTILE}",
    decided_by=f"the board {HOSTILE}",
    purpose=f"a call {HOSTILE}",
    outcome={"had": "left", "had_not": f"stayed {HOSTILE[:20]}"},
)


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Run:
    return at_risk_run(store, tmp_path, bias=1.5)


@pytest.fixture
def made(store: Store, run: Run) -> Made:
    return make_audit(store, Asked(run, PolicyFile(POLICY), by=("gender", "age")), f"ada {HOSTILE}")


def page(server: Any, path: str, status: int = 200) -> str:
    got, body = server.raw("GET", path)
    assert got == status, body.decode()
    return str(body.decode())


def facts(server: Any, path: str) -> dict[str, Any]:
    status, found = server.ask("GET", path)
    assert status == 200, found
    return dict(found)


def test_where_there_is_no_audit_the_page_says_how_one_is_made(server: Any) -> None:
    assert "attain audit RUN --by gender" in page(server, "/audits")
    assert facts(server, "/audits.json")["rows"] == []
    assert "There is no audit &#39;abcd&#39;" in page(server, "/audits/abcd", 404)
    assert "is not the id of an audit" in page(server, "/audits/nothing", 400)


def test_the_list_has_the_newest_first_and_who_signed(server: Any, store: Store, run: Run, made: Made) -> None:
    second = make_audit(store, Asked(run, PolicyFile(POLICY), by=("gender",)), "bea")
    details = {"audit": made.id, "run": run.run_id, "because": "read", "experiment": run.experiment_id}
    store.access.record("the Dean", "audit.sign", f"audit {made.id}", details)
    rows = facts(server, "/audits.json")["rows"]
    assert [(row["audit"], row["newest"]) for row in rows] == [(second.id, True), (made.id, False)]
    assert rows[0]["signed"] == []
    assert rows[1]["signed"][0].startswith("the Dean, ")
    assert "a newer one of this run" in page(server, "/audits")
    assert "newer audit of this run" in page(server, f"/audits/{made.id}")
    assert "newer audit of this run" not in page(server, f"/audits/{second.id}")


def test_a_models_page_leads_to_the_audit_of_the_run_whose_fold_was_registered(
    server: Any, store: Store, run: Run, made: Made
) -> None:
    fold = store.create_run(run.experiment_id, "fold 0", parent_run_id=run.run_id).run_id
    store.registry.create_model("dropout")
    store.registry.create_version("dropout", f"runs:/{fold}/model", run_id=fold, tags={"attain.run": run.run_id})
    store.registry.create_version("dropout", f"runs:/{fold}/model", run_id=fold)
    unknown, known = facts(server, "/models/dropout.json")["versions"]
    assert (known["run_id"], known["audit"]) == (run.run_id, made.id)
    assert (unknown["run_id"], unknown["audit"]) == (fold, "")
    shown = page(server, "/models/dropout")
    assert f'href="/audits/{made.id}"' in shown
    assert "no audit" in shown


def test_the_plain_counts_of_the_record_come_first(server: Any, made: Made) -> None:
    found = facts(server, f"/audits/{made.id}.json")
    flags, population = made.record["results"]["flags"], made.record["results"]["population"]
    rates = made.record["results"]["tables"][0]["cohorts"][0]["rates"]
    assert found["cards"][0]["count"] == f"{flags['flagged']:,} of {population['rows']:,}"
    for card, name in zip(
        found["cards"][1:], ("false_discovery_rate", "false_positive_rate", "false_negative_rate"), strict=True
    ):
        assert card["count"] == f"{rates[name]['count']:,} of {rates[name]['n']:,}"
        assert card["of_100"] == round(100 * rates[name]["value"])
    shown = page(server, f"/audits/{made.id}")
    places = [
        shown.index(words) for words in (found["cards"][1]["count"], "Before you act", "By cohort", "We can help")
    ]
    assert places == sorted(places)


def test_each_cohort_has_its_n_and_interval_for_the_rate_that_the_address_names(server: Any, made: Made) -> None:
    tables = {" and ".join(one["attributes"]): one for one in made.record["results"]["tables"][1:]}
    for rate in ("false_discovery_rate", "false_positive_rate"):
        found = facts(server, f"/audits/{made.id}.json?rate={rate}")
        charts = {one["title"].removeprefix("By "): one for one in found["cohorts"]}
        assert {*charts, *found["not_drawn"]} == tables.keys()
        assert len({tuple(one["ends"]) for one in charts.values()}) == 1, "on one axis"
        for name, chart in charts.items():
            for dot, cohort in zip(chart["dots"], tables[name]["cohorts"], strict=True):
                assert dot["name"] == cohort["values"][name]
                same_dot(dot, cohort["rates"][rate])


def same_dot(dot: dict[str, Any], rate: dict[str, Any]) -> None:
    if rate["value"] is None:
        assert (dot["value"], dot["without"] != "not known") == (None, True)
        return
    assert dot["n"] == rate["n"]
    for end in ("value", "low", "high"):
        assert dot[end] == pytest.approx(100 * rate[end], abs=0.06)


def test_no_capacity_gives_counts_that_the_record_does_not_show(server: Any, made: Made) -> None:
    """Two neighbouring capacities would tell of the one learner between them."""
    points = [(one.flagged, one.found, one.in_vain, one.missed) for one in counted(made.record)]
    assert all(b[0] - a[0] >= 10 for a, b in pairwise(points))
    flagged = [one[0] for one in points]
    for asked in (1, flagged[0], flagged[3] - 1, flagged[3], flagged[3] + 1, 10**8):
        found = facts(server, f"/audits/{made.id}.json?capacity={asked}")["places"]
        shown = tuple(found["shown"][name] for name in ("flagged", "found", "in_vain", "missed"))
        assert shown in points
        assert shown[0] == max((size for size in flagged if size <= asked), default=flagged[0])
        assert f"{shown[1]:,} of them left" in found["said"]


@pytest.mark.parametrize("typed", ["many", "-3", "0", "2.5", "9" * 5000, "²", "<script>alert(1)</script>"])
def test_what_is_no_number_is_kept_and_said_to_be_none(server: Any, made: Made, typed: str) -> None:
    shown = page(server, f"/audits/{made.id}?{urlencode({'capacity': typed})}")
    assert "is no number of learners; give a whole one" in shown
    assert "<script>alert" not in shown
    assert typed in facts(server, f"/audits/{made.id}.json?{urlencode({'capacity': typed})}")["typed"]


def test_scores_are_drawn_against_what_came(server: Any, made: Made) -> None:
    found = facts(server, f"/audits/{made.id}.json")
    groups = [one["between"] for one in made.record["results"]["curve"]]
    assert sorted(one["n"] for one in found["calibration"]["bins"]) == sorted(one["n"] for one in groups)
    assert all(one["n"] >= 10 for one in found["calibration"]["bins"])
    assert found["line"]["rows"][0][0] == "all"


def decide(store: Store, run: Run, made: Made, first: int, count: int, decision: str) -> None:
    for number in range(first, first + count):
        details = {
            "audit": made.id,
            "run": run.run_id,
            "experiment": run.experiment_id,
            "enrolment": number,
            "flagged": True,
            "decision": decision,
            "because": f"has a tutor {HOSTILE}" if number % 12 else f"secret {number}",
        }
        store.access.record(f"cy {HOSTILE}", DECIDED, f"audit {made.id}", details)


def test_decisions_are_counted_in_steps_and_point_at_nobody(server: Any, store: Store, run: Run, made: Made) -> None:
    address = f"/audits/{made.id}.json"
    assert "No advisor" in facts(server, address)["decided"]["said"]
    decide(store, run, made, 0, 9, "support")
    few = facts(server, address)["decided"]
    assert few["said"].startswith("A few decisions")
    assert (few["rows"], few["by"], few["reasons"]) == ([], [], [])
    decide(store, run, made, 9, 6, "support")
    assert facts(server, address)["decided"]["rows"][0] == ["flagged, and given support", 10, 0, 0]
    decide(store, run, made, 20, 15, "no_support")
    all_of_them = facts(server, address)["decided"]
    assert [row[1] for row in all_of_them["rows"]] == [15, 15, 0, 0]
    assert all_of_them["by"] == [f"cy {HOSTILE}"]
    assert all_of_them["reasons"] == [f"has a tutor {HOSTILE}"]
    shown = page(server, f"/audits/{made.id}")
    assert "secret" not in shown
    assert "&lt;script&gt;" in shown
    assert "<script>alert" not in shown


def test_no_learner_is_on_any_page_of_an_audit(server: Any, store: Store, run: Run, made: Made) -> None:
    with artifacts.open_artifact(store, run.run_id, "predictions.parquet") as stream:
        names = set(pd.read_parquet(stream)["unit"].astype(str))
    for path in (f"/audits/{made.id}", f"/audits/{made.id}.json", f"/audits/{made.id}.csv", "/audits"):
        assert not [name for name in names if len(name) > 3 and name in page(server, path)]


def test_csv_has_each_rate_of_each_cohort_and_no_formula(server: Any, made: Made) -> None:
    rows = list(csv.DictReader(io.StringIO(page(server, f"/audits/{made.id}.csv"))))
    tables = made.record["results"]["tables"]
    assert len(rows) == sum(len(cohort["rates"]) for table in tables for cohort in table["cohorts"])
    first = tables[0]["cohorts"][0]["rates"]["false_positive_rate"]
    (own,) = [row for row in rows if (row["cohort"], row["rate"]) == ("all", "false_positive_rate")]
    assert (int(own["count"]), int(own["n"]), float(own["value"])) == (first["count"], first["n"], first["value"])
    text = page(server, "/audits.csv")
    assert not any(cell.startswith(("=", "+", "@")) for row in csv.reader(io.StringIO(text)) for cell in row)


def test_nothing_that_somebody_typed_is_run(server: Any, made: Made) -> None:
    for path in ("/audits", f"/audits/{made.id}"):
        shown = page(server, path)
        assert "<script>alert" not in shown
        assert "&lt;script&gt;alert(1)" in shown, f"{path} shows who made it"


def test_the_page_says_that_the_seal_was_checked_and_how_to_check_more(server: Any, made: Made) -> None:
    shown = page(server, f"/audits/{made.id}")
    assert "The ledger&#39;s chain is verified" in shown.replace("'", "&#39;")
    assert f"attain audit verify {made.id}" in shown
    assert "CHANGED" not in shown
    assert "CHANGED" not in page(server, "/audits")


def test_a_ledger_that_was_changed_is_said_in_a_banner(server: Any, store: Store, made: Made) -> None:
    with writing(store._engine) as c:
        c.execute(update(t.ledger).where(t.ledger.c.seq == 1).values(actor="somebody else"))
    for path in ("/audits", f"/audits/{made.id}"):
        shown = page(server, path)
        assert "CHANGED: the ledger is broken at row 1" in shown
        assert 'role="alert"' in shown
        assert "chain is verified" not in shown
    assert facts(server, f"/audits/{made.id}.json")["changed"] is True


def test_an_audit_that_is_not_as_it_was_sealed_is_not_shown(server: Any, store: Store, run: Run, made: Made) -> None:
    path = f"audit/{made.id}.json"
    store.remove_artifacts(run.run_id, path)
    artifacts.log_bytes(store, run.run_id, made.json.replace(b"the board", b"the pope!"), path)
    shown = page(server, f"/audits/{made.id}", 400)
    assert "is not as it was sealed in the ledger: something was changed" in shown
    assert "of 100" not in shown


def test_an_audit_without_cohorts_names_the_command_that_has_some(server: Any, store: Store) -> None:
    frame, _ = at_risk_table(small_enrolments(0, learners=900))
    made = make_audit(store, Asked(keep_run(store, frame), PolicyFile(POLICY)), "ada")
    shown = page(server, f"/audits/{made.id}?rate=nothing")
    assert "No cohorts were given" in shown
    assert f"attain audit {made.record['inputs']['run_id'][:8]} --by gender" in shown
    assert "We can help" in shown


def test_counts_are_rounded_where_the_policy_rounds_them(server: Any, store: Store, run: Run) -> None:
    policy = PolicyFile(POLICY.model_copy(update={"rounding": "nearest_5"}))
    made = make_audit(store, Asked(run, policy, by=("gender",)), "ada")
    found = facts(server, f"/audits/{made.id}.json")
    counts = [int(n.replace(",", "")) for card in found["cards"] for n in card["count"].split(" of ")]
    counts += [found["places"]["shown"][name] for name in ("flagged", "found", "in_vain", "missed")]
    assert {count % 5 for count in counts} == {0}


def test_an_audit_of_few_people_hides_its_counts(server: Any, store: Store, run: Run) -> None:
    policy = PolicyFile(POLICY.model_copy(update={"smallest": 400}))
    made = make_audit(store, Asked(run, policy, by=("gender",)), "ada")
    found = facts(server, f"/audits/{made.id}.json?capacity=50")
    assert found["places"]["shown"] is None
    assert found["calibration"] is None
    assert [card["count"] for card in found["cards"][1:]].count("not shown") >= 1
    shown = page(server, f"/audits/{made.id}?capacity=50")
    assert "Nothing of this can be shown by gender" in shown
