import os
import subprocess
from pathlib import Path

import pytest

from attain.tracking import git
from attain.tracking.git import code_of


def run_git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    run_git(tmp_path, "init", "--quiet", "--initial-branch=work")
    (tmp_path / "model.py").write_text("a = 1\n")
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    run_git(tmp_path, "add", ".")
    run_git(tmp_path, "commit", "--quiet", "-m", "first")
    return tmp_path


def test_a_clean_repository_is_its_commit(repository: Path) -> None:
    code = code_of(repository)
    assert code is not None
    assert code.commit == run_git(repository, "rev-parse", "HEAD")
    assert (code.branch, code.diff, code.untracked, code.dirty) == ("work", b"", (), False)


def test_changes_are_found_from_any_folder_and_can_be_applied(repository: Path) -> None:
    (repository / "model.py").write_text("a = 2\n")
    (repository / "staged.py").write_text("b = 1\n")
    run_git(repository, "add", "staged.py")
    (repository / "deep").mkdir()
    (repository / "deep" / "größe.yaml").write_text("a: 1\n")
    (repository / "ignored.py").write_text("")
    (repository / "picture.png").write_text("")
    code = code_of(repository / "deep")
    assert code is not None
    assert code.dirty
    assert code.untracked == ("deep/größe.yaml",)
    (repository.parent / "diff").write_bytes(code.diff)
    run_git(repository, "stash", "--quiet")
    run_git(repository, "apply", str(repository.parent / "diff"))
    assert (repository / "model.py").read_text() == "a = 2\n"
    assert (repository / "staged.py").read_text() == "b = 1\n"


def test_the_index_is_not_touched(repository: Path) -> None:
    os.utime(repository / "model.py", (1, 1))  # unchanged, but git would like to note the new time in its index
    index = repository / ".git" / "index"
    before = (index.read_bytes(), index.stat().st_mtime_ns)
    code_of(repository)
    assert (index.read_bytes(), index.stat().st_mtime_ns) == before


def test_a_long_diff_is_cut_and_says_so(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "LONGEST_DIFF", 1_000)
    (repository / "model.py").write_text("a = 1\n" * 100_000)
    code = code_of(repository)
    assert code is not None
    assert code.diff.startswith(b"diff --git")
    assert code.diff.endswith(b"# cut: the diff is longer than 1000 bytes\n")
    assert len(code.diff) < 1_100


def test_many_untracked_files_are_counted(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "MOST_UNTRACKED", 2)
    for name in "abcd":
        (repository / f"{name}.py").touch()
    code = code_of(repository)
    assert code is not None
    assert code.untracked == ("a.py", "b.py", "… and 2 more")


def test_before_the_first_commit_everything_staged_is_the_diff(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "--quiet", "--initial-branch=work")
    (tmp_path / "model.py").write_text("a = 1\n")
    run_git(tmp_path, "add", ".")
    code = code_of(tmp_path)
    assert code is not None
    assert (code.commit, code.branch) == ("", "work")
    assert b"+a = 1" in code.diff


def test_outside_a_repository_or_without_git_there_is_none(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    outside = tmp_path.parent / "outside"
    outside.mkdir(exist_ok=True)
    assert code_of(outside) is None
    monkeypatch.setenv("PATH", str(outside))
    assert code_of(repository) is None
