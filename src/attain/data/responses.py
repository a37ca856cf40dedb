"""Answers to items whose worth is asked for, with what may be known beside: the option chosen, how the item was picked,
and how able the learner was just before."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError, unknown
from attain.data.canonical import canonical
from attain.data.dataset import Change, Dataset
from attain.data.formats.columns import RawTable
from attain.data.formats.read import content_of, header_of, read
from attain.data.interactions import Interactions
from attain.data.load import checked_source
from attain.data.source import Options, checked_options

EXTRA = ("option", "exposure", "ability")
"""Columns of answers that only this analysis reads."""
OURS = ("time", "order", *EXTRA)
"""Columns that are taken where a file has them under our name; those of a log are taken anyway."""


@dataclass(frozen=True, eq=False)
class Responses:
    """Answers, sorted by learner and then by order; n rows.

    Attributes:
        log: the answers.
        option: shape (n,), the text of the option chosen, "" where it is not known; None where no option is.
        exposure: shape (n,), how the item came to be asked, such as `random`; None where nobody says.
        ability: shape (n,), in logits, of the learner just before the answer, NaN where not known; None where never.
        cohorts: as of `Dataset`.
        changes: what was dropped or merged when the answers were read.
    """

    log: Interactions
    option: NDArray[np.object_] | None = None
    exposure: NDArray[np.object_] | None = None
    ability: NDArray[np.float64] | None = None
    cohorts: pd.DataFrame | None = None
    changes: tuple[Change, ...] = ()


def of_dataset(dataset: Dataset) -> Responses:
    """The answers of a prepared data set.

    Raises:
        UserError: it holds something else, such as enrolments.
    """
    if not isinstance(dataset.log, Interactions):
        raise UserError(f"Dataset {dataset.name!r} does not hold answers to items.")
    return Responses(dataset.log, cohorts=dataset.cohorts, changes=dataset.changes)


def read_responses(
    path: Path,
    columns: Mapping[str, object],
    cohorts: Mapping[str, str],
    options: Mapping[str, object],
    **reading: object,
) -> Responses:
    """The answers in a CSV, TSV or Parquet file.

    Args:
        path: the file.
        columns: our names (`learner`, `item`, `correct`, and may be `skill`, `time`, `order`, `option`, `exposure`,
            `ability`) to the file's; those not given are taken from the file where it has columns of our names.
        cohorts: attribute to the column that holds it.
        options: fields of `attain.data.source.Options`, such as `expanded`.
        reading: fields of `attain.data.source.Source`, such as `time_unit`.

    Raises:
        UserError: a column is missing or a cell cannot be read; with the line.
    """
    if not path.is_file():
        raise UserError(f"There is no data set and no file {str(path)!r}. `attain data list` lists the data sets.")
    content = content_of(path)
    header = header_of(path, content)
    named: dict[str, object] = {name: name for name in OURS if name in header} | dict(columns)
    extra = {name: str(named.pop(name)) for name in EXTRA if name in named}
    for wanted in (*extra.values(), *cohorts.values()):
        if wanted not in header:
            raise unknown(f"column of {str(path)!r}", wanted, header)
    source = checked_source({**reading, "file": str(path), "columns": named, "cohorts": dict(cohorts)})
    taken = source.columns.named()
    if clash := [column for column in extra.values() if column in taken]:
        raise UserError(f"{path}: the column {clash[0]!r} is named for {taken[clash[0]]!r} and for another purpose.")
    purposes = {
        **{column: ours for ours, column in extra.items()},
        **dict.fromkeys(cohorts.values(), "cohorts"),
        **taken,
    }
    table = read(path, content, purposes, delimiter=source.delimiter, encoding=source.encoding)
    made = canonical(table, source, Options.model_validate(checked_options(Options, options, dataset=path.name)))
    return Responses(
        made.log,
        option=_texts(table, extra.get("option"), made.at),
        exposure=_texts(table, extra.get("exposure"), made.at),
        ability=_numbers(table, extra.get("ability"), made.at),
        cohorts=made.cohorts,
        changes=made.changes,
    )


def _texts(table: RawTable, name: str | None, at: NDArray[np.int64]) -> NDArray[np.object_] | None:
    if name is None:
        return None
    column = table.columns[name]
    found = np.asarray(column.texts, dtype=object)[column.code[at]]
    return found if (found != "").any() else None


def _numbers(table: RawTable, name: str | None, at: NDArray[np.int64]) -> NDArray[np.float64] | None:
    if name is None:
        return None
    column = table.columns[name]
    values = pd.to_numeric(pd.Series(column.texts, dtype=object), errors="coerce").to_numpy(float)
    bad = ~np.isfinite(values) & (column.texts != "")
    if bad.any():
        row = int(bad[column.code].argmax())
        text = str(column.texts[column.code[row]])
        raise table.error(row, name, f"ability is {text!r}; expected a number in logits, or an empty cell.")
    found = np.asarray(values[column.code[at]], dtype=np.float64)
    return found if np.isfinite(found).any() else None
