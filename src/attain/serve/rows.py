"""Rows of answers and questions, scored without keeping anything: each from its learner's rows before it."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import unknown
from attain.core.table import SKILL_SEPARATOR
from attain.data.answers import log_of
from attain.serve.served import Served
from attain.server.wire import BadRequest

COLUMNS = ("learner", "item", "skill", "correct", "time_s")
Ints = NDArray[np.int64]


def score(served: Served, table: pd.DataFrame) -> NDArray[np.float64]:
    """The probability of a right answer in each row, from the earlier rows of its learner.

    A row whose `correct` is missing is a question: it is answered from the answers before it, and is nothing to other
    questions. After a learner's first question there must be no answer.

    Args:
        served: the model.
        table: some of `COLUMNS`; `item` or `skill` at least. Skills are text, joined by `~~`, or lists; where they
            are missing they are those of the item. Without `learner` each row is of a learner of its own. The order
            of rows is that of time.

    Returns:
        shape (len(table),), in the order of `table`.

    Raises:
        BadRequest: a column is missing or unknown, or a value is not right.
    """
    _check(table)
    learner = _learners(table)
    correct = _answers(table)
    order = np.argsort(learner, kind="stable").astype(np.int64)
    who, rows, last = _histories(learner[order], correct[order])
    if not len(rows):
        return np.empty(0)
    rows = order[rows]
    items, skills = _items(table), _skills(served, table)
    times = _times(table)
    log = log_of(
        who,
        [items[row] for row in rows],
        [skills[row] for row in rows],
        np.where(np.isnan(correct[rows]), 0, correct[rows]).astype(np.int8),
        None if times is None else [times[row] for row in rows],
    )
    said = np.asarray(served.tracer.predict(log), dtype=np.float64)
    scores = np.empty(len(table))
    scores[rows[last]] = said[last]
    return scores


def _check(table: pd.DataFrame) -> None:
    if others := [name for name in table.columns if name not in COLUMNS]:
        raise BadRequest(str(unknown("column", str(others[0]), COLUMNS)))
    if not {"item", "skill"} & set(table.columns):
        raise BadRequest("The rows have neither 'item' nor 'skill'; one of the two is needed.")


def _learners(table: pd.DataFrame) -> Ints:
    if "learner" not in table:
        return np.arange(len(table), dtype=np.int64)
    if table["learner"].isna().any():
        raise BadRequest(f"Row {_first(table['learner'].isna())}: 'learner' is missing.")
    return pd.factorize(table["learner"].astype(str))[0].astype(np.int64)


def _answers(table: pd.DataFrame) -> NDArray[np.float64]:
    """The answers; NaN for questions."""
    if "correct" not in table:
        return np.full(len(table), np.nan)
    values = pd.to_numeric(table["correct"], errors="coerce").astype(float)
    wrong = (values.isna() & table["correct"].notna()) | (values.notna() & ~values.isin([0, 1]))
    if wrong.any():
        raise BadRequest(f"Row {_first(wrong)}: 'correct' is neither 0 nor 1, nor missing.")
    return np.asarray(values, dtype=np.float64)


def _items(table: pd.DataFrame) -> list[str]:
    if "item" not in table:
        return [""] * len(table)
    if table["item"].isna().any():
        raise BadRequest(f"Row {_first(table['item'].isna())}: 'item' is missing.")
    return [str(item) for item in table["item"]]


def _skills(served: Served, table: pd.DataFrame) -> list[tuple[str, ...]]:
    known = served.items or {}
    if "skill" not in table:
        return [known.get(str(item), ()) for item in table["item"]]
    return [
        tuple(str(one) for one in skill)
        if isinstance(skill, list | tuple | np.ndarray)
        else tuple(part for part in str(skill).split(SKILL_SEPARATOR) if part)
        if not pd.isna(skill)
        else ()
        for skill in table["skill"]
    ]


def _times(table: pd.DataFrame) -> list[float] | None:
    if "time_s" not in table:
        return None
    values = pd.to_numeric(table["time_s"], errors="coerce").astype(float)
    if (wrong := values.isna() & table["time_s"].notna()).any():
        raise BadRequest(f"Row {_first(wrong)}: 'time_s' is not a number of seconds.")
    return [float(value) for value in values]


def _histories(learner: Ints, correct: NDArray[np.float64]) -> tuple[Ints, Ints, NDArray[np.bool_]]:
    """Rows to read, each further question of a learner with all answers once more before it.

    Args:
        learner: ascending.
        correct: NaN for questions.

    Returns:
        Numbers of histories, ascending; the rows in each; and which of these rows are to be scored there.
    """
    parts = list(_parts(learner, correct))
    if not parts:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=bool)
    who = np.repeat(np.arange(len(parts)), [len(rows) for rows, _ in parts])
    rows, scored = (np.concatenate([part[place] for part in parts]) for place in (0, 1))
    return who, rows, scored.astype(bool)


def _parts(learner: Ints, correct: NDArray[np.float64]) -> Iterator[tuple[Ints, NDArray[np.bool_]]]:
    begins = [0, *(np.flatnonzero(np.diff(learner)) + 1), len(learner)] if len(learner) else [0]
    for begin, end in pairwise(begins):
        asked = np.isnan(correct[begin:end])
        n_answers = int((~asked).sum())
        if asked[:n_answers].any():
            raise BadRequest("'correct' is missing in a row before a learner's last answer; put questions last.")
        answers = np.arange(begin, begin + n_answers)
        if n_answers == end - begin:
            yield answers, np.ones(n_answers, dtype=bool)
        for number, question in enumerate(range(begin + n_answers, end)):
            scored = np.full(n_answers + 1, number == 0)
            scored[-1] = True
            yield np.append(answers, question), scored


def _first(mask: "pd.Series[bool]") -> int:
    return int(np.flatnonzero(mask.to_numpy())[0])
