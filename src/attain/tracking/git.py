"""The state of a git repository, read without changing anything in it (its index neither)."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

LONGEST_DIFF = 1 << 20
"""Bytes of a diff that are kept; a repository with large generated files must not fill the store."""
MOST_UNTRACKED = 500
CODE = (".py", ".ipynb", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".sh", ".sql", ".r", ".jl", ".pyx", ".c", ".cpp")


@dataclass(frozen=True)
class Code:
    """What was checked out, and how the files differ from it.

    Attributes:
        commit: its full hash; empty before the first commit.
        branch: empty where none is checked out.
        diff: changes to tracked files since the commit, at most 1 MiB and then cut with a line that says so.
        untracked: files with code or settings that git does not know, relative to the repository.
    """

    commit: str
    branch: str
    diff: bytes
    untracked: tuple[str, ...]

    @property
    def dirty(self) -> bool:
        """Whether the commit alone does not give the code that ran."""
        return bool(self.diff or self.untracked)


def code_of(folder: Path) -> Code | None:
    """The repository around a folder; None if there is none, or git is missing or refuses."""
    root = top_of(folder)
    if root is None:
        return None
    commit = (git(root, "rev-parse", "--verify", "--quiet", "HEAD") or b"").decode().strip()
    branch = (git(root, "symbolic-ref", "--short", "--quiet", "HEAD") or b"").decode(errors="replace").strip()
    since = ["HEAD"] if commit else ["--cached"]
    diff = _diff(root, *since)
    others = git(root, "ls-files", "--others", "--exclude-standard", "-z") or b""
    names = sorted(os.fsdecode(name) for name in others.split(b"\0") if name)
    code = [name for name in names if name.lower().endswith(CODE)]
    if len(code) > MOST_UNTRACKED:
        code = [*code[:MOST_UNTRACKED], f"… and {len(code) - MOST_UNTRACKED} more"]
    return Code(commit, branch, diff, tuple(code))


def top_of(folder: Path) -> Path | None:
    """The folder that holds the whole repository around `folder`; None outside one, or without git."""
    top = git(folder, "rev-parse", "--show-toplevel")
    return None if top is None else Path(os.fsdecode(top.rstrip(b"\n")))


def _diff(root: Path, *since: str) -> bytes:
    """The changes, found with a copy of the index: `git diff` writes new file times into the one that it uses."""
    found = git(root, "rev-parse", "--git-path", "index")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "index"
        index = root / os.fsdecode((found or b"").rstrip(b"\n"))
        if index.is_file():
            shutil.copy2(index, copy)  # its time too: by that git knows which files it must look into
        command = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", *since)
        return git(root, *command, most=LONGEST_DIFF, index=copy) or b""


def git(
    folder: Path,
    *arguments: str,
    most: int | None = None,
    index: Path | None = None,
    variables: Mapping[str, str] | None = None,
    said: bytes = b"",
) -> bytes | None:
    """What a git command prints, at most `most` bytes of it; None if it fails.

    Args:
        folder: where it runs.
        arguments: the command.
        most: bytes of its output that are read.
        index: the file it uses as its index.
        variables: of its environment, beside ours.
        said: what it reads.
    """
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false", *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    if index is not None:
        environment["GIT_INDEX_FILE"] = str(index)
    environment |= variables or {}
    with tempfile.TemporaryFile() as given:
        given.write(said)
        given.seek(0)
        try:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError:
            return None
    with process:
        assert process.stdout is not None
        text = process.stdout.read(-1 if most is None else most + 1)
        if most is not None and len(text) > most:
            process.kill()
            return text[:most] + f"\n# cut: the diff is longer than {most} bytes\n".encode()
        return text if process.wait() == 0 else None
