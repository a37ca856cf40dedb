"""Pieces of a run as items, and what learners say kept with the run."""

import json
from pathlib import Path

import pandas as pd
import pytest

from attain.core import table_file
from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.data.answers import log_of
from attain.data.items import Item, read_items, write_items
from attain.data.responses import Responses
from attain.suite import record
from attain.suite.items.analyse import analyse
from attain.suite.items.from_run import items_of_run
from attain.suite.items.keep import keep
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.store import Store, open_store

PIECES = pd.DataFrame(
    {
        "fold": 0,
        "example": [0, 1, 2],
        "unit": ["p1", "p1", "p2"],
        "sample": [0, 1, 0],
        "target": float("nan"),
        "score": [1.0, 1.0, 0.0],
        "text": ["Which city?", "Where?", ""],
        "state": ["ok", "ok", "refused"],
        "level": [2.0, float("nan"), 3.0],
        "options": [json.dumps(["Paris", "Rome"]), "", ""],
        "answer": ["Paris", "Paris", "x"],
    }
)


@pytest.fixture
def store(home: Path) -> Store:
    return open_store(f"sqlite:///{home / 'runs.db'}")


def _suite(store: Store, tmp_path: Path, frame: pd.DataFrame) -> tuple[Run, Run]:
    """A suite's run, and the run of its one model, with this predictions table."""
    experiment = store.create_experiment("q")
    suite = store.create_run(experiment, "q", tags={record.KIND: "suite"})
    tags = {record.KIND: "model", record.LABEL: "tiny t=0.2"}
    model = store.create_run(experiment, "tiny", tags=tags)
    folder = tmp_path / "table"
    folder.mkdir()
    table_file.write(Predictions(frame), folder)
    artifacts.log_artifacts(store, model.run_id, folder)
    artifacts.log_bytes(store, suite.run_id, json.dumps([model.run_id]).encode(), record.MEMBERS_FILE)
    return suite, model


def test_delivered_pieces_are_items_by_system_prompt_and_sample(store: Store, tmp_path: Path) -> None:
    suite, model = _suite(store, tmp_path, PIECES)
    found = items_of_run(store, suite)
    assert found == items_of_run(store, model)
    assert found == {
        "tiny t=0.2/p1/0": Item(
            "tiny t=0.2/p1/0", "generated", "tiny t=0.2", "p1", 2.0, ("Paris", "Rome"), "Paris", "Which city?"
        ),
        "tiny t=0.2/p1/1": Item("tiny t=0.2/p1/1", "generated", "tiny t=0.2", "p1", None, (), "Paris", "Where?"),
    }


def test_the_items_that_are_handed_out_are_read_back(store: Store, tmp_path: Path) -> None:
    suite, _ = _suite(store, tmp_path, PIECES)
    found = items_of_run(store, suite)
    write_items(found.values(), tmp_path / "ask.csv")
    assert read_items(tmp_path / "ask.csv") == found


def test_the_facts_are_kept_with_the_run_and_tell_of_no_learner(store: Store, tmp_path: Path) -> None:
    suite, _ = _suite(store, tmp_path, PIECES)
    items = items_of_run(store, suite)
    log = log_of(
        [k // 2 for k in range(80)],  # type: ignore[arg-type]  # a list will do
        [*items] * 40,
        [()] * 80,
        [k % 3 > 0 for k in range(80)],
    )
    keep(analyse(Responses(log), items, ability="joint"), store, suite.run_id)
    kept = {file.path for file in store.artifacts_under(suite.run_id)}
    assert {"items.json", "items.csv", "figures/item_difficulty.svg"} <= kept
    facts = json.loads(artifacts.read_bytes(store, suite.run_id, "items.json"))
    assert {row["item"] for row in facts["items"]} == set(items)
    assert set(facts) == {
        "answers", "learners", "ability", "exposure", "declared", "remarks", "items", "options", "dif", "systems",
        "gain", "method",
    }  # fmt: skip


def test_a_run_without_pieces_is_a_sentence(store: Store, tmp_path: Path) -> None:
    suite, _ = _suite(store, tmp_path, PIECES.drop(columns=["text", "state"]))
    with pytest.raises(UserError, match="holds no generated pieces: its predictions lack state, text"):
        items_of_run(store, suite)
    empty = store.create_run(suite.experiment_id, "stopped", tags={record.KIND: "suite"})
    with pytest.raises(UserError, match="has no finished model whose pieces could be items"):
        items_of_run(store, empty)
