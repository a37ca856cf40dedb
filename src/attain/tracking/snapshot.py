"""The code that a run was made with, as a git tree: the commit with uncommitted and untracked code files in it.

The tree is built with an index and a folder of objects of our own, so the repository and its index stay as they are.
What a clone of the repository lacks is kept as a bundle. Equal trees give equal bundles.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from attain.core.places import home
from attain.tracking.git import CODE, git, top_of
from attain.tracking.kept_out import LARGEST_TREE, kept_out

REF = "refs/attain/code"
"""As what the commit of the tree is found in a bundle."""
MOST_SKIPPED = 200
"""How many files that were not taken are named."""

IDENTITY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "attain"), ("EMAIL", "attain@localhost"), ("DATE", "1000000000 +0000"))
}
"""By whom and when a commit is made here, so that the same tree gives the same commit."""


@dataclass(frozen=True)
class Snapshot:
    """The code of a run.

    Attributes:
        commit: what was checked out; empty where nothing was.
        tree: hash of the git tree of all that was taken; the tree of the commit where nothing was changed.
        bundle: a git bundle with `REF`; empty where a clone has the commit and nothing was changed.
        whole: whether the bundle needs no commit of the repository.
        skipped: files that were not taken, each with the reason.
        remote: where the repository came from, without a password; empty where from nowhere.
        folder: the working folder, relative to the top of the repository.
        paths: folders of the repository from which Python imports, relative to its top.
    """

    commit: str
    tree: str
    bundle: bytes
    whole: bool
    skipped: tuple[tuple[str, str], ...]
    remote: str
    folder: str
    paths: tuple[str, ...]

    @property
    def facts(self) -> dict[str, Any]:  # JSON
        """All but the bundle."""
        own = {name: value for name, value in vars(self).items() if name != "bundle"}
        return own | {"skipped": [list(one) for one in self.skipped], "paths": list(self.paths)}


def snapshot(folder: Path) -> Snapshot | None:
    """The code around a folder: of its repository, or outside of one the code files that lie in it.

    None where git is missing, or there is no code.
    """
    top = top_of(folder)
    with tempfile.TemporaryDirectory() as scratch:
        tree = _Tree(top or folder, Path(scratch), in_repository=top is not None)
        return tree.snapshot(folder) if tree.is_made else None


class _Tree:
    """A git tree in the making, in a git folder of its own."""

    def __init__(self, root: Path, scratch: Path, *, in_repository: bool) -> None:
        self._root, self._index, self._own = root, scratch / "index", scratch / "own"
        self._in_repository = in_repository
        self._skipped: list[tuple[str, str]] = []
        self._scratch = scratch
        self.is_made = git(scratch, "init", "--quiet", "--bare", str(self._own)) is not None
        if not self.is_made:
            return
        self._variables = {"GIT_DIR": str(self._own), "GIT_WORK_TREE": str(root)}
        if in_repository:
            objects = root / _line(git(root, "rev-parse", "--git-path", "objects"))
            (self._own / "objects" / "info" / "alternates").write_text(f"{objects.resolve()}\n")
            self._variables = {
                "GIT_OBJECT_DIRECTORY": str(self._own / "objects"),
                "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects.resolve()),
            }
        self.commit = _line(git(root, "rev-parse", "--verify", "--quiet", "HEAD")) if in_repository else ""

    def snapshot(self, folder: Path) -> Snapshot | None:
        if self.commit:
            self._git("read-tree", self.commit)
        before = self._git("write-tree")
        left = self._take(self._changed()) if self._in_repository else self._take(self._lying(folder))
        tree = self._git("write-tree")
        remote = self._git("config", "--get", "remote.origin.url") if self._in_repository else ""
        whole = not (self.commit and self._git("branch", "--remotes", "--contains", self.commit))
        if whole and self.commit:
            whole, tree = self._drop_what_is_kept_out(left, tree)
        if not tree or not self._git("ls-files"):
            return None
        return Snapshot(
            commit=self.commit,
            tree=tree,
            bundle=self._bundle(tree, whole=whole) if whole or tree != before else b"",
            whole=whole,
            skipped=tuple(sorted(self._skipped)[:MOST_SKIPPED]),
            remote=_without_password(remote),
            folder=_below(folder, self._root) or ".",
            paths=tuple(dict.fromkeys(path for path in (_below(Path(p or "."), self._root) for p in sys.path) if path)),
        )

    def _changed(self) -> list[tuple[str, bool]]:
        """Files that are not as in the commit, each with whether git knows it."""
        index = self._root / _line(git(self._root, "rev-parse", "--git-path", "index"))
        copy = self._scratch / "copy"
        if index.is_file():
            shutil.copy2(index, copy)  # its time too: by that git knows which files it must look into
        since = (
            ("diff", "--name-only", "--no-renames", "-z", self.commit)
            if self.commit
            else ("ls-files", "--cached", "-z")
        )
        known = _names(git(self._root, *since, index=copy))
        others = _names(git(self._root, "ls-files", "--others", "--exclude-standard", "-z", index=copy))
        own = home().resolve()
        others = [name for name in others if not (self._root / name).resolve().is_relative_to(own)]
        return [*((name, True) for name in known), *((name, False) for name in others)]

    def _lying(self, folder: Path) -> list[tuple[str, bool]]:
        return [(path.name, False) for path in sorted(folder.iterdir()) if path.suffix in CODE and path.is_file()]

    def _take(self, files: Iterable[tuple[str, bool]]) -> int:
        """Put files into the tree as they lie in the working folder; how many bytes are left for others."""
        left, taken = LARGEST_TREE, []
        for name, known in files:
            path = self._root / name
            is_there = path.is_symlink() or path.exists()
            size = path.lstat().st_size if is_there else 0
            why = kept_out(name, size, known=known) if is_there else ""
            if not why and path.is_dir() and not path.is_symlink():
                why = "it is a repository of its own"
            if not why and size > left:
                why = f"all that is taken would be larger than {LARGEST_TREE >> 20} MiB"
            if why:
                self._skipped.append((name, why))
                continue
            left -= size
            taken.append(name)
        self._update(taken, "--add", "--remove")
        return left

    def _drop_what_is_kept_out(self, left: int, tree: str) -> tuple[bool, str]:
        """For a bundle that needs no commit: only what may be taken; whether it is small enough, and its tree."""
        dropped, total = [], 0
        for line in (git(self._root, "ls-tree", "-r", "-l", "-z", tree, variables=self._variables) or b"").split(b"\0"):
            if not line:
                continue
            about, _, name = os.fsdecode(line).partition("\t")
            size = about.split()[-1]
            why = kept_out(name, int(size), known=True) if size.isdigit() else "it is a repository of its own"
            if why:
                dropped.append((name, why))
            else:
                total += int(size)
        if total > LARGEST_TREE:
            self._skipped.append((".", f"commit {self.commit[:12]} is on no remote and too large to keep"))
            return False, tree
        self._skipped = list(dict(self._skipped + dropped).items())
        self._update([name for name, _ in dropped], "--force-remove")
        return True, self._git("write-tree")

    def _update(self, names: Sequence[str], *how: str) -> None:
        if names:
            said = b"".join(os.fsencode(name) + b"\0" for name in names)
            self._git("update-index", *how, "-z", "--stdin", said=said)

    def _bundle(self, tree: str, *, whole: bool) -> bytes:
        """The commit of a tree with what a clone of the repository lacks of it; it is the same for the same tree."""
        parents = [] if whole else ["-p", self.commit]
        own = {"GIT_DIR": str(self._own)}
        made = _line(git(self._own, "commit-tree", tree, *parents, "-m", "Code as it ran", variables=own | IDENTITY))
        git(self._own, "update-ref", REF, made, variables=own)
        path, since = self._scratch / "bundle", [] if whole else [f"^{self.commit}"]
        git(self._own, "-c", "pack.threads=1", "bundle", "create", "-q", str(path), REF, *since, variables=own)
        return path.read_bytes() if path.is_file() else b""

    def _git(self, *arguments: str, said: bytes = b"") -> str:
        return _line(git(self._root, *arguments, index=self._index, variables=self._variables, said=said))


def _below(path: Path, root: Path) -> str:
    """A folder relative to the root; "" where it is outside, or of installed packages."""
    path, root = path.resolve(), root.resolve()
    if not path.is_dir() or not path.is_relative_to(root) or {"site-packages", "dist-packages"} & set(path.parts):
        return ""
    below = path.relative_to(root).as_posix()
    return "" if below.startswith("lib/python") else below


def _without_password(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if parts.password else address


def _names(listed: bytes | None) -> list[str]:
    return sorted(os.fsdecode(name) for name in (listed or b"").split(b"\0") if name)


def _line(said: bytes | None) -> str:
    return os.fsdecode((said or b"").rstrip(b"\n"))
