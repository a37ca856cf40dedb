import json
import subprocess
import sys
from importlib.metadata import distributions, version
from pathlib import Path

import pytest

from attain.tracking import provenance
from attain.tracking.environment import installed, plain
from attain.tracking.git import Code
from attain.tracking.provenance import capture


@pytest.fixture
def captured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> provenance.Provenance:
    (tmp_path / "train.py").touch()
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "train.py"), "--lr", "0.1"])
    monkeypatch.setattr(sys, "orig_argv", ["python", "train.py", "--name", "two words"])
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    return capture(tmp_path)


def test_the_command_and_the_machine_are_tags(captured: provenance.Provenance) -> None:
    tags = captured.tags
    assert tags["attain.command"] == "python train.py --name 'two words'"
    assert tags["mlflow.source.name"] == "train.py"
    assert "OMP_NUM_THREADS=3" in tags["attain.threads"]
    assert int(tags["attain.cpus"]) >= 1
    assert tags["attain.python"] == ".".join(map(str, sys.version_info[:3]))
    assert "mlflow.source.git.commit" not in tags


def test_the_packages_are_a_file(captured: provenance.Provenance) -> None:
    text = captured.files["environment.txt"]
    head, *lines = text.decode().splitlines()
    assert head.startswith("# Python 3.")
    assert f"numpy=={version('numpy')}" in lines
    assert lines == sorted(lines, key=str.lower) or len(lines) == len(set(lines))


def test_uncommitted_code_is_kept_and_called_dirty(captured: provenance.Provenance) -> None:
    code = Code(commit="c" * 40, branch="work", diff=b"diff --git", untracked=("a.py", "b.py"))
    dirty = provenance.Provenance(**{**vars(captured), "code": code})
    assert dirty.tags["mlflow.source.git.commit"] == "c" * 40
    assert dirty.tags["mlflow.source.git.branch"] == "work"
    assert dirty.tags["attain.git.dirty"] == "true"
    assert dirty.files["code/uncommitted.diff"] == b"diff --git"
    assert dirty.files["code/untracked.txt"] == b"a.py\nb.py\n"
    clean = provenance.Provenance(**{**vars(captured), "code": Code("c" * 40, "", b"", ()), "tree": None})
    assert clean.tags["attain.git.dirty"] == "false"
    assert set(clean.files) - {"pylock.toml"} == {"environment.txt", "provenance.json"}, "a lock where uv can make one"


def test_packages_are_kept_with_the_hash_of_their_files_and_the_processor_with_what_it_can_do(
    captured: provenance.Provenance,
) -> None:
    known = json.loads(captured.files["provenance.json"])["environment"]
    assert known["packages"]["numpy"]["version"] == version("numpy")
    assert len(known["packages"]["numpy"]["record_sha256"]) == 64
    assert known["features"]
    assert known["variables"]["OMP_NUM_THREADS"] == "3"


def test_names_and_versions_are_those_that_python_reads_in_the_whole_of_the_metadata() -> None:
    expected: dict[str, str] = {}
    for one in distributions():
        expected.setdefault(plain(one.metadata["Name"]), one.version)
    assert {plain(name): version for _, name, version in installed()} == expected


def test_a_script_elsewhere_is_named_without_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/opt/tools/bin/attain"])
    assert capture(tmp_path).entry == "attain"


def test_it_is_looked_up_once(tmp_path: Path) -> None:
    assert capture(tmp_path) is capture(tmp_path)


def test_it_costs_no_heavy_import() -> None:
    script = "import sys, attain.tracking.provenance; print({'pandas', 'numpy', 'sqlalchemy'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
