"""Facts of learners and skills that metrics may want: a simulator's truth, and files of tests and prerequisites."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError, unknown
from attain.core.facts import TESTS, Facts
from attain.data import pseudonym
from attain.data.choosing.prerequisites import acyclic
from attain.data.courses.tables import numbers, texts
from attain.data.dataset import Dataset
from attain.data.formats.columns import RawTable
from attain.data.formats.read import content_of, read


def facts_of(dataset: Dataset) -> Facts:
    """What a data set knows of itself: of a simulated one everything, of a real one nothing.

    A simulated learner's tests ask each skill that the learner practised, and nobody slips or guesses in them.
    """
    known = dataset.truth.get("mastery")
    if known is None:
        return Facts()
    edges = dataset.truth.get("prerequisites")
    before_after = known.assign(pre=known["known_at"] == 0, post=known["known_at"] >= 0)
    tests = before_after.groupby("learner", sort=False)[list(TESTS)].mean().reset_index()
    return Facts(known[["learner", "skill", "known_at"]], edges if edges is not None and len(edges) else None, tests)


def read_prerequisites(path: Path, skills: NDArray[np.object_]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The graph in a file with columns `skill` and `needs`, one row an edge, and what is to be said of it.

    Edges that would close a cycle are cut, by the rule of `acyclic`. Needed skills that nobody practised stay.

    Args:
        path: CSV or Parquet.
        skills: names of the skills that are judged.

    Raises:
        UserError: the file cannot be read, a cell is empty, or none of its skills is judged.
    """
    table = read(path, content_of(path), {"skill": "a skill", "needs": "a skill that it needs"})
    after, before = (_full(table, name) for name in ("skill", "needs"))
    kept, cut = acyclic(zip(map(str, before), map(str, after), strict=True))
    remarks = [f"{a!r} needs {b!r} is left out: it would close a cycle" for b, a in cut]
    frame = pd.DataFrame(kept, columns=["needs", "skill"])
    judged = {str(name) for name in skills}
    here = frame["skill"].isin(judged)
    if not here.any():
        name = next(iter(frame["skill"]), str(after[0]) if len(after) else "")
        raise unknown("skill", name, judged, where=f"{path}: none of its skills is judged here. ")
    if strange := sorted(set(frame["skill"][~here]) | set(frame["needs"][here]) - judged):
        remarks.append(f"skills that nobody practised here: {', '.join(map(repr, strange[:3]))}{_rest(strange)}")
    return frame[here].reset_index(drop=True), tuple(remarks)


def read_tests(path: Path, units: NDArray[np.object_]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Tests before and after in a file with columns `learner`, `pre` and `post`, and what is to be said of it.

    Learners' names are matched as they stand, or (where none is found) by their pseudonyms under this machine's key.

    Args:
        path: CSV or Parquet; `pre` and `post` are shares right between 0 and 1, empty for a test not taken.
        units: names of the learners in the predictions.

    Raises:
        UserError: the file cannot be read, a share is out of range, a learner is there twice, or none is known.
    """
    table = read(path, content_of(path), {"learner": "who was tested", "pre": "before", "post": "after"})
    learner = pd.Series(_full(table, "learner"))
    if (twice := learner.duplicated().to_numpy()).any():
        row = int(twice.argmax())
        raise table.error(row, "learner", f"{table.place(int((learner == learner[row]).argmax()))} has the same one.")
    shares = {name: _share(table, name) for name in TESTS}
    remarks = []
    here = learner.isin(pd.Index(units, dtype=object))
    if not here.any():
        learner = pd.Series(pseudonym.pseudonyms(map(str, learner), pseudonym.key()))
        here = learner.isin(pd.Index(units, dtype=object))
        remarks.append("learners were found by their pseudonyms")
    if not here.any():
        raise UserError(
            f"{path}: none of its {len(learner):,} learners is in the predictions, neither by name nor by pseudonym. "
            "The column 'learner' must hold the names that the data set has."
        )
    if not here.all():
        remarks.append(f"{int((~here).sum()):,} learners with tests are not in the predictions")
    return pd.DataFrame({"learner": learner, **shares})[here].reset_index(drop=True), tuple(remarks)


def _full(table: RawTable, name: str) -> NDArray[np.object_]:
    cells = texts(table, name)
    if (empty := cells == "").any():
        raise table.error(int(empty.argmax()), name, "is empty; give each row a name here, or take the row out.")
    return cells


def _share(table: RawTable, name: str) -> NDArray[np.float64]:
    values = numbers(table, name)
    if (bad := (values < 0) | (values > 1)).any():
        row = int(bad.argmax())
        raise table.error(row, name, f"{values[row]:g} is not a share between 0 and 1; divide points by their maximum.")
    return values


def _rest(names: list[str]) -> str:
    return f" and {len(names) - 3} more" if len(names) > 3 else ""
