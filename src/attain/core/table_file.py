"""The predictions table as files: `predictions.parquet`, and `mastery.parquet` where the model has it."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas.api.types import union_categoricals

from attain.core.table import Predictions

PREDICTIONS, MASTERY = "predictions.parquet", "mastery.parquet"


def write(table: Predictions, folder: Path) -> list[Path]:
    """Write a table into a folder.

    Returns:
        The files, one or two.
    """
    written = [folder / PREDICTIONS]
    table.frame.to_parquet(written[0], index=False, compression="zstd")
    if table.mastery is not None:
        written.append(folder / MASTERY)
        table.mastery.to_parquet(written[1], index=False, compression="zstd")
    return written


def read(predictions: Path, mastery: Path | None) -> Predictions:
    """The table that `write` wrote."""
    return Predictions(pd.read_parquet(predictions), None if mastery is None else pd.read_parquet(mastery))


def joined(tables: Sequence[Predictions]) -> Predictions:
    """The tables of several folds of a data set as one, sorted by unit and step."""
    frame = _stacked([table.frame for table in tables])
    by = [name for name in ("unit", "step") if name in frame]
    frame = frame.sort_values(by, kind="stable", ignore_index=True)
    mastery = [table.mastery for table in tables if table.mastery is not None]
    return Predictions(frame, _stacked(mastery) if len(mastery) == len(tables) else None, tables[0].facts)


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Rows of all frames; text columns stay categorical, which plain concatenation would undo."""
    if len(frames) == 1:
        return frames[0]
    out = pd.concat(frames, ignore_index=True)
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        if all(isinstance(part.dtype, pd.CategoricalDtype) for part in parts):
            out[name] = union_categoricals(parts, sort_categories=True)
    return out
