import subprocess
from pathlib import Path

import pytest

from attain.tracking import kept_out
from attain.tracking.snapshot import REF, Snapshot, snapshot


def run_git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin"
    folder.mkdir()
    run_git(folder, "init", "--quiet", "--initial-branch=work")
    for name in ("model.py", "old.py", "notes.txt", "answers.csv"):
        (folder / name).write_text("a = 1\n")
    run_git(folder, "add", ".")
    run_git(folder, "commit", "--quiet", "-m", "first")
    return folder


@pytest.fixture
def repository(origin: Path) -> Path:
    """A clone with a change of each kind."""
    folder = origin.parent / "clone"
    run_git(origin.parent, "clone", "--quiet", str(origin), str(folder))
    (folder / "model.py").write_text("a = 2\n")
    (folder / "old.py").unlink()
    (folder / "staged.txt").write_text("said\n")
    run_git(folder, "add", "staged.txt")
    (folder / "own").mkdir()
    (folder / "own" / "größe.py").write_text("b = 1\n")
    return folder


def taken(folder: Path) -> Snapshot:
    found = snapshot(folder)
    assert found is not None
    return found


def checked_out(code: Snapshot, repository: Path, into: Path) -> Path:
    run_git(into.parent, "clone", "--quiet", str(repository), str(into))
    bundle = into.parent / "bundle"
    bundle.write_bytes(code.bundle)
    run_git(into, "fetch", "--quiet", str(bundle), REF)
    run_git(into, "checkout", "--quiet", "FETCH_HEAD")
    assert run_git(into, "rev-parse", "HEAD^{tree}") == code.tree
    return into


def test_changes_of_every_kind_come_back_in_a_fresh_clone(origin: Path, repository: Path, tmp_path: Path) -> None:
    code = taken(repository / "own")
    assert (code.folder, code.whole) == ("own", False)
    there = checked_out(code, origin, tmp_path / "fresh")
    assert (there / "model.py").read_text() == "a = 2\n"
    assert (there / "own" / "größe.py").read_text() == "b = 1\n"
    assert (there / "staged.txt").exists()
    assert not (there / "old.py").exists()


def test_the_repository_and_its_index_stay_as_they_are(repository: Path) -> None:
    def state() -> dict[str, tuple[bytes, int]]:  # of an object that we need too, git renews the time
        files = [path for path in (repository / ".git").rglob("*") if path.is_file()]
        times = {path: 0 if "objects" in path.parts else path.stat().st_mtime_ns for path in files}
        return {str(path): (path.read_bytes(), times[path]) for path in files}

    before = state()
    taken(repository)
    assert state() == before


def test_a_clean_clone_needs_no_bundle(repository: Path) -> None:
    run_git(repository, "reset", "--quiet", "--hard")
    run_git(repository, "clean", "--quiet", "-fd")
    code = taken(repository)
    assert code.bundle == b""
    assert code.tree == run_git(repository, "rev-parse", "HEAD^{tree}")


def test_equal_trees_give_equal_bundles(repository: Path) -> None:
    first = taken(repository)
    assert taken(repository) == first
    (repository / "model.py").write_text("a = 3\n")
    assert taken(repository).tree != first.tree


def test_secrets_and_data_are_left_out_and_named(origin: Path, repository: Path, tmp_path: Path) -> None:
    for name in (".env", "server.pem", "secrets.yaml", "new.parquet", "picture.png", "answers.csv"):
        (repository / name).write_text("hush\n")
    run_git(repository, "add", "--force", ".env")
    code = taken(repository)
    assert dict(code.skipped) == {
        ".env": "it may hold a secret",
        "server.pem": "it may hold a secret",
        "secrets.yaml": "it may hold a secret",
        "new.parquet": "it is data",
        "answers.csv": "it is data",
        "picture.png": "git does not know it, and it is not code",
    }
    there = checked_out(code, origin, tmp_path / "fresh")
    assert (there / "answers.csv").read_text() == "a = 1\n"
    assert not (there / ".env").exists()


def test_a_large_file_is_left_out(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / "large.py").write_text("a = 1\n" * 200_000)
    assert ("large.py", "it is larger than 1 MiB") in taken(repository).skipped
    monkeypatch.setattr("attain.tracking.snapshot.LARGEST_TREE", 8)
    assert kept_out.LARGEST_TREE > 8
    assert any("would be larger" in why for _, why in taken(repository).skipped)


def test_a_commit_that_is_on_no_remote_is_kept_whole_but_for_secrets_and_data(origin: Path, tmp_path: Path) -> None:
    (origin / ".env").write_text("hush\n")
    run_git(origin, "add", "--force", ".env")
    run_git(origin, "commit", "--quiet", "-m", "a mistake")
    code = taken(origin)
    assert code.whole
    empty = tmp_path / "empty"
    empty.mkdir()
    run_git(empty, "init", "--quiet")
    there = checked_out(code, empty, tmp_path / "fresh")
    assert sorted(path.name for path in there.iterdir()) == [".git", "model.py", "notes.txt", "old.py"]
    assert dict(code.skipped) == {".env": "it may hold a secret", "answers.csv": "it is data"}


def test_a_password_in_the_address_of_the_remote_is_not_kept(repository: Path) -> None:
    run_git(repository, "config", "remote.origin.url", "https://me:hush@example.org/a.git")
    assert taken(repository).remote == "https://example.org/a.git"


def test_outside_a_repository_the_code_in_the_folder_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert snapshot(tmp_path) is None
    (tmp_path / "own.py").write_text("a = 1\n")
    (tmp_path / "answers.csv").write_text("a\n")
    code = taken(tmp_path)
    assert (code.commit, code.whole) == ("", True)
    (tmp_path / "empty").mkdir()
    run_git(tmp_path / "empty", "init", "--quiet")
    there = checked_out(code, tmp_path / "empty", tmp_path / "fresh")
    assert sorted(path.name for path in there.iterdir()) == [".git", "own.py"]


def test_a_change_of_the_same_length_within_the_second_of_the_checkout_is_seen(origin: Path, tmp_path: Path) -> None:
    """Git looks into such a file only where the index is no younger than it; a copy of the index must not be either."""
    folder = tmp_path / "quick"
    run_git(tmp_path, "clone", "--quiet", str(origin), str(folder))
    (folder / "model.py").write_text("a = 2\n")
    found = checked_out(taken(folder), folder, tmp_path / "again")
    assert (found / "model.py").read_text() == "a = 2\n"


def test_data_that_were_deleted_are_not_in_the_tree(origin: Path, tmp_path: Path) -> None:
    folder = tmp_path / "less"
    run_git(tmp_path, "clone", "--quiet", str(origin), str(folder))
    (folder / "answers.csv").unlink()
    code = taken(folder)
    assert code.skipped == ()
    assert not (checked_out(code, folder, tmp_path / "again") / "answers.csv").exists()
