"""A suite that runs when its file changes, from the command line as cron calls it, and as a process that stays."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import

SUITE = """\
suite: mine
datasets:
  - file: answers.csv
    columns: {learner: learner, item: item, correct: correct, skill: skill}
baselines: false
split: {by: learner, folds: 2}
models: [prior_rate]
metrics: [auc]
replicates: 100
"""


def rows(learners: int) -> str:
    lines = [f"l{i},q{j},{(i + j) % 2},s" for i in range(learners) for j in range(6)]
    return "\n".join(["learner,item,correct,skill", *lines, ""])


@pytest.fixture
def folder(home: Path) -> Path:
    (home / "mine.yaml").write_text(SUITE)
    (home / "answers.csv").write_text(rows(12))
    return home


def once(attain: Attain, *more: str) -> Any:
    asked = ("--suite", "mine.yaml", "--once", "--every", "0.1", "--workers", "1", "--json")
    return attain("watch", "answers.csv", *asked, *more)


def test_each_content_is_run_once(attain: Attain, folder: Path) -> None:
    first = once(attain)
    assert first.status == 0, first.err
    assert json.loads(first.out)["what"] == "ran"
    assert json.loads(once(attain).out)["what"] == "nothing new"
    (folder / "answers.csv").write_text(rows(14))
    second = json.loads(once(attain).out)
    assert second["what"] == "ran"
    assert second["suite_run"] != json.loads(first.out)["suite_run"]


def test_a_failure_is_status_1_and_a_mistake_2(attain: Attain, folder: Path) -> None:
    (folder / "answers.csv").write_text("learner,item\n")
    failed = once(attain)
    assert failed.status == 1
    assert "answers.csv: Unknown column 'correct'. Known: item, learner." in json.loads(failed.out)["said"]
    (folder / "answers.csv").unlink()
    gone = once(attain)
    assert (gone.status, gone.err) == (2, "attain: answers.csv is not there yet, or is empty.\n")
    assert "There is no suite file" in attain("watch", "x", "--suite", "no.yaml").err


def test_a_table_of_a_database_is_run_once_for_each_content(attain: Attain, folder: Path) -> None:
    (folder / "answers.csv").unlink()
    with closing(sqlite3.connect(folder / "school.db")) as school:
        school.execute("CREATE TABLE answers (learner TEXT, item TEXT, correct INTEGER, skill TEXT)")
        lines = [line.split(",") for line in rows(12).split()[1:]]
        school.executemany("INSERT INTO answers VALUES (?, ?, ?, ?)", lines)
        school.commit()

        def look() -> Any:
            where = ("sqlite:///school.db", "--table", "answers", "--to", "answers.csv")
            return attain(
                "watch", *where, "--suite", "mine.yaml", "--once", "--every", "0.1", "--workers", "1", "--json"
            )

        first = look()
        assert first.status == 0, first.err
        assert [json.loads(said.out)["what"] for said in (first, look())] == ["ran", "nothing new"]
        school.execute("INSERT INTO answers VALUES ('l12', 'q0', 1, 's')")
        school.commit()
        assert json.loads(look().out)["what"] == "ran"
    assert len((folder / "answers.csv").read_text().splitlines()) == 1 + 12 * 6 + 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["https://host/a.csv"], "--to FILE"),
        (["a.csv", "--to", "b.csv"], "is a path"),
        (["sqlite:///a.db", "--to", "b.csv"], "--table NAME"),
        (["https://host/a.csv", "--to", "b.csv", "--table", "t"], "a web server has files"),
        (["https://host/a.csv", "--to", "./mine.yaml"], "is the suite itself"),
        (["a.csv", "--cursor", "n"], "--cursor is a column of a table"),
    ],
)
def test_words_that_do_not_go_together_are_a_mistake(attain: Attain, folder: Path, words: list[str], said: str) -> None:
    refused = attain("watch", *words, "--suite", "mine.yaml", "--once")
    assert refused.status == 2
    assert said in refused.err


@pytest.mark.slow
def test_a_watch_goes_on_after_a_failure_until_it_is_stopped(folder: Path) -> None:
    (folder / "answers.csv").write_text("learner,item\n")
    command = [sys.executable, "-m", "attain.cli", "watch", "answers.csv", "--suite", "mine.yaml", "--every", "0.2"]
    with subprocess.Popen(
        [*command, "--workers", "1"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ}
    ) as process:
        assert process.stdout is not None
        seen = []
        for line in process.stdout:
            seen.append(line)
            if "tried again later" in line:
                (folder / "answers.csv").write_text(rows(12))
            if " ran (attain show " in line:
                process.send_signal(signal.SIGINT)
                break
        assert process.wait(timeout=240) == 130, "".join(seen)
    assert any("tried again later" in line for line in seen)
