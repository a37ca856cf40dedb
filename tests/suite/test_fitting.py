from pathlib import Path

import pytest

from attain.core.places import home
from attain.suite.fitting import WARNINGS_TAG, fitting
from attain.suite.plan import Job
from attain.tasks.context import FitContext
from attain.tracking import artifacts
from attain.tracking.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path))
    return open_store(f"sqlite:///{tmp_path / 'attain.db'}")


def run_in(store: Store) -> str:
    return store.create_run(store.ensure_experiment("a suite").experiment_id, "a fold").run_id


def report(step: int, **values: float) -> None:
    raise AssertionError("nothing is reported here")


def stopped(job: Job, store: Store, run_id: str, error: type[BaseException], *files: str) -> None:
    """A fit that is stopped when it has written some files."""
    with fitting(job, store, run_id, report) as context:
        for name in files:
            path = checkpoint(context) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(name)
        raise error


def checkpoint(context: FitContext) -> Path:
    assert context.checkpoint is not None
    return context.checkpoint


def test_a_job_begun_again_finds_its_checkpoint_and_leaves_none_when_it_went_well(store: Store, job: Job) -> None:
    with pytest.raises(RuntimeError):
        stopped(job, store, run_in(store), RuntimeError, "state")
    with fitting(job, store, run_in(store), report) as context:
        assert (checkpoint(context) / "state").read_text() == "state"
    assert not any((home() / "checkpoints").iterdir())


def test_an_interrupted_run_keeps_the_best_state_as_its_model(store: Store, job: Job) -> None:
    run_id = run_in(store)
    with pytest.raises(KeyboardInterrupt):
        stopped(job, store, run_id, KeyboardInterrupt, "model/model.json", "state")
    assert artifacts.read_bytes(store, run_id, "model/model.json") == b"model/model.json"
    assert [path.name for path in (home() / "checkpoints" / job.key).iterdir()] == ["state"]


def test_what_a_model_warns_of_stands_with_its_run(store: Store, job: Job) -> None:
    run_id = run_in(store)
    with fitting(job, store, run_id, report) as context:
        context.warn("The batch was halved.")
        context.warn("Training diverged.")
    assert store.get_run(run_id).tags[WARNINGS_TAG] == "The batch was halved.\nTraining diverged."
