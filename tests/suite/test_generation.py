"""Prompts compared end to end: `attain run` against a chat endpoint, killed halfway and gone on with."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data.load import load
from attain.suite import report
from attain.suite.config import read_suite
from attain.suite.pieces import EACH, review
from attain.suite.plan import make_plan
from attain.tasks import content_generation as task
from attain.tasks.context import FitContext
from attain.testing.chat_endpoint import ChatEndpoint, Reply, chat_endpoint, echo
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.store import Store, open_store

PROMPTS = 6
SUITE = """\
suite: wording
task: content_generation
datasets: [{{name: small_lessons, options: {{prompts: {n}}}}}]
models:
  - name: openai_compatible
    params: {{url: "{url}", model: stub, first_wait_s: 0, cache: paid{more}}}
    grid: {{prompt: [prompts/short_v1.txt, prompts/long_v2.txt], temperature: [0.0, 0.8]}}
replicates: 100
"""
Write = Callable[..., Path]
Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import


@pytest.fixture
def write(home: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes the suite and its two prompt files."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    (home / "prompts").mkdir()
    (home / "prompts" / "short_v1.txt").write_text("Ask about {concept}.")
    (home / "prompts" / "long_v2.txt").write_text("Here is a lesson for grade {level}:\n{passage}\nAsk for: {answer}")

    def suite(url: str, more: str = "") -> Path:
        (home / "wording.yaml").write_text(SUITE.format(url=url, n=PROMPTS, more=more))
        return home / "wording.yaml"

    return suite


def started(path: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "attain.cli", "run", str(path), "--workers", "2"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def ran(path: Path) -> str:
    process = started(path)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, out
    return out


def members(store: Store) -> list[Run]:
    return members_of(store, "wording")


def members_of(store: Store, name: str) -> list[Run]:
    suite = report.last_suite_run(store, name)
    assert suite is not None
    return report.model_runs(store, suite)


def key(request: dict[str, Any]) -> str:
    return json.dumps(request, sort_keys=True)


class Holding:
    """Answers some requests, then holds every further one until it may go on."""

    def __init__(self, answers: int, held: int) -> None:
        self.left, self.lock, self.go = answers, threading.Lock(), threading.Event()
        self.paid: list[str] = []
        self.all_held = threading.Semaphore(0)
        self.held = held

    def __call__(self, request: dict[str, Any]) -> Reply:
        with self.lock:
            self.left -= 1
            holds = self.left < 0 and not self.go.is_set()
            if not holds:
                self.paid.append(key(request))
        if holds:
            self.all_held.release()
            self.go.wait(60)
        return echo(request)

    def wait(self) -> None:
        """Until every worker has asked, and is held."""
        for _ in range(self.held):
            assert self.all_held.acquire(timeout=60)


@pytest.mark.slow  # four starts of the program, three of them with workers
def test_prompts_are_compared_and_a_killed_run_pays_for_no_answer_twice(write: Write, home: Path) -> None:
    holding = Holding(answers=13, held=2)
    with chat_endpoint(holding) as endpoint:
        path = write(endpoint.url)
        process = started(path)
        holding.wait()
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        paid = list(holding.paid)
        assert len(paid) == len(set(paid)) == 13
        assert sum(len(file.read_bytes().splitlines()) for file in (home / "paid").glob("*.jsonl")) == 13

        del endpoint.asked[:]
        holding.go.set()
        ran(path)
        asked = [key(request) for request in endpoint.asked]
        assert not set(asked) & set(paid)
        assert len(asked) == len(set(asked)) == 4 * PROMPTS - 13
    check_runs(open_store())
    check_replayed(write, endpoint)


def check_runs(store: Store) -> None:
    """Each of the four has its params, its wording and every piece; both wordings are in the table of results."""
    runs = members(store)
    labels = {run.tags["attain.label"] for run in runs}
    assert len(labels) == 4
    assert "openai_compatible prompt=prompts/long_v2.txt temperature=0.8" in labels
    for run in runs:
        assert len(run.params["model.prompt_sha256"]) == 12
        lines = artifacts.read_bytes(store, run.run_id, "samples.jsonl").decode().splitlines()
        samples = [json.loads(line) for line in lines]
        assert [sample["prompt"] for sample in samples] == [f"lesson_{n:02}" for n in range(1, PROMPTS + 1)]
        assert all(sample["text"].startswith("What about") and sample["tokens_in"] == 12 for sample in samples)
        assert b"at random" in artifacts.read_bytes(store, run.run_id, "review.csv")


def check_replayed(write: Write, gone: ChatEndpoint) -> None:
    """With the endpoint gone, the paid answers are judged again, and are the same."""
    before = texts(open_store())
    ran(write(gone.url, ", replay: only"))
    assert texts(open_store()) == before


def texts(store: Store) -> dict[str, list[str]]:
    read = {r.tags["attain.label"]: artifacts.read_bytes(store, r.run_id, "samples.jsonl") for r in members(store)}
    return {label: [json.loads(line)["text"] for line in lines.splitlines()] for label, lines in read.items()}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Ask about {pasage}.", r"Did you mean 'passage'"),
        ("Ask {0}.", "is not the name of a field"),
        ("Ask {passage!r}.", "is not the name of a field"),
        ("Give JSON: {'question': …", "Double a brace"),
        ("  ", "is empty"),
    ],
)
def test_a_wording_that_cannot_be_filled_is_refused_before_anything_runs(write: Write, text: str, problem: str) -> None:
    with chat_endpoint() as endpoint:
        path = write(endpoint.url)
        (path.parent / "prompts" / "short_v1.txt").write_text(text)
        with pytest.raises(UserError, match=rf"wording.yaml:\d+: models.0: .*{problem}"):
            make_plan(read_suite(str(path)))
        assert not endpoint.asked


def test_another_wording_in_the_same_file_is_another_run(write: Write) -> None:
    path = write("http://127.0.0.1:9/v1")
    before = {job.key for job in make_plan(read_suite(str(path))).jobs}
    (path.parent / "prompts" / "short_v1.txt").write_text("Ask once about {concept}.")
    after = {job.key for job in make_plan(read_suite(str(path))).jobs}
    assert len(before & after) == 2


def test_the_review_holds_the_extremes_and_each_piece_once(home: Path) -> None:
    dataset = load("small_lessons")
    model = task.MODELS.get("recorded").create(system="careless")
    table = task.run(model, task.make_fold(task.SPLIT, dataset, 0), FitContext())
    chosen = review(table)
    assert chosen["why"].value_counts().to_dict() == dict.fromkeys(
        ["worst rated", "best rated", "most disputed", "at random"], EACH
    )
    assert not chosen["prompt"].duplicated().any()
    frame: pd.DataFrame = table.frame
    worst = chosen[chosen["why"] == "worst rated"]["target"]
    assert worst.max() <= sorted(frame["target"])[EACH - 1] + 1e-9
    assert chosen[chosen["why"] == "best rated"]["target"].min() >= sorted(frame["target"])[-EACH] - 1e-9
    spread = frame.set_index(frame["unit"].astype(str))["rating_spread"]
    disputed = chosen[chosen["why"] == "most disputed"]["prompt"]
    rest = spread.drop(chosen[chosen["why"] != "at random"]["prompt"])
    assert spread[disputed].min() >= rest.max() - 1e-9


QUICK = """\
suite: rules
task: content_generation
datasets: [{name: small_lessons, options: {prompts: 12, raters: 2}}]
split: {by: prompt, folds: 2}
models: [{name: template, grid: {form: [cloze, wh]}}]
metrics: [rouge_l, delivered_share, failed_share]
cohorts: [topic]
replicates: 100
"""


def test_what_people_read_speaks_of_prompts_and_never_of_learners(attain: Attain, home: Path) -> None:
    (home / "rules.yaml").write_text(QUICK)
    ran_it = attain("run", "rules.yaml", "--workers", "1")
    assert ran_it.status == 0, ran_it.err
    assert "12 prompts" in ran_it.out
    run, other = members_of(open_store(), "rules")
    shown = attain("show", run.run_id)
    compared = attain("compare", run.run_id, other.run_id)
    scored = attain("score", run.run_id, "--metric", "distinct@1", "--by", "topic")
    assert "rouge_l[unicode] (share, higher is better; 12 prompts)" in compared.out
    for said in (ran_it, shown, compared, scored):
        assert said.status == 0, said.err
        assert "prompts" in said.out
        assert "learner" not in said.out
    assert "fewer than 10 prompts" in scored.out
    files = {file.path for file in open_store().artifacts_under(run.run_id)}
    assert {"samples.jsonl", "review.csv", "predictions.parquet", "values.json"} <= files
    assert not [path for path in files if "calibration" in path or "roc" in path]
