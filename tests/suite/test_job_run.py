"""A job's run is closed with what became of it, whenever the job ends."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from attain.suite.job_run import run_job
from attain.suite.plan import Job
from attain.tracking.store import open_store


@pytest.fixture
def message(home: Path, job: Job) -> dict[str, Any]:
    uri = f"sqlite:///{home / 'attain.db'}"
    store = open_store(uri)
    experiment = store.ensure_experiment("a suite").experiment_id
    parent = store.create_run(experiment, "a model").run_id
    rest = {"name": "a fold", "tags": {}, "params": {}}
    return {"store": uri, "experiment": experiment, "parent": parent, "job": asdict(job), **rest}


def statuses(message: dict[str, Any]) -> list[str]:
    runs = open_store(message["store"]).search_runs([message["experiment"]], "tags.`attain.kind` = 'fold'")
    return [run.status for run in runs.items]


def heard(event: str, **values: object) -> None:
    pass


def interrupted(*_: object, **__: object) -> str:
    raise KeyboardInterrupt


def test_one_that_is_stopped_at_work_is_marked(message: dict[str, Any]) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_job(message, heard, interrupted)
    assert statuses(message) == ["KILLED"]


def test_one_that_is_stopped_before_anybody_knows_its_run_is_marked(message: dict[str, Any]) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_job(message, interrupted, lambda *_: "")  # type: ignore[arg-type]  # it never gets to say anything
    assert statuses(message) == ["KILLED"]


def test_what_a_model_raises_fails_its_job_alone(message: dict[str, Any]) -> None:
    def broken(*_: object) -> str:
        raise RuntimeError("no luck")

    ended = run_job(message, heard, broken)
    assert (ended["outcome"], ended["why"]) == ("failed", "RuntimeError: no luck")
    assert statuses(message) == ["FAILED"]


def test_one_that_is_done_is_finished(message: dict[str, Any]) -> None:
    assert run_job(message, heard, lambda *_: "")["outcome"] == "finished"
    assert statuses(message) == ["FINISHED"]
