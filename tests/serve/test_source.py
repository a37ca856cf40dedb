"""Which model a person means."""

import json
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.models.knowledge_tracing.bkt import BKT
from attain.serve.source import fetch, find
from attain.tracking import artifacts
from attain.tracking.store import Store, open_database


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_database(f"sqlite:///{tmp_path / 'attain.db'}")


def run_with(store: Store, folder: Path | None, parent: str | None = None) -> str:
    run = store.create_run(store.ensure_experiment("e").experiment_id, "bkt on small", parent_run_id=parent)
    if folder is not None:
        artifacts.log_artifacts(store, run.run_id, folder, "model")
    return run.run_id


def test_a_registered_model_is_found_by_alias_by_version_and_as_mlflow_writes_it(store: Store, bkt: Path) -> None:
    run = run_with(store, bkt)
    store.registry.ensure_model("tutor")
    store.registry.create_version("tutor", f"runs:/{run}/model")
    store.registry.set_alias("tutor", "champion", 1)
    found = find(store, "tutor@champion")
    assert (found.name, found.version, found.run_id, found.path) == ("tutor", "1", run, "model")
    assert find(store, "tutor/1") == find(store, "models:/tutor@champion") == found
    assert isinstance(fetch(store, found).tracer, BKT)


def test_the_model_of_a_run_is_served_by_the_beginning_of_its_id(store: Store, bkt: Path) -> None:
    run = run_with(store, bkt)
    served = fetch(store, find(store, run[:10]))
    assert (served.name, served.version) == ("bkt on small", run[:8])
    assert served.key == fetch(None, find(None, str(bkt))).key


def test_a_run_whose_folds_keep_the_models_names_them(store: Store, bkt: Path) -> None:
    parent = run_with(store, None)
    fold = run_with(store, bkt, parent)
    with pytest.raises(UserError, match=f"keeps no model of attain in 'model'.* The runs of its folds do: {fold}"):
        find(store, parent)


def test_what_is_not_there_is_said(store: Store, tmp_path: Path, bkt: Path) -> None:
    with pytest.raises(UserError, match="There is no run 'abc'"):
        find(store, "abc")
    with pytest.raises(UserError, match="There is no registered model 'tutor'"):
        find(store, "tutor@champion")
    with pytest.raises(UserError, match=r"holds no saved model: it has no 'model\.json'"):
        find(store, str(tmp_path))
    with pytest.raises(UserError, match="is not a folder with a saved model"):
        find(None, "nothing")


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("hazard", "'hazard' cannot be served: it is for dropout prediction, and only models of knowledge tracing"),
        ("als", "'als' cannot be served: it is for recommendation"),
        (
            "mine",
            "no installed model has this name; one of your own is found by the entry point group",
        ),
    ],
)
def test_a_model_of_another_task_is_refused(tmp_path: Path, kind: str, sentence: str) -> None:
    (tmp_path / "model.json").write_text(json.dumps({"model": kind, "params": {}, "names": {}}))
    with pytest.raises(UserError, match=sentence):
        fetch(None, find(None, str(tmp_path)))


def test_a_model_may_be_called_otherwise(bkt: Path) -> None:
    assert find(None, str(bkt)).name == "bkt"
    assert fetch(None, find(None, str(bkt), "tutor")).name == "tutor"


def test_items_of_a_file_stand_in_for_those_of_the_model(tmp_path: Path, bkt: Path) -> None:
    (tmp_path / "items.csv").write_text("item,skills\nnew,skill-1~~skill-2\nbare,\n")
    served = fetch(None, find(None, str(bkt)), tmp_path / "items.csv")
    assert served.items == {"new": ("skill-1", "skill-2"), "bare": ()}
    assert served.skills == {"skill-1", "skill-2"}
    with pytest.raises(UserError, match="Unknown item 'item-3'"):
        served.asked("item-3", None, None)
    (tmp_path / "wrong.csv").write_text("item\nnew\n")
    with pytest.raises(UserError, match=r"wrong\.csv: there is no column 'skills'"):
        fetch(None, find(None, str(bkt)), tmp_path / "wrong.csv")
