"""Files of standards become data sets that suites can name; no id of a learner reaches the disk."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from attain.cli.data import app
from attain.core.errors import UserError
from attain.data.load import load

DAY = 86_400


@pytest.fixture(autouse=True)
def own_places(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTAIN_DATA", "")


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def statements(path: Path) -> Path:
    one = {
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
        "result": {"success": True},
        "timestamp": "2026-03-01T10:30:00Z",
    }
    lines = [
        json.dumps(one | {"actor": {"mbox": f"mailto:u{i}@s.edu"}, "object": {"id": f"i{i % 3}"}}) for i in range(12)
    ]
    path.write_text("\n".join([*lines[:5], "{broken", *lines[5:]]))
    return path


def test_statements_become_a_data_set_of_answers(home: Path) -> None:
    said = run("import", "lrs", str(statements(home / "a.jsonl")), "--from", "xapi")
    assert "Wrote datasets/lrs/card.yaml" in said
    assert "13 records of xAPI statements: 12 answers." in said
    assert "is not JSON" in said
    log = load("lrs").log
    assert (len(log), len(log.learners), len(log.items)) == (12, 12, 3)
    kept = [path.read_text() for path in home.rglob("*") if path.is_file() and path.suffix in (".csv", ".yaml")]
    assert len(kept) == 2
    assert not any("s.edu" in text for text in kept)


def test_what_was_skipped_is_there_for_machines(home: Path) -> None:
    facts = json.loads(run("import", "lrs", str(statements(home / "a.jsonl")), "--from", "xapi", "--json"))
    assert facts == {
        "name": "lrs",
        "records": 13,
        "answers": 12,
        "skipped": {"is not JSON": {"count": 1, "lines": [6]}},
    }


def test_a_log_of_moodle_becomes_enrolments_with_activity(home: Path) -> None:
    rows = [f"mod_quiz,{user},3,{DAY * day}" for user in range(2, 30) for day in range(0, 10 + 4 * user, 2)]
    (home / "log.csv").write_text("component,userid,courseid,timecreated\n" + "\n".join(rows))
    run("import", "moodle_log", str(home / "log.csv"), "--from", "moodle")
    log = load("moodle_log", {"as_of": 21, "horizon": 21}).log
    assert 0 < log.outcome.sum() < len(log)
    assert log.activity is not None
    assert log.activity.kinds.tolist() == ["mod_quiz"]
    assert log.activity.day.max() <= 21


def test_a_roster_becomes_enrolments_with_cohorts(home: Path) -> None:
    from tests.data.standards.test_oneroster import zipped

    run("import", "roster", str(zipped(home / "a.zip")), "--from", "oneroster")
    left = load("roster", {"as_of": 28, "horizon": 28})
    assert sorted(left.log.outcome.tolist()) == [0, 1]
    assert left.cohorts is not None
    assert sorted(left.cohorts["sex"]) == ["female", "male"]
    low = load("roster", {"as_of": 28, "outcome": "low_result"}).log
    assert sorted(low.outcome.tolist()) == [0, 1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--from", "scorm"], "Unknown standard 'scorm'"),
        (["--from", "caliper", "--skills-from", "parent"], "--skills-from is for --from xapi"),
        (["--from", "xapi", "--skills-from", "verb"], "Unknown place of skills 'verb'"),
        (["--from", "xapi", "--time-format", "%d"], "--time-format is for --from moodle"),
        (["--time-format", "%d"], "go with --from"),
    ],
)
def test_a_half_question_is_refused(home: Path, words: list[str], sentence: str) -> None:
    error = CliRunner().invoke(app, ["import", "lrs", str(statements(home / "a.jsonl")), *words]).exception
    assert isinstance(error, UserError)
    assert sentence in str(error)


def test_a_file_without_answers_leaves_nothing_behind(home: Path) -> None:
    (home / "a.jsonl").write_text('{"id": "x"}\n')
    error = CliRunner().invoke(app, ["import", "lrs", str(home / "a.jsonl"), "--from", "xapi"]).exception
    assert isinstance(error, UserError)
    assert "no answer is left of 1 records (its verb is missing: 1)" in str(error)
    assert not (home / "datasets").exists()
