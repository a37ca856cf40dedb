import json
import shutil
import subprocess
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


def test_scores_that_differ_by_rounding_are_numerically_equal(
    attain: Attain, place: Any, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTSIDE", "2e-8")
    said = attain("reproduce", place.model_run, "--store", place.store, "--json")
    found = verdict(said)
    assert (said.status, found["verdict"]) == (3, "numerically equal")
    assert found["models"][0]["why"] == "no score differs by more than 2.0e-08"
    assert not [cause for cause in found["causes"] if cause["then"] != cause["now"]]


def test_what_depends_on_something_that_no_run_keeps_differs(
    attain: Attain, place: Any, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUTSIDE", "0.3")
    said = attain("reproduce", place.model_run, "--store", place.store, "--json")
    found = verdict(said)
    assert (said.status, found["verdict"]) == (1, "differs")
    assert found["models"][0]["why"] == "scores differ by up to 0.3; log_loss: more than another seed changes"
    metrics = {one["metric"]: one for one in found["models"][0]["metrics"]}
    assert metrics["log_loss"]["now"] > metrics["log_loss"]["seeds"]["high"]


def test_without_three_seeds_nobody_can_say_that_a_difference_is_one_of_seeds(
    attain: Attain, place: Any, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(place.clone / ".attain", tmp_path / "copy")
    uri = f"sqlite:///{tmp_path / 'copy' / 'attain.db'}"
    store = open_store(uri)
    everywhere = [one.experiment_id for one in store.list_experiments().items]
    for run in store.search_runs(everywhere, "tags.`attain.kind` = 'model' AND params.seed IN ('1', '2')").items:
        store.delete_run(run.run_id)
    monkeypatch.setenv("OUTSIDE", "0.0001")
    said = attain("reproduce", place.model_run, "--store", uri, "--json")
    assert (said.status, verdict(said)["verdict"]) == (1, "differs")
    assert "the store has 2 of the 3 seeds" in verdict(said)["models"][0]["why"]


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


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where worktrees and environments are made, and nothing else."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_what_cannot_be_had_again_is_one_sentence_and_leaves_nothing(
    attain: Attain, place: Any, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scratch: Path
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
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "answers.csv").write_text("somebody,something\n1,2\n")
    other = attain("reproduce", place.model_run, "--store", place.store, "--data", str(tmp_path / "other"))
    assert other.status == 2
    assert "The data of the run cannot be had again: " in other.err
    for said in (gone, unknown, other):
        assert len(said.err.strip().splitlines()) == 1
    assert number_of_runs(place) == before
    assert not list(scratch.iterdir())
    worktrees = subprocess.run(["git", "worktree", "list"], cwd=elsewhere, capture_output=True, text=True, check=True)
    assert len(worktrees.stdout.splitlines()) == 1
    assert sorted(path.name for path in elsewhere.iterdir()) == [".git", ".gitignore", "own.py"]


def test_a_lock_that_cannot_be_met_is_said(
    attain: Attain, place: Any, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scratch: Path
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty"))
    before = number_of_runs(place)
    said = attain("reproduce", place.model_run, "--fresh", "--store", place.store)
    assert said.status == 2
    assert said.err.startswith("attain: The lock of the run cannot be met: ")
    assert len(said.err.strip().splitlines()) == 1
    assert number_of_runs(place) == before
    assert not list(scratch.iterdir())


def test_a_run_that_is_of_no_suite_is_refused(attain: Attain, home: Path) -> None:
    store = open_store(f"sqlite:///{home / 'own.db'}")
    run = store.create_run(store.ensure_experiment("a").experiment_id, "by hand")
    said = attain("reproduce", run.run_id, "--store", f"sqlite:///{home / 'own.db'}")
    assert said.status == 2
    assert "belongs to no suite" in said.err
