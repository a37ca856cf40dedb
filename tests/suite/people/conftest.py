"""A suite of three made-up writers on the built-in lessons, whose ratings have a known truth."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from attain.core import table_file
from attain.data.load import load
from attain.data.prompt_split import AllPrompts, make
from attain.models.content_generation.recorded import Recorded, RecordedParams
from attain.models.content_generation.template import Template
from attain.suite import record
from attain.suite.people.pieces import Pieces, pieces_of
from attain.suite.results import PREPARED
from attain.tasks.content_generation import Generator, judge
from attain.tasks.context import FitContext
from attain.tracking import artifacts
from attain.tracking.store import Store, open_store

WRITERS = ("careful", "plain", "careless")
METRICS = {"text_length": {"direction": "none", "unit": "count", "of_model": True}}


def _model(store: Store, experiment: str, parent: str, generator: Generator, label: str, folder: Path) -> str:
    data = load("small_lessons")
    fold = make(AllPrompts(), data, 0)
    generator.fit(fold.train, FitContext())
    tags = {record.KIND: "model", record.LABEL: label, record.DATASET: data.name, record.SEED: "0"}
    params = {"model": generator.name, "model.system": getattr(generator.params, "system", "")}
    run = store.create_run(experiment, label, tags={**tags, PREPARED: str(data.folder)}, params=params)
    own = folder / label.replace(" ", "_")
    own.mkdir()
    table_file.write(judge(generator, fold), own)
    artifacts.log_artifacts(store, run.run_id, own)
    store.update_run(run.run_id, status="FINISHED")
    return run.run_id


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that holds the suite `writers`."""
    folder = tmp_path_factory.mktemp("writers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTAIN_HOME", str(folder))
        store = open_store(f"sqlite:///{folder / 'attain.db'}")
        experiment = store.create_experiment("writers")
        suite = store.create_run(
            experiment,
            "writers",
            tags={record.KIND: "suite", record.SUITE: "writers"},
            params={"task": "content_generation"},
        )
        made = [
            _model(store, experiment, suite.run_id, Recorded(RecordedParams(system=w)), f"recorded system={w}", folder)
            for w in WRITERS
        ]
        made.append(_model(store, experiment, suite.run_id, Template(), "template", folder))
        files = {
            record.MEMBERS_FILE: json.dumps(made).encode(),
            record.METRICS_FILE: json.dumps(METRICS).encode(),
        }
        artifacts.log_files(store, suite.run_id, files)
        store.update_run(suite.run_id, status="FINISHED")
        store.close()
    return folder


@pytest.fixture
def store(lessons: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A copy of the store for one test."""
    own = tmp_path / "home"
    shutil.copytree(lessons, own)
    monkeypatch.setenv("ATTAIN_HOME", str(own))
    monkeypatch.chdir(tmp_path)
    return open_store(f"sqlite:///{own / 'attain.db'}")


@pytest.fixture
def pieces(store: Store) -> Pieces:
    """What the writers put out."""
    return pieces_of(store, "writers")


Written = Callable[..., Path]


@pytest.fixture
def written(tmp_path: Path, pieces: Pieces) -> Written:
    """Writes a file of ratings by two raters of two pieces, some cells changed: `written({3: {"value": "9"}})`."""

    def write(changes: dict[int, dict[str, str]] | None = None, **columns: str) -> Path:
        prompt = pieces.prompts[0]
        rows = [
            {"prompt": prompt, "system": system, "rater": rater, "dimension": "clarity", "value": str(value)}
            for rater, values in (("ann", (4, 2)), ("bo", (5, 3)))
            for system, value in zip(("careful", "careless"), values, strict=True)
        ]
        for line, own in (changes or {}).items():
            rows[line - 2].update(own)
        path = tmp_path / "ratings_in.csv"
        pd.DataFrame(rows).rename(columns=columns).to_csv(path, index=False)
        return path

    return write
