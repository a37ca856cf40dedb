"""The code of a run as a bundle that needs no clone."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attain.core.errors import UserError
from attain.repro.checkout import check_out
from attain.tracking.git import git
from attain.tracking.kept_out import kept_out
from attain.tracking.snapshot import IDENTITY, REF


def whole_code(code: Mapping[str, Any], bundle: bytes, repository: Path, scratch: Path) -> tuple[dict[str, Any], bytes]:
    """What `provenance.json` says of the code, and a bundle of all of it but what no archive may hold.

    The tree of the run is checked out and verified first. Where files of it are left out (secrets, data and large
    files, by the rule of `kept_out`), the bundle has another tree; `tree_of_run` is the first then.

    Args:
        code: what `provenance.json` says of it.
        bundle: what the run kept of it.
        repository: a folder in a clone that has the commit, where the bundle needs one.
        scratch: a folder to work in.

    Raises:
        UserError: the commit is not known there, or what was kept gives another tree.
    """
    tree = scratch / "whole"
    check_out(code, bundle, repository, tree)
    left_out = _left_out(tree)
    said = b"".join(os.fsencode(name) + b"\0" for name, _ in left_out)
    git(tree, "update-index", "--force-remove", "-z", "--stdin", said=said)
    made = _line(git(tree, "write-tree"))
    commit = _line(git(tree, "commit-tree", made, "-m", "Code as it ran", variables=IDENTITY))
    path = scratch / "whole.bundle"
    done = [
        git(tree, "update-ref", REF, commit),
        git(tree, "-c", "pack.threads=1", "bundle", "create", "-q", str(path), REF),
    ]
    if None in done:
        raise UserError("The code of the run cannot be bundled: git refused. Is there room on the disk?")
    facts = {**code, "whole": True, "kept": True, "tree": made, "skipped": [*code["skipped"], *left_out]}
    return facts | ({"tree_of_run": code["tree"]} if made != code["tree"] else {}), path.read_bytes()


def _left_out(tree: Path) -> list[list[str]]:
    """Files of the commit that is checked out which may hold secrets or data, or are large, each with the reason."""
    found = []
    for line in (git(tree, "ls-tree", "-r", "-l", "-z", "HEAD") or b"").split(b"\0"):
        about, _, name = os.fsdecode(line).partition("\t")
        size = about.split()[-1] if about else ""
        why = kept_out(name, int(size), known=True) if size.isdigit() else "it is a repository of its own" * bool(size)
        if why:
            found.append([name, why])
    return found


def _line(said: bytes | None) -> str:
    return os.fsdecode((said or b"").rstrip(b"\n"))
