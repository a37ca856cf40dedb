import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.tracking.store import open_store

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import


def verdict(said: Any) -> dict[str, Any]:  # JSON
    assert said.out, said.err
    found: dict[str, Any] = json.loads(said.out)
    return found


def number_of_runs(place: Any) -> int:
    store = open_store(place.store)
    return store.count_runs([one.experiment_id for one in store.list_experiments().items])


def test_a_run_with_uncommitted_and_untracked_changes_is_identical_from_a_fresh_clone(
    attain: Attain, place: Any, elsewhere: Path
) -> None:
    before = open_store(place.store).get_run(place.suite_run)
    said = attain("reproduce", place.suite_run, "--store", place.store, "--json")
    found = verdict(said)
    assert (said.status, found["verdict"]) == (0, "identical")
    assert len(found["models"]) == 4
    assert {cause["what"]: cause["then"] == cause["now"] for cause in found["causes"]}["code"]
    assert sorted(path.name for path in elsewhere.iterdir()) == [".git", ".gitignore", "own.py"]
    assert open_store(place.store).get_run(place.suite_run) == before
    kept = open_store(place.store).get_run(found["run_id"])
    assert kept.tags["attain.reproduces"] == place.suite_run


def test_another_seed_is_within_seed_variation(attain: Attain, place: Any, elsewhere: Path) -> None:
    said = attain("reproduce", place.model_run[:10], "--store", place.store, "--seed", "7", "--json")
    found = verdict(said)
    assert (said.status, found["verdict"]) == (4, "within seed variation")
    (seed,) = [cause for cause in found["causes"] if cause["what"] == "seed"]
    assert (seed["then"], seed["now"]) == ("0", "7")
    assert found["causes"][0] == seed
    metrics = {one["metric"]: one for one in found["models"][0]["metrics"]}
    assert len(metrics["auc"]["seeds"]["values"]) == 4
    assert metrics["auc"]["then"] != metrics["auc"]["now"]


def test_a_changed_row_is_named_and_nothing_is_compared(
    attain: Attain, place: Any, elsewhere: Path, tmp_path: Path
) -> None:
    lines = (place.clone / "answers.csv").read_text().splitlines()
    who, what, right, topic = lines[40].split(",")
    lines[40] = ",".join([who, what, str(1 - int(right)), topic])
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "answers.csv").write_text("\n".join([*lines, ""]))
    said = attain("reproduce", place.model_run, "--store", place.store, "--data", str(tmp_path / "data"))
    assert said.status == 2
    assert "Not comparable." in said.out
    assert "(answers.csv): 'correct' is another in one of rows 39 to 40 of 450" in said.out


def test_what_cannot_be_had_again_is_one_sentence_and_leaves_nothing(
    attain: Attain, place: Any, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = number_of_runs(place)
    (tmp_path / "none").mkdir()
    gone = attain("reproduce", place.model_run, "--store", place.store, "--data", str(tmp_path / "none"))
    assert gone.status == 2
    assert "'answers.csv' of the run is gone" in gone.err
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    unknown = attain("reproduce", place.model_run, "--store", place.store, "--repo", str(nowhere))
    assert unknown.status == 2
    assert "The run was made with commit" in unknown.err
    assert "--repo" in unknown.err
    assert number_of_runs(place) == before


def test_a_lock_that_cannot_be_met_is_said(
    attain: Attain, place: Any, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    before = number_of_runs(place)
    said = attain("reproduce", place.model_run, "--fresh", "--store", place.store)
    assert said.status == 2
    assert said.err.startswith("attain: The lock of the run cannot be met: ")
    assert number_of_runs(place) == before


def test_a_run_that_is_of_no_suite_is_refused(attain: Attain, home: Path) -> None:
    store = open_store(f"sqlite:///{home / 'own.db'}")
    run = store.create_run(store.ensure_experiment("a").experiment_id, "by hand")
    said = attain("reproduce", run.run_id, "--store", f"sqlite:///{home / 'own.db'}")
    assert said.status == 2
    assert "belongs to no suite" in said.err
