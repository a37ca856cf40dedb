"""Cells of a raw table as values: right or wrong, numbers, times. Each distinct text is read once."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.data.formats.columns import Column, RawTable
from attain.data.source import Source

WRONG, RIGHT, NO_ANSWER, EMPTY = 0, 1, 2, 3

_LONGEST_SHOWN = 20
_MANY_LEARNERS = 10
_HARMLESS = re.compile(
    r"[-+.]?\d[-+\d.,:/ TZe]*|.|yes|no|true|false|right|wrong|correct|incorrect|ok|error|bug|hint|study|n/?a|nan|null"
    r"|none|[-+]?inf|maybe|unknown",
    re.IGNORECASE,
)
"""Numbers, dates, single signs, and the words that files have for an answer: they name nobody."""


def answers(table: RawTable, name: str, source: Source) -> NDArray[np.int8]:
    """What each row says of its answer: `WRONG`, `RIGHT`, `NO_ANSWER` (such as a presentation) or `EMPTY`.

    Raises:
        UserError: a cell is none of them.
    """
    return _meaning(table, name, source, (source.right, source.wrong, source.not_answers))


def originals(table: RawTable, name: str, source: Source) -> NDArray[np.bool_]:
    """Which rows are main problems, not scaffolding steps; an empty cell counts as a main problem."""
    return np.asarray(_meaning(table, name, source, (("1", "true"), ("0", "false"), ())) != WRONG)


def numbers(table: RawTable, name: str, rows: NDArray[np.integer], source: Source) -> NDArray[np.float64]:
    """The numbers in some rows of a column, NaN where the cell is empty; shape (len(rows),).

    Raises:
        UserError: a cell is not a number.
    """
    if name in table.numbers:
        return np.asarray(table.numbers[name][rows])
    column = table.columns[name]
    values = pd.to_numeric(pd.Series(column.texts, dtype=object), errors="coerce").to_numpy(float)
    _refuse(table, name, source, np.isfinite(values), rows, "expected a number")
    return np.asarray(np.where(np.isfinite(values), values, np.nan)[column.code[rows]])


def times(table: RawTable, name: str, rows: NDArray[np.integer], source: Source) -> NDArray[np.float64]:
    """Seconds since a fixed moment in some rows, NaN where the cell is empty; shape (len(rows),).

    Raises:
        UserError: a cell is no time in the source's unit.
    """
    if source.time_unit != "iso":
        return numbers(table, name, rows, source) / (1000 if source.time_unit == "ms" else 1)
    if name in table.numbers:
        return np.asarray(table.numbers[name][rows])
    column = table.columns[name]
    texts = pd.Series(column.texts, dtype="str")
    stamps = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
    plain = texts.str.fullmatch(r"[+-]?\d+(\.\d*)?").to_numpy(bool)  # 20061026 would pass as a date
    seconds = np.where(plain, np.nan, (stamps - pd.Timestamp(0, tz="UTC")).dt.total_seconds())
    hint = (
        "expected a time such as 2006-10-26 09:51:58; for a count of seconds or milliseconds say `time_unit: s` "
        "or `ms` (`--time-unit s`)"
    )
    _refuse(table, name, source, ~np.isnan(seconds), rows, hint)
    return np.asarray(seconds[column.code[rows]])


def _meaning(
    table: RawTable, name: str, source: Source, words: tuple[Sequence[str], Sequence[str], Sequence[str]]
) -> NDArray[np.int8]:
    column, (right, wrong, not_answers) = table.columns[name], words
    listed = {_plain(text): value for value, many in enumerate((wrong, right, not_answers)) for text in many}
    listed[""] = EMPTY
    meaning = np.array([listed.get(_plain(text), -1) for text in column.texts], dtype=np.int8)
    hint = f"expected {' or '.join([*right[:1], *wrong[:1]])} (or: {', '.join([*right[1:], *wrong[1:]])})"
    hint += (
        "; say with `right`, `wrong` and `not_answers` (`--right`, `--wrong`, `--not-answer`) what other values mean"
    )
    _refuse(table, name, source, meaning >= 0, np.arange(table.n_rows), hint)
    return meaning[column.code]


def _plain(text: str) -> str:
    """Small letters, and numbers by value: `1.0` as `1`."""
    folded = text.casefold()
    try:
        return f"{float(folded):g}"
    except ValueError:
        return folded


def _refuse(
    table: RawTable, name: str, source: Source, good: NDArray[np.bool_], rows: NDArray[np.integer], expected: str
) -> None:
    """Refuse a column in which some of `rows` have a text that is neither good nor empty."""
    column = table.columns[name]
    bad = ~(good | (column.texts == ""))
    if not bad.any():
        return
    found = rows[bad[column.code[rows]]]
    if len(found):
        more = f" ({len(found)} rows are like this)" if len(found) > 1 else ""
        text = _shown(table, column, int(column.code[found[0]]), source)
        raise table.error(int(found[0]), name, f"{text}{more}; {expected}.")


def _shown(table: RawTable, column: Column, code: int, source: Source) -> str:
    """A text of a column for a message, unless it could be a learner's name or words."""
    text = str(column.texts[code])
    if len(text) <= _LONGEST_SHOWN and _HARMLESS.fullmatch(text):
        return repr(text)
    learner = table.columns.get(source.columns.learner)
    learners = 0 if learner is None else len(np.unique(learner.code[column.code == code]))
    if len(text) <= _LONGEST_SHOWN and len(text.split()) == 1 and learners >= _MANY_LEARNERS:
        return repr(text)
    return f"a text of {len(text)} signs, not shown here as it may name a learner"
