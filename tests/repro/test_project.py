"""A project's script, run once with uncommitted changes, and again from a fresh clone."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from attain.repro.project import packages_in
from attain.tracking.environment import environment
from attain.tracking.store import open_store

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import

YAML = """\
name: fit
entries:
  main:
    command: python train.py --data={data} --seed={seed} --noise={noise}
    parameters:
      data: {type: path, default: points.csv}
      seed: {type: int, default: 0}
      noise: {type: float, default: 0}
    outputs: [model/]
    varies: [seconds]
"""

SCRIPT = """\
import argparse, json, pathlib, random, time
import attain
from added import CENTRE

asked = argparse.ArgumentParser()
for name in ("--data", "--seed", "--noise"):
    asked.add_argument(name)
asked = asked.parse_args()
rows = [float(line) for line in pathlib.Path(asked.data).read_text().split()]
weight = sum(rows) / len(rows) + CENTRE + random.Random(int(asked.seed)).gauss(0, 0.1)
weight += float(asked.noise) * (time.time() % 1)
attain.log_metric("weight", weight)
attain.log_metric("seconds", time.time())
pathlib.Path("model").mkdir()
pathlib.Path("model/weights.json").write_text(json.dumps({"weight": weight}))
"""


@dataclass(frozen=True)
class Place:
    """A folder with a project in a clone, and the store of its runs."""

    folder: Path
    store: str


def run_git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    top = tmp_path_factory.mktemp("place")
    origin, clone = top / "origin", top / "clone"
    origin.mkdir()
    run_git(origin, "init", "--quiet", "--initial-branch=work")
    (origin / "study").mkdir()
    (origin / "study" / "train.py").write_text("# to be written\n")
    run_git(origin, "add", ".")
    run_git(origin, "commit", "--quiet", "-m", "first")
    run_git(top, "clone", "--quiet", str(origin), str(clone))
    study = clone / "study"
    (study / "train.py").write_text(SCRIPT)  # uncommitted
    (study / "added.py").write_text("CENTRE = 0.6\n")  # untracked
    (study / "attain.yaml").write_text(YAML)
    (study / "points.csv").write_text("1\n2\n6\n")
    return Place(study, f"sqlite:///{top / 'store.db'}")


@pytest.fixture
def elsewhere(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh clone with a home of its own, in which we are."""
    folder = tmp_path / "elsewhere"
    run_git(tmp_path, "clone", "--quiet", str(place.folder.parents[1] / "origin"), str(folder))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.delenv("ATTAIN_TRACKING_URI", raising=False)
    return folder


def a_run(attain: Attain, place: Place, *values: str) -> str:
    shutil.rmtree(place.folder / "model", ignore_errors=True)
    given = [word for value in values for word in ("-P", value)]
    said = attain("run-project", str(place.folder), *given, "--store", place.store, "--json")
    assert said.status == 0, said.err
    return str(json.loads(said.out)["run_id"])


def again(attain: Attain, place: Place, run: str, *options: str) -> tuple[int, dict[str, Any]]:  # JSON
    said = attain("reproduce", run, "--store", place.store, "--json", *options)
    assert said.out, said.err
    return said.status, json.loads(said.out)


def test_a_script_with_uncommitted_changes_is_identical_from_a_fresh_clone(
    attain: Attain, place: Place, elsewhere: Path
) -> None:
    run = a_run(attain, place)
    before = open_store(place.store).get_run(run)
    status, found = again(attain, place, run)
    assert (status, found["verdict"]) == (0, "identical")
    assert found["models"][0]["why"] == "1 metric and 1 output are the same"
    assert not [cause for cause in found["causes"] if cause["then"] != cause["now"]]
    assert found["said"] == []
    assert sorted(path.name for path in elsewhere.iterdir()) == [".git", "study"]
    assert open_store(place.store).get_run(run) == before
    assert open_store(place.store).get_run(found["run_id"]).tags["attain.reproduces"] == run


def test_another_seed_differs_until_seeds_tell_how_much_one_changes(
    attain: Attain, place: Place, elsewhere: Path
) -> None:
    run = a_run(attain, place, "noise=0.0")
    status, found = again(attain, place, run, "--seed", "9")
    assert (status, found["verdict"]) == (1, "differs")
    assert "of the 3 seeds that tell how much a seed changes" in found["models"][0]["why"]
    for seed in (1, 2):
        a_run(attain, place, f"seed={seed}")
    status, found = again(attain, place, run, "--seed", "9")
    assert (status, found["verdict"]) == (4, "within seed variation")
    assert (found["causes"][0]["what"], found["causes"][0]["now"]) == ("seed", "9")
    assert len(found["models"][0]["metrics"][0]["seeds"]["values"]) == 3


def test_rounding_is_numerically_equal_and_more_than_that_differs(
    attain: Attain, place: Place, elsewhere: Path
) -> None:
    little = a_run(attain, place, "noise=1e-8")  # of the fraction of a second
    status, found = again(attain, place, little)
    assert (status, found["verdict"]) == (3, "numerically equal")
    much = a_run(attain, place, "noise=1")
    status, found = again(attain, place, much)
    assert (status, found["verdict"]) == (1, "differs")
    assert found["models"][0]["why"].startswith("weight, model/weights.json differ; ")


def test_a_changed_data_file_is_named_and_nothing_is_compared(
    attain: Attain, place: Place, elsewhere: Path, tmp_path: Path
) -> None:
    run = a_run(attain, place)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "points.csv").write_text("1\n2\n7\n")
    status, found = again(attain, place, run, "--data", str(tmp_path / "data"))
    assert (status, found["verdict"], found["models"]) == (2, "not comparable", [])
    assert found["said"] == ["The data changed: data (points.csv): 'points.csv' has other bytes."]
    shutil.copyfile(place.folder / "points.csv", tmp_path / "data" / "points.csv")
    assert again(attain, place, run, "--data", str(tmp_path / "data"))[1]["verdict"] == "identical"


def test_data_from_outside_may_be_given_from_elsewhere(
    attain: Attain, place: Place, elsewhere: Path, tmp_path: Path
) -> None:
    """A folder outside of the repository, gone by now; with `--data` only what is there counts."""
    outside = tmp_path / "outside"
    (outside / "points").mkdir(parents=True)
    (outside / "points" / "a.csv").write_text("1\n2\n6\n")
    run = a_run(attain, place, f"data={outside / 'points' / 'a.csv'}")
    (tmp_path / "given").mkdir()
    gone = attain("reproduce", run, "--store", place.store, "--data", str(tmp_path / "given"))
    assert "is gone" in gone.err
    outside.rename(tmp_path / "moved")
    found = again(attain, place, run, "--data", str(tmp_path / "moved" / "points"))[1]
    assert found["verdict"] == "identical"


def test_what_cannot_be_repeated_is_one_sentence_and_leaves_nothing(
    attain: Attain, place: Place, elsewhere: Path, tmp_path: Path
) -> None:
    run = a_run(attain, place)
    store = open_store(place.store)
    before = store.count_runs([one.experiment_id for one in store.list_experiments().items])
    (tmp_path / "none").mkdir()
    gone = attain("reproduce", run, "--store", place.store, "--data", str(tmp_path / "none"))
    assert (gone.status, "The data 'points.csv' of the run (data) is gone" in gone.err) == (2, True)
    store.update_run(run, status="FAILED")
    failed = attain("reproduce", run, "--store", place.store)
    assert (failed.status, "is failed; only results of finished runs can be compared" in failed.err) == (2, True)
    assert store.count_runs([one.experiment_id for one in store.list_experiments().items]) == before


def test_a_script_that_read_what_was_not_kept_says_so(attain: Attain, place: Place, elsewhere: Path) -> None:
    (place.folder / "more.csv").write_text("1\n")
    train = place.folder / "train.py"
    try:
        train.write_text("open('more.csv')\n" + SCRIPT)
        said = attain("reproduce", a_run(attain, place), "--store", place.store)
    finally:
        train.write_text(SCRIPT)
        (place.folder / "more.csv").unlink()
    assert said.status == 2
    assert "The repetition did not finish: FileNotFoundError" in said.err
    assert "Not kept with its code: study/more.csv" in said.err


def test_an_entry_without_a_seed_has_no_other_seed(attain: Attain, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    (home / "attain.yaml").write_text("name: n\nentries: {main: {command: python a.py}}\n")
    (home / "a.py").write_text("print('nothing')\n")
    run_git(home, "init", "--quiet")
    said = attain("run-project", "--json")
    run = json.loads(said.out)["run_id"]
    asked = attain("reproduce", run, "--seed", "1")
    assert (asked.status, "has no parameter 'seed'" in asked.err) == (2, True)
    nothing = attain("reproduce", run)
    assert (nothing.status, "logged no metric and kept no output" in nothing.out) == (2, True)


def test_python_means_the_one_that_attain_runs_in(attain: Attain, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    text = "name: n\nentries: {main: {command: [python, -c, 'import sys; print(sys.executable)']}}\n"
    (home / "attain.yaml").write_text(text)
    assert sys.executable in attain("run-project").out


def test_the_packages_of_another_python_are_told_by_itself(home: Path) -> None:
    found = packages_in(Path(sys.executable), os.environ)
    here = environment()
    assert found == {name: here[name] for name in ("python", "implementation", "packages")}
