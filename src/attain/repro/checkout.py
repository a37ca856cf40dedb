"""The code of a run in a folder of its own; the repository that lends its objects stays as it is."""

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attain.core.errors import UserError
from attain.tracking.git import git, top_of
from attain.tracking.snapshot import REF


def check_out(code: Mapping[str, Any] | None, bundle: bytes, repository: Path, into: Path) -> None:  # JSON
    """Write the tree of a run into an empty folder, and check that it is that tree.

    Args:
        code: what `provenance.json` says of it; None where the run kept no code, then the folder stays empty.
        bundle: what was kept of it.
        repository: a folder in a clone that has the commit, where the bundle needs one.
        into: the folder.

    Raises:
        UserError: the commit is not known there, or what was kept gives another tree.
    """
    into.mkdir()
    if code is None:
        return
    _run(into, "init", "--quiet")
    top = top_of(repository)
    if not code["whole"]:
        commit = code["commit"]
        if top is None or git(top, "cat-file", "-e", f"{commit}^{{commit}}") is None:
            where = f"{str(top)!r} does not have" if top else f"is in no repository at {str(repository)!r}"
            remote = f" from {code['remote']}" if code["remote"] else ""
            raise UserError(
                f"The run was made with commit {commit[:12]}, which {where}; fetch it{remote}, or name a clone that "
                "has it with --repo."
            )
        objects = top / (git(top, "rev-parse", "--git-path", "objects") or b"").decode().strip()
        (into / ".git" / "objects" / "info" / "alternates").write_text(f"{objects.resolve()}\n")
    wanted = code["commit"]
    if bundle:
        kept = into / ".git" / "tree.bundle"
        kept.write_bytes(bundle)
        _run(into, "fetch", "--quiet", str(kept), REF)
        wanted = "FETCH_HEAD"
    _run(into, "-c", "advice.detachedHead=false", "checkout", "--quiet", wanted)
    tree = (git(into, "rev-parse", "HEAD^{tree}") or b"").decode().strip()
    if tree != code["tree"]:
        raise UserError(f"What was kept of the code gives tree {tree[:12]}; the run had {code['tree'][:12]}.")


def _run(folder: Path, *arguments: str) -> None:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["no words"]
        raise UserError(f"The code of the run cannot be had again: git {arguments[0]}: {said[-1]}")
