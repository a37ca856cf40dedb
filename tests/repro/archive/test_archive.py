"""A run goes to a machine that never saw it as one file, and what is wrong with such a file is one sentence."""

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from attain.repro.archive.read import open_archive
from attain.repro.archive.write import export
from attain.repro.original import original
from attain.tracking.store import open_store

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import


@pytest.fixture(scope="session")
def archive(place: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "run.zip"
    export(original(open_store(place.store), place.suite_run), path, repository=place.clone, with_data=False)
    return path


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in no repository, with a home that never saw a run."""
    folder = tmp_path / "away"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ATTAIN_TRACKING_URI", raising=False)
    return folder


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def written(path: Path, contents: dict[str, bytes], *, sums: bool = True) -> Path:
    """An archive of these files, with a list of checksums that fits them if need be."""
    if sums:
        rest = {name: content for name, content in contents.items() if name != "SHA256SUMS"}
        lines = [f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in rest.items()]
        contents = rest | {"SHA256SUMS": "".join(lines).encode()}
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in contents.items():
            packed.writestr(name, content)
    return path


def test_the_runs_the_code_and_the_recipes_are_in_it_with_a_checksum_of_each_file(archive: Path, place: Any) -> None:
    files = members(archive)
    listed = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert listed == {name: hashlib.sha256(c).hexdigest() for name, c in files.items() if name != "SHA256SUMS"}
    wanted = {"README.md", "Dockerfile", "environment.yml", "requirements.txt", "suite.yaml", "provenance.json"}
    assert wanted | {"data.json"} <= files.keys()
    assert f"runs/{place.suite_run}/files/code/tree.bundle" in files
    kept = json.loads(files[f"runs/{place.model_run}/run.json"])
    then = open_store(place.store).get_run(place.model_run)
    assert kept["params"] == dict(then.params)
    assert {key: points[-1][0] for key, points in kept["metrics"].items()} == then.metrics
    assert sum(name.endswith("/run.json") for name in files) == 1 + 4 + 8


def test_no_row_of_the_data_and_no_name_of_a_learner_is_in_it(archive: Path, place: Any) -> None:
    lines = (place.clone / "answers.csv").read_text().splitlines()[1:]
    files = members(archive)
    assert not [name for name in files if name.startswith("data/") or name.endswith("answers.csv")]
    ours = b"".join(content for name, content in files.items() if not name.startswith("attain/"))
    assert b"item3" in ours
    for line in lines:
        assert line.encode() not in ours
    assert b"learner0" not in ours
    frame = pd.read_parquet(io.BytesIO(files[f"runs/{place.model_run}/files/predictions.parquet"]))
    assert not frame["unit"].astype(str).str.startswith("learner").any()


def test_a_store_that_never_saw_the_run_gives_the_same_verdict(
    attain: Attain, archive: Path, place: Any, away: Path
) -> None:
    shutil.copyfile(place.clone / "answers.csv", away / "answers.csv")
    said = attain("reproduce", str(archive), "--json")
    assert said.out, said.err
    found = json.loads(said.out)
    assert (said.status, found["verdict"], len(found["models"])) == (0, "identical", 4)
    assert found["reproduces"] == place.suite_run
    copy = members(archive)
    name = f"runs/{place.model_run}/run.json"
    other = json.loads(copy[name])
    other["metrics"]["auc"][-1][0] += 0.01
    better = attain("reproduce", str(written(away / "better.zip", copy | {name: json.dumps(other).encode()})))
    assert better.status == 2
    assert f"Run {place.model_run[:8]} is here already, with other params or metrics than in" in better.err
    here, there = open_store(), open_store(place.store)
    for run_id in (place.suite_run, place.model_run):
        now, then = here.get_run(run_id), there.get_run(run_id)
        assert (now.params, now.metrics, now.status) == (then.params, then.metrics, then.status)
        assert (now.start_time, now.end_time) == (then.start_time, then.end_time)
    assert here.get_run(place.model_run).tags["attain.imported_from"] == archive.name
    assert "attain.key" in there.get_run(place.model_run).tags
    assert "attain.key" not in here.get_run(place.model_run).tags, "a job of ours would count as done"


def test_one_model_with_its_data_is_reproduced_from_the_unpacked_folder(attain: Attain, place: Any, away: Path) -> None:
    made = attain("export", place.model_run, "--store", place.store, "--repo", str(place.clone), "--with-data")
    assert made.status == 0, made.err
    assert "1 file of data, with learners' rows and ids as they are: give it only to those who may" in made.err
    (packed,) = away.glob("*.zip")
    assert hashlib.sha256(packed.read_bytes()).hexdigest() in made.out
    shutil.unpack_archive(packed, away / "unpacked")
    (away / "unpacked" / "a note of mine.txt").write_text("read on Tuesday")
    assert (away / "unpacked/data/answers.csv").read_bytes() == (place.clone / "answers.csv").read_bytes()
    said = attain("reproduce", "unpacked", "--json")
    assert said.out, said.err
    assert json.loads(said.out)["verdict"] == "identical"
    assert len(json.loads(said.out)["models"][0]["metrics"][0]["seeds"]["values"]) == 4, "runs of other seeds go along"


def changed(files: dict[str, bytes]) -> dict[str, bytes]:
    name = next(name for name in files if name.endswith("predictions.parquet"))
    return files | {name: files[name][:-1] + b"x"}


def lacking(files: dict[str, bytes], name: str) -> dict[str, bytes]:
    return {other: content for other, content in files.items() if other != name}


def of_version(files: dict[str, bytes], version: int) -> dict[str, bytes]:
    return files | {"archive.json": json.dumps(json.loads(files["archive.json"]) | {"format": version}).encode()}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path, files: written(path, changed(files), sums=False), "is damaged or was changed: 'runs/"),
        (lambda path, files: written(path, files | {"../../evil.py": b"1"}), "holds the path '../../evil.py', which"),
        (lambda path, files: written(path, files | {"/etc/evil": b"1"}), "holds the path '/etc/evil', which leads out"),
        (lambda path, files: written(path, files | {"a\\..\\b": b"1"}), "which leads out of it"),
        (lambda path, files: written(path, files | {"more.py": b"1"}, sums=False), "'more.py' is not in its list of"),
        (lambda path, files: written(path, lacking(files, "suite.yaml"), sums=False), "'suite.yaml' is missing"),
        (lambda path, files: written(path, of_version(files, 2)), "has format 2, and this attain reads format 1"),
        (lambda path, files: written(path, {"a.txt": b"1"}), "is no archive of a run: archive.json or SHA256SUMS"),
        (lambda path, files: written(path, files | {"archive.json": b"[]"}), "does not say what it is"),
        (lambda path, files: written(path, files | {"runs/00/run.json": b"{}"}), "record that is none: 'runs/00/run"),
        (lambda path, files: path.write_bytes(b"no zip") and path, "cannot be read: File is not a zip file. Fetch"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_archive_is_one_sentence_and_nothing_is_taken_in(
    attain: Attain, archive: Path, away: Path, make: Callable[[Path, dict[str, bytes]], Path], said: str
) -> None:
    path = make(away / "bad.zip", members(archive))
    done = attain("reproduce", str(path))
    assert done.status == 2
    assert said in " ".join(done.err.split())
    assert len(done.err.strip().splitlines()) == 1
    assert [one.name for one in open_store().list_experiments().items] == ["Default"]
    assert [path.name for path in away.iterdir()] == ["bad.zip"]


def test_an_archive_that_is_cut_short_or_not_there_is_one_sentence(attain: Attain, archive: Path, away: Path) -> None:
    (away / "cut.zip").write_bytes(archive.read_bytes()[:-100])
    cut = attain("reproduce", "cut.zip")
    assert (cut.status, "cannot be read" in cut.err) == (2, True)
    none = attain("reproduce", "none.zip")
    assert (none.status, none.err.strip()) == (2, "attain: There is no archive 'none.zip'.")


def test_an_archive_that_says_it_unpacks_to_far_more_than_it_is_is_not_unpacked(
    attain: Attain, archive: Path, away: Path
) -> None:
    content = bytearray(archive.read_bytes())
    entry = content.index(b"PK\1\2")  # the first file in the directory of the ZIP file; its size stands at 24
    content[entry + 24 : entry + 28] = (3_000_000_000).to_bytes(4, "little")
    (away / "trap.zip").write_bytes(content)
    done = attain("reproduce", "trap.zip")
    assert done.status == 2
    assert "'trap.zip' says that it unpacks to 3.0 GB, more than 100 times its size" in " ".join(done.err.split())
    assert [one.name for one in open_store().list_experiments().items] == ["Default"]


def test_what_a_run_unpacks_to_is_no_trap_at_any_size(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attain.repro.archive.read.SMALL", 0)
    assert open_archive(archive).names


def test_what_cannot_be_exported_leaves_no_file(attain: Attain, place: Any, away: Path) -> None:
    unknown = attain("export", place.suite_run, "--store", place.store, "-o", "a.zip")
    assert unknown.status == 2
    assert "The run was made with commit" in unknown.err
    (away / "b.zip").write_text("mine")
    taken = attain("export", place.suite_run, "--store", place.store, "--repo", str(place.clone), "-o", "b.zip")
    assert (taken.status, "'b.zip' is there already" in taken.err) == (2, True)
    nowhere = attain("export", place.suite_run, "--store", place.store, "--repo", str(place.clone), "-o", "no/c.zip")
    assert (nowhere.status, "cannot be written to 'no/c.zip': No such file" in nowhere.err) == (2, True)
    assert sorted(path.name for path in away.iterdir()) == ["b.zip"]
    assert (away / "b.zip").read_text() == "mine"


def test_data_that_are_gone_or_changed_are_not_exported(attain: Attain, place: Any, away: Path, tmp_path: Path) -> None:
    copy = tmp_path / "clone"
    shutil.copytree(place.clone, copy)
    store = f"sqlite:///{copy / '.attain' / 'attain.db'}"
    facts = original(open_store(store), place.suite_run)
    (one,) = facts.facts["data"]
    one["files"]["answers.csv"] = str(copy / "answers.csv")
    (copy / "answers.csv").write_text("other")
    with pytest.raises(Exception, match=r"'answers.csv' of 'answers' \(SHA-256 .*is gone or changed; export without"):
        export(facts, away / "a.zip", repository=copy, with_data=True)
    assert not list(away.iterdir())


def test_the_same_run_has_the_same_archive(archive: Path, place: Any, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    export(original(open_store(place.store), place.suite_run), again, repository=place.clone, with_data=False)
    assert again.read_bytes() == archive.read_bytes()


def test_what_conda_and_docker_are_told_is_what_the_run_was_made_with(archive: Path, place: Any) -> None:
    read = open_archive(archive)
    facts = json.loads(read.read("provenance.json"))
    packages = facts["environment"]["packages"]
    pinned = {name: about["version"] for name, about in packages.items() if "folder" not in about}
    *_, pip = yaml.safe_load(read.read("environment.yml"))["dependencies"]
    assert dict(line.split("==") for line in pip["pip"] if "==" in line) == pinned
    lines = read.read("Dockerfile").decode().splitlines()
    assert lines[0] == f"FROM python:{facts['environment']['python']}-slim"
    assert [line for line in lines if line.startswith("RUN python -m pip install --no-cache-dir --no-deps")]
    assert lines[-1] == 'ENTRYPOINT ["python", "-m", "attain.cli", "reproduce", "/archive", "--data", "/data"]'
    requirements = read.read("requirements.txt").decode().splitlines()
    assert [line.split(" ")[0] for line in requirements if "==" in line] == [f"{n}=={v}" for n, v in pinned.items()]
