import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attain.testing.audits import at_risk_run, at_risk_table, keep_run
from attain.testing.small_enrolments import small_enrolments
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.store import open_database

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import

POLICY = "replicates: 100\noutcome: {had: left, had_not: stayed}\ndecided_by: the Dean\n"


@pytest.fixture
def run(home: Path) -> Run:
    (home / "ours.yaml").write_text(POLICY)
    return at_risk_run(open_database(), home / ".attain" / "cache", bias=1.5)


def made(attain: Attain, run: Run, *more: str) -> dict:
    said = attain("audit", run.run_id[:8], "--policy", "ours.yaml", "--json", *more)
    assert said.status == 0, said.err
    return json.loads(said.out)


def test_an_audit_is_told_kept_and_written_to_a_folder(attain: Attain, run: Run) -> None:
    said = attain("audit", run.run_id[:8], "--policy", "ours.yaml", "--by", "gender,age", "--out", "out")
    assert said.status == 0, said.err
    assert "Of 100 people who are flagged" in said.out
    assert "Of 100 people who stayed" in said.out
    record = json.loads(next(Path("out").glob("*.json")).read_bytes())
    page = next(Path("out").glob("*.html")).read_bytes()
    store = open_database()
    assert artifacts.read_bytes(store, run.run_id, f"audit/{record['id']}.html") == page
    assert record["inputs"]["by"] == ["gender", "age"]
    assert record["policy"]["decided_by"] == "the Dean"
    newest = store.access.entries(1).items[0]
    assert (newest.action, newest.object) == ("audit.make", f"audit {record['id']}")
    (line,) = [line for line in attain("audit", "list").out.splitlines() if record["id"] in line]
    assert record["made"]["at"][:10] in line
    assert record["card"]["model"] in line


def test_refits_are_asked_for_by_the_policy_or_an_option(attain: Attain, run: Run) -> None:
    asked = [made(attain, run, "--by", "gender", *option)["policy"]["stability"] for option in ([], ["--stability"])]
    assert asked == [False, True]


def test_every_number_is_computed_again(attain: Attain, run: Run) -> None:
    record = made(attain, run)
    said = attain("audit", "verify", record["id"][:6])
    assert said.status == 0, said.out
    assert "values came out the same" in said.out
    assert "CHANGED" not in said.out
    assert "not checked" not in said.out


@pytest.mark.parametrize(
    ("path", "what"),
    [("audit/{id}.json", "record's file"), ("audit/{id}.html", "page's file"), ("predictions.parquet", "predictions")],
)
@pytest.mark.parametrize("place", [0, 0.5, -1])
def test_one_changed_byte_of_what_is_kept_is_noticed(
    attain: Attain, run: Run, path: str, what: str, place: float
) -> None:
    record = made(attain, run, "--by", "gender")
    store = open_database()
    sha = store.artifact(run.run_id, path.format(id=record["id"])).sha256
    (blob,) = [file for file in Path(".attain/artifacts/blobs").rglob("*") if file.name.endswith(str(sha)[2:])]
    content = bytearray(blob.read_bytes())
    content[-1 if place == -1 else int(place * len(content))] ^= 1
    blob.chmod(0o644)
    blob.write_bytes(content)
    said = attain("audit", "verify", record["id"])
    assert said.status == 1
    assert any(line.startswith(what) and "CHANGED" in line for line in said.out.splitlines()), said.out


@pytest.mark.parametrize("column", ["details", "actor", "hash", "time"])
def test_one_changed_value_of_the_ledger_is_noticed(attain: Attain, run: Run, column: str) -> None:
    record = made(attain, run, "--by", "gender")
    attain("audit", "decide", record["id"], "--learner", _learner(run), "--decision", "support", "--because", "calls")
    with sqlite3.connect(".attain/attain.db") as database:
        change = "time + 1" if column == "time" else f"'#' || {column}"
        database.execute(f"UPDATE ledger SET {column} = {change} WHERE seq = 1")
    said = attain("audit", "verify", record["id"])
    assert said.status == 1
    assert "broken at row 1" in said.out


def test_a_swapped_audit_with_a_right_hash_of_its_own_is_noticed(attain: Attain, run: Run) -> None:
    """Whoever may write to the store puts another record in its place; the ledger has the hash of the first."""
    record = made(attain, run, "--by", "gender")
    forged = json.dumps(record).replace("the Dean", "the Pope").encode()
    store = open_database()
    path = f"audit/{record['id']}.json"
    store.remove_artifacts(run.run_id, path)
    artifacts.log_bytes(store, run.run_id, forged, path)
    said = attain("audit", "verify", record["id"])
    assert said.status == 1
    assert "record's file" in said.out


def _learner(run: Run) -> str:
    with artifacts.open_artifact(open_database(), run.run_id, "predictions.parquet") as stream:
        frame = pd.read_parquet(stream)
    once = ~frame["unit"].duplicated(keep=False)
    return str(frame.loc[once].sort_values("score")["unit"].iloc[0])


def test_a_decision_stands_in_the_ledger_and_the_next_audit_tells_of_it(attain: Attain, run: Run) -> None:
    first = made(attain, run, "--by", "gender")
    assert first["overrides"]["decisions"] == 0
    said = attain(
        "audit", "decide", first["id"], "--learner", _learner(run), "--decision", "support", "--because", "asked for it"
    )
    assert said.status == 0, said.err
    assert "not flagged; the decision goes against that" in said.out
    assert attain("audit", "decide", first["id"], "--learner", _learner(run), "--outcome", "no").status == 0
    second = made(attain, run, "--by", "gender")
    assert second["overrides"] == {"decisions": None, "hidden": True}, "one decision is that of a person"
    assert attain("audit", "verify", second["id"]).status == 0
    assert attain("audit", "verify", first["id"]).status == 0, "what came later does not touch it"


def test_a_signature_stands_in_the_ledger_and_on_the_page_of_the_next_audit(attain: Attain, run: Run) -> None:
    first = made(attain, run, "--by", "gender")
    assert first["signed"] == []
    because = "I read it <b>twice</b>"
    said = attain("audit", "sign", first["id"][:6], "--because", because, "--as", "Ada, Dean")
    assert said.status == 0, said.err
    (listed,) = json.loads(attain("audit", "list", "--json").out)
    assert listed["signed"][0]["by"].startswith("Ada, Dean (by ")
    assert "Ada, Dean" in attain("audit", "list").out
    second = made(attain, run, "--by", "gender")
    assert second["signed"] == listed["signed"]
    assert second["signed"][0]["because"] == because
    page = artifacts.read_bytes(open_database(), run.run_id, f"audit/{second['id']}.html").decode()
    assert f"Audit {first['id']} (run {run.run_id[:8]}) was signed by Ada, Dean" in page
    assert "I read it &lt;b&gt;twice&lt;/b&gt;" in page
    for audit in (first, second):
        verified = attain("audit", "verify", audit["id"])
        assert verified.status == 0, verified.out
        assert "signatures" in verified.out


def test_a_shown_audit_is_the_kept_one_and_the_ledger_knows_who_saw_it(attain: Attain, run: Run) -> None:
    record = made(attain, run, "--by", "gender")
    said = attain("audit", "show", record["id"][:6], "--out", "again")
    assert said.status == 0, said.err
    assert "Of 100 people who are flagged" in said.out
    store = open_database()
    kept = artifacts.read_bytes(store, run.run_id, f"audit/{record['id']}.html")
    assert Path(f"again/{record['id']}.html").read_bytes() == kept
    newest = store.access.entries(1).items[0]
    assert (newest.action, newest.object) == ("audit.view", f"audit {record['id']}")
    assert "(command line)" in newest.actor
    assert json.loads(newest.details)["run"] == run.run_id
    assert json.loads(attain("audit", "show", record["id"], "--json").out) == record


def test_nobody_signs_without_a_reason_or_what_was_changed(attain: Attain, run: Run) -> None:
    record = made(attain, run, "--by", "gender")
    assert "A signature needs its reason" in attain("audit", "sign", record["id"]).err
    store = open_database()
    path = f"audit/{record['id']}.json"
    store.remove_artifacts(run.run_id, path)
    artifacts.log_bytes(store, run.run_id, json.dumps(record).encode(), path)
    for said in (attain("audit", "sign", record["id"], "--because", "read"), attain("audit", "show", record["id"])):
        assert said.status == 2
        assert "is not as it was sealed" in said.err
    assert store.access.entries(1).items[0].action == "audit.make"


def test_decisions_without_a_reason_or_a_learner_are_refused(attain: Attain, run: Run) -> None:
    record = made(attain, run, "--by", "gender")
    decide = ("audit", "decide", record["id"], "--learner")
    assert "A decision needs its reason" in attain(*decide, _learner(run), "--decision", "support").err
    assert "Nothing is said" in attain(*decide, _learner(run)).err
    assert "no learner 'nobody'" in attain(*decide, "nobody", "--outcome", "yes").err
    assert "has no audit 'abcd'" in attain("audit", "decide", "abcd", "--learner", "x", "--outcome", "yes").err


def test_a_past_run_is_audited_by_a_new_file_of_cohorts(attain: Attain, run: Run, home: Path) -> None:
    names = [f"learner-{i}" for i in range(900)]
    rows = [f"{name},{'yes' if i % 3 else 'no'}" for i, name in enumerate(names)]
    (home / "bursary.csv").write_text("\n".join(["learner,bursary", *rows, rows[0], "stranger,yes"]))
    record = made(attain, run, "--by", "bursary,gender", "--cohorts", "bursary.csv")
    assert [table["attributes"] for table in record["results"]["tables"]] == [[], ["bursary"], ["gender"]]
    remarks = " ".join(record["inputs"]["cohorts"]["remarks"])
    assert "1 rows say again" in remarks
    assert "not in the predictions" in remarks
    assert attain("audit", "verify", record["id"], "--cohorts", "bursary.csv").status == 0
    without = attain("audit", "verify", record["id"])
    assert without.status == 1
    assert "give them by --cohorts FILE" in without.out


def test_learners_that_a_file_of_cohorts_lacks_stand_as_unknown(attain: Attain, run: Run, home: Path) -> None:
    rows = [f"learner-{i},{'yes' if i % 2 else 'no'}" for i in range(600)]
    (home / "half.csv").write_text("\n".join(["learner,bursary", *rows]))
    record = made(attain, run, "--by", "bursary", "--cohorts", "half.csv")
    levels = [cohort["values"]["bursary"] for cohort in record["results"]["tables"][1]["cohorts"]]
    assert levels == ["(unknown)", "no", "yes"]
    assert record["results"]["joined"]["unknown_in"] == ["bursary"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "learner,x\nlearner-1,a\nlearner-1,b\n",
            "1 learners are in several rows that differ, the first in rows 2 and 3",
        ),
        ("student,x\nlearner-1,a\n", r"half.csv:1: expected a column 'learner'"),
        ("learner,x\nnobody,a\n", "none of its 1 learners is in the predictions"),
        ("learner,x\nlearner-1\n", "row 2 has 1 values, and the head line 2"),
        ("learner,x\n,a\n", "row 2 names no learner"),
        ("learner,x\n", "has no learner"),
        ("", "has no learner"),
    ],
)
def test_a_bad_file_of_cohorts_is_one_sentence(attain: Attain, run: Run, home: Path, text: str, said: str) -> None:
    (home / "half.csv").write_text(text)
    found = attain("audit", run.run_id, "--by", "x", "--cohorts", "half.csv")
    assert found.status == 2
    assert said in found.err


def test_an_unknown_metric_is_told_with_file_and_line(attain: Attain, run: Run, home: Path) -> None:
    (home / "bad.yaml").write_text("institution: x\nmetrics:\n  - recal\n")
    said = attain("audit", run.run_id, "--policy", "bad.yaml")
    assert said.status == 2
    assert "bad.yaml:3: metrics.0: Unknown metric 'recal'. Did you mean 'recall'" in said.err
    assert "Unknown cohort attribute 'gendr'" in attain("audit", run.run_id, "--by", "gendr").err


def test_a_run_without_predictions_and_a_server_are_refused(attain: Attain, run: Run) -> None:
    store = open_database()
    empty = store.create_run(run.experiment_id, "empty")
    suite = store.create_run(run.experiment_id, "a suite", tags={"attain.kind": "suite"})
    assert "is the suite 'a suite'; an audit is of one model: none yet" in attain("audit", suite.run_id).err
    assert "keeps no predictions table" in attain("audit", empty.run_id).err
    said = attain("audit", "list", "--store", "http://127.0.0.1:9")
    assert said.status == 2
    assert "Audits are made where the ledger is" in said.err


def test_the_suites_own_baseline_stands_beside(attain: Attain, home: Path) -> None:
    frame, _ = at_risk_table(small_enrolments(learners=900))
    store = open_database()
    suite = keep_run(store, frame, name="suite")
    mine = keep_run(store, frame, name="mine", parent=suite.run_id)
    tags = {"attain__baseline": "true", "attain__label": "course_rate"}
    keep_run(store, frame.assign(score=0.5), name="course_rate", parent=suite.run_id, **tags)
    said = attain("audit", mine.run_id, "--json")
    assert said.status == 0, said.err
    record = json.loads(said.out)
    assert record["results"]["baseline"]["name"] == "the baseline course_rate"
    assert record["results"]["baseline"]["verdict"] == "the audited model finds more"
    assert attain("audit", "verify", record["id"]).status == 0


def test_the_same_model_at_other_cut_offs_stands_beside(attain: Attain, home: Path) -> None:
    frame, _ = at_risk_table(small_enrolments(learners=900))
    store = open_database()
    suite = keep_run(store, frame, name="suite")
    runs = [
        keep_run(store, frame.iloc[: 300 - day].assign(as_of=float(day)), name="mine", parent=suite.run_id)
        for day in (28, 56, 84)
    ]
    for run, day in zip(runs, (28, 56, 84), strict=True):
        store.log_batch(run.run_id, params={"dataset.as_of": str(day)})
    record = json.loads(attain("audit", runs[0].run_id, "--json").out)
    assert [week["as_of"] for week in record["results"]["weeks"]] == [28.0, 56.0, 84.0]
    assert [run_id for run_id, _ in record["inputs"]["weeks"]] == [run.run_id for run in runs[1:]]
    assert attain("audit", "verify", record["id"]).status == 0
