"""Logged decisions: what was given to whom, how likely that was, how likely another policy would have given it."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError, unknown
from attain.data.courses.tables import numbers, texts
from attain.data.formats.columns import RawTable
from attain.data.formats.read import content_of, header_of, read
from attain.metrics.off_policy import Decisions

NEEDED = ("learner", "reward", "propensity", "target")
MAY_BE = ("step", "q", "v", "cluster")


def read_decisions(path: Path, columns: Mapping[str, str]) -> Decisions:
    """The decisions in a CSV or Parquet file, one row a decision.

    Args:
        path: the file.
        columns: our names (`learner`, `reward`, `propensity`, `target`, and may be `step`, `q`, `v`, `cluster`) to the
            file's; those not given are taken from the file where it has columns of our names.

    Raises:
        UserError: a column is missing, or a cell is not what it must be, with its line.
    """
    content = content_of(path)
    header = header_of(path, content)
    named = {name: name for name in (*NEEDED, *MAY_BE) if name in header} | dict(columns)
    for name in NEEDED:
        if name not in named:
            raise UserError(
                f"{path}: no column is named for {name!r}. Say which it is with `--{name} NAME`; the file has: "
                f"{', '.join(header)}."
            )
    for ours, theirs in named.items():
        if theirs not in header:
            raise unknown(f"column for {ours!r} in {str(path)!r}", theirs, header)
    table = read(path, content, {theirs: ours for ours, theirs in named.items()})
    if not table.n_rows:
        raise UserError(f"{path} has no decisions.")
    return _sorted(table, named)


def _sorted(table: RawTable, named: Mapping[str, str]) -> Decisions:
    learner = texts(table, named["learner"])
    if (empty := learner == "").any():
        raise table.error(int(empty.argmax()), named["learner"], "is empty; every decision must say whose it was.")
    names, code = np.unique(learner.astype(str), return_inverse=True)
    step = numbers(table, named["step"]) if "step" in named else np.arange(table.n_rows, dtype=float)
    order = np.lexsort((step, code))
    given = {
        name: _checked(table, name, named[name])
        for name in ("reward", "propensity", "target", "q", "v")
        if name in named
    }
    cluster = (
        np.unique(texts(table, named["cluster"]).astype(str), return_inverse=True)[1] if "cluster" in named else code
    )
    start = np.searchsorted(code[order], np.arange(len(names) + 1)).astype(np.int64)
    return Decisions(
        start,
        given["reward"][order],
        given["propensity"][order],
        given["target"][order],
        given["q"][order] if "q" in given else None,
        given["v"][order] if "v" in given else None,
        np.unique(cluster[order][start[:-1]], return_inverse=True)[1],
    )


def _checked(table: RawTable, ours: str, theirs: str) -> NDArray[np.float64]:
    """A column of numbers, none missing and each in its range."""
    values = numbers(table, theirs)
    bad, must = {
        "propensity": (
            ~((values > 0) & (values <= 1)),
            "be above 0 and at most 1: the log must say how likely each decision was",
        ),
        "target": (~((values >= 0) & (values <= 1)), "be between 0 and 1"),
    }.get(ours, (np.isnan(values), "be a number"))
    if bad.any():
        row = int(bad.argmax())
        said = "is empty" if np.isnan(values[row]) else f"is {values[row]:g}"
        raise table.error(row, theirs, f"{ours} {said}; it must {must}.")
    return values
