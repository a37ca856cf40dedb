"""Logged decisions: what was given to whom, how likely that was, how likely another policy would have given it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError, unknown
from attain.data.courses.tables import numbers, texts
from attain.data.formats.columns import RawTable
from attain.data.formats.read import content_of, header_of, read
from attain.metrics.off_policy_log import Decisions

NEEDED = ("learner", "reward", "propensity", "target")
MODEL = ("q", "v")
ROUNDING = 1e-6
"""A probability may be above 1 by so much: sums of 32-bit numbers are."""


def read_decisions(path: Path, columns: Mapping[str, str]) -> Decisions:
    """The decisions in a CSV or Parquet file, one row a decision; without steps, in the order of the file.

    Args:
        path: the file.
        columns: our names (`learner`, `reward`, `propensity`, `target`, and may be `step`, `q`, `v`, `cluster`) to the
            file's; those not given are taken from the file where it has columns of our names.

    Raises:
        UserError: a column is missing, a cell is not what it must be, two decisions of a learner have the same step, or
            a learner is in two clusters; with the line.
    """
    content = content_of(path)
    header = header_of(path, content)
    named = _named(path, header, columns)
    table = read(path, content, dict(zip(named.values(), named, strict=True)))
    if not table.n_rows:
        raise UserError(f"{path} has no decisions.")
    return _sorted(table, named)


def _named(path: Path, header: list[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Our names to the file's."""
    named = {name: name for name in (*NEEDED, "step", "cluster") if name in header} | dict(columns)
    if all(name in header or name in columns for name in MODEL):
        named = {name: name for name in MODEL} | named
    for name in NEEDED:
        if name not in named:
            raise UserError(
                f"{path}: no column is named for {name!r}. Say which it is with `--{name} NAME`; the file has: "
                f"{', '.join(header)}."
            )
    for ours, theirs in named.items():
        if theirs not in header:
            raise unknown(f"column for {ours!r} in {str(path)!r}", theirs, header)
    if alone := [name for name in MODEL if name in named and not all(other in named for other in MODEL)]:
        other = MODEL[1 - MODEL.index(alone[0])]
        raise UserError(f"{path}: a model's {alone[0]!r} is of use only with its {other!r}. Name it: `--{other} NAME`.")
    return named


def _sorted(table: RawTable, named: Mapping[str, str]) -> Decisions:
    learner = _codes(table, named["learner"], "every decision must say whose it was")
    step = _steps(table, named["step"]) if "step" in named else np.arange(table.n_rows)
    order = np.lexsort((step, learner))
    if (again := (np.diff(learner[order]) == 0) & (np.diff(step[order]) == 0)).any():
        row, earlier = (int(order[np.flatnonzero(again)[0] + later]) for later in (1, 0))
        raise table.error(
            row,
            named["step"],
            f"{table.place(earlier)} has the same learner and step; give each decision its own step.",
        )
    start = np.searchsorted(learner[order], np.arange(int(learner.max()) + 2)).astype(np.int64)
    cluster = np.arange(len(start) - 1)
    if "cluster" in named:
        cluster = _clusters(table, named["cluster"], order, start)
    known = {name: _checked(table, name, named[name])[order] for name in (*NEEDED[1:], *MODEL) if name in named}
    return Decisions(
        start, known["reward"], known["propensity"], known["target"], known.get("q"), known.get("v"), cluster
    )


def _codes(table: RawTable, name: str, why: str) -> NDArray[np.int64]:
    """Each cell's place among the column's distinct texts, none empty."""
    cells = texts(table, name)
    if (empty := cells == "").any():
        raise table.error(int(empty.argmax()), name, f"is empty; {why}.")
    return np.unique(cells.astype(str), return_inverse=True)[1].astype(np.int64)


def _clusters(table: RawTable, name: str, order: NDArray[np.int64], start: NDArray[np.int64]) -> NDArray[np.int64]:
    """The cluster of each learner."""
    codes = _codes(table, name, "every learner must be in a cluster")[order]
    own = codes[start[:-1]]
    if (moved := codes != np.repeat(own, np.diff(start))).any():
        row = int(order[moved.argmax()])
        raise table.error(row, name, "the learner was in another cluster before; put all rows of a learner into one.")
    return np.unique(own, return_inverse=True)[1].astype(np.int64)


def _steps(table: RawTable, name: str) -> NDArray[np.int64]:
    """The place of each row's number, or time, among all."""
    column = table.columns[name]
    if column.empty.any():
        raise table.error(int(column.empty.argmax()), name, "is empty; every decision needs its place in the order.")
    found: NDArray[np.generic] = pd.to_numeric(pd.Series(column.texts, dtype=object), errors="coerce").to_numpy(float)
    if np.isnan(found).all():
        found = pd.to_datetime(
            pd.Series(column.texts, dtype="str"), format="ISO8601", utc=True, errors="coerce"
        ).to_numpy()
    if (bad := pd.isna(found)).any():
        row = int(bad[column.code].argmax())
        raise table.error(row, name, f"{str(column.texts[column.code[row]])!r} is neither a number nor a time.")
    place: NDArray[np.int64] = np.unique(found, return_inverse=True)[1].astype(np.int64)
    return np.asarray(place[column.code])


def _checked(table: RawTable, ours: str, theirs: str) -> NDArray[np.float64]:
    """A column of numbers, none missing and each in its range."""
    values = numbers(table, theirs)
    bad, must = {
        "propensity": (
            ~((values > 0) & (values <= 1 + ROUNDING)),
            "be above 0 and at most 1: the log must say how likely each decision was",
        ),
        "target": (~((values >= 0) & (values <= 1 + ROUNDING)), "be between 0 and 1"),
    }.get(ours, (np.isnan(values), "be a number"))
    if bad.any():
        row = int(bad.argmax())
        said = "is empty" if np.isnan(values[row]) else f"is {values[row]:.9g}"
        raise table.error(row, theirs, f"{ours} {said}; it must {must}.")
    return np.minimum(values, 1) if ours in ("propensity", "target") else values
