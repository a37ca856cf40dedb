"""The code in an archive needs no clone, and has no secret and no data that were committed."""

import subprocess
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.repro.archive.code import whole_code
from attain.repro.checkout import check_out
from attain.tracking.snapshot import snapshot


def run_git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, check=True)


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with committed code, secrets and data, and a change that is not committed."""
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "home"))
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    run_git(origin, "init", "--quiet")
    (origin / "model.py").write_text("A = 1\n")
    (origin / ".env").write_text("TOKEN=x\n")
    (origin / "rows.csv").write_text("learner,correct\nana,1\n")
    run_git(origin, "add", "-f", ".")
    run_git(origin, "commit", "--quiet", "-m", "first")
    run_git(tmp_path, "clone", "--quiet", str(origin), str(clone))
    (clone / "model.py").write_text("A = 2\n")
    return clone


def test_it_is_had_again_without_the_clone_but_for_secrets_and_data(clone: Path, tmp_path: Path) -> None:
    taken = snapshot(clone)
    assert taken is not None
    assert not taken.whole
    (tmp_path / "scratch").mkdir()
    facts, bundle = whole_code(taken.facts, taken.bundle, clone, tmp_path / "scratch")
    assert facts["tree_of_run"] == taken.tree != facts["tree"]
    assert facts["skipped"][-2:] == [[".env", "it may hold a secret"], ["rows.csv", "it is data"]]
    nowhere = tmp_path / "nowhere"
    nowhere.mkdir()
    check_out(facts, bundle, nowhere, tmp_path / "again")
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == [".git", "model.py"]
    assert (tmp_path / "again" / "model.py").read_text() == "A = 2\n"
    objects = subprocess.run(
        ["git", "cat-file", "--batch-all-objects", "--batch"], cwd=tmp_path / "again", capture_output=True, check=True
    )
    assert b"A = 2" in objects.stdout
    assert b"TOKEN" not in objects.stdout
    assert b"ana" not in objects.stdout


def test_with_nothing_left_out_it_is_the_tree_of_the_run(clone: Path, tmp_path: Path) -> None:
    run_git(clone, "rm", "--quiet", ".env", "rows.csv")
    taken = snapshot(clone)
    assert taken is not None
    (tmp_path / "scratch").mkdir()
    facts, bundle = whole_code(taken.facts, taken.bundle, clone, tmp_path / "scratch")
    assert facts["tree"] == taken.tree
    assert "tree_of_run" not in facts
    (tmp_path / "other").mkdir()
    again, same = whole_code(taken.facts, taken.bundle, clone, tmp_path / "other")
    assert (again, same) == (facts, bundle)


def test_a_bundle_of_another_tree_is_refused(clone: Path, tmp_path: Path) -> None:
    taken = snapshot(clone)
    assert taken is not None
    (tmp_path / "scratch").mkdir()
    with pytest.raises(UserError, match=r"What was kept of the code gives tree .*; the run had 000000000000\."):
        whole_code(taken.facts | {"tree": "0" * 40}, taken.bundle, clone, tmp_path / "scratch")
