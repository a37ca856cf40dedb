"""Where the kept texts of two runs differ: uncommitted code, suite, packages."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import unified_diff

from attain.core.errors import UserError
from attain.tracking.artifacts import read_bytes
from attain.tracking.entities import Run
from attain.tracking.errors import NotFound
from attain.tracking.sql.store import Store

KEPT = (
    ("code/uncommitted.diff", "Uncommitted code"),
    ("code/untracked.txt", "Files that git does not know"),
    ("suite.yaml", "Suite"),
    ("environment.txt", "Packages"),
)
"""Files that runs keep of how they came about, and what they are."""
MOST_LINES, MOST_BYTES = 400, 1 << 20


@dataclass(frozen=True)
class TextDifference:
    """One kept text: lines of a unified diff, each with its kind (same, gone, new, place)."""

    name: str
    path: str
    lines: tuple[tuple[str, str], ...]
    said: str


def text_differences(store: Store, a: Run, b: Run) -> tuple[TextDifference, ...]:
    """What the first run's texts have that the second's have not, and the other way round; equal texts are left out."""
    out = []
    for path, name in KEPT:
        before, after = (_text(store, run, path) for run in (a, b))
        if before == after:
            continue
        lines = list(unified_diff(before.splitlines(), after.splitlines(), a.name, b.name, lineterm=""))
        cut = f"The first {MOST_LINES} of {len(lines):,} lines." if len(lines) > MOST_LINES else ""
        out.append(TextDifference(name, path, _kinds(lines[:MOST_LINES]), cut))
    return tuple(out)


def _kinds(lines: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Each line with its kind; the first two name the texts."""
    kinds = {"-": "gone", "+": "new", "@": "place"}
    return tuple(("place" if at < 2 else kinds.get(line[:1], "same"), line) for at, line in enumerate(lines))


def _text(store: Store, run: Run, path: str) -> str:
    """The text that a run keeps, or the suite that it is a part of; "" where neither does."""
    for _ in range(3):
        found = next((one for one in store.artifacts_under(run.run_id, path) if one.path == path), None)
        if found is not None and (found.size or 0) <= MOST_BYTES:
            try:
                return read_bytes(store, run.run_id, path).decode(errors="replace")
            except UserError as error:
                return f"This file cannot be read: {error}"
        if not run.parent_run_id:
            return ""
        try:
            run = store.get_run(run.parent_run_id)
        except NotFound:
            return ""
    return ""
