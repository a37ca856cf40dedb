"""A file of answers and questions, scored at once."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from attain.core.errors import UserError
from attain.serve.rows import COLUMNS, score
from attain.serve.served import Served

PROBABILITY = "probability"
"""The column that is added."""


@dataclass(frozen=True)
class Scored:
    """What was done.

    Attributes:
        rows: how many were scored.
        learners: of how many learners.
        questions: rows whose answer was not known.
    """

    rows: int
    learners: int
    questions: int


def score_file(served: Served, file: Path, out: Path) -> Scored:
    """Write a file's rows with the probability of a right answer of each; see `rows.score`.

    Rows of a learner are read in the order of `time_s` where all have it, else as they stand. Other columns than those
    that the model reads go through as they are.

    Args:
        served: the model.
        file: Parquet or CSV, by its name.
        out: Parquet or CSV, by its name; it appears when it is complete.

    Raises:
        UserError: a file cannot be read or written, or the rows are not right.
    """
    if out.resolve() == file.resolve():
        raise UserError(f"--out names the file that is read, {str(file)!r}; name another.")
    _check_suffix(out)
    table = _read(file)
    if PROBABILITY in table.column_names:
        raise UserError(f"{file}: there is a column {PROBABILITY!r} already; rename it.")
    used = [name for name in COLUMNS if name in table.column_names]
    rows = pd.DataFrame({name: table[name].to_pylist() for name in used}, index=range(len(table)))
    order = np.arange(len(rows))
    if "time_s" in rows and rows["time_s"].notna().all():
        order = np.argsort(rows["time_s"].to_numpy(dtype=float), kind="stable")
    scores = np.empty(len(rows))
    try:
        scores[order] = score(served, rows.iloc[order].reset_index(drop=True))
    except UserError as error:
        raise UserError(f"{file}: {error}") from None
    told = {b"attain.model": f"{served.name}/{served.version}".encode()}
    full = table.append_column(PROBABILITY, pa.array(scores))
    _write(full.replace_schema_metadata({**(full.schema.metadata or {}), **told}), out)
    learners = rows["learner"].nunique() if "learner" in rows else len(rows)
    questions = int(rows["correct"].isna().sum()) if "correct" in rows else len(rows)
    return Scored(len(rows), learners, questions)


def _read(file: Path) -> pa.Table:
    _check_suffix(file)
    try:
        if file.suffix == ".csv":
            text = {name: pa.string() for name in ("learner", "item", "skill")}
            convert = pyarrow.csv.ConvertOptions(column_types=text, strings_can_be_null=False)
            return pyarrow.csv.read_csv(file, convert_options=convert)
        return pyarrow.parquet.read_table(file)
    except FileNotFoundError:
        raise UserError(f"There is no file {str(file)!r}.") from None
    except (OSError, pa.ArrowException) as error:
        raise UserError(f"{file}: cannot be read: {str(error).splitlines()[0].rstrip('.')}.") from None


def _write(table: pa.Table, out: Path) -> None:
    half = out.with_name(f"{out.name}.part")
    try:
        if out.suffix == ".csv":
            pyarrow.csv.write_csv(table, half)
        else:
            pyarrow.parquet.write_table(table, half)
        half.replace(out)
    except OSError as error:
        raise UserError(f"Cannot write {str(out)!r}: {error.strerror or error}.") from None
    finally:
        half.unlink(missing_ok=True)


def _check_suffix(file: Path) -> None:
    if file.suffix not in (".parquet", ".csv"):
        raise UserError(f"{str(file)!r} is neither '.parquet' nor '.csv' by its name.")
