"""Prompts: what a generator is asked for, what a good output would be, and what others put out and people rated."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FIELDS = ("passage", "answer", "concept", "options")
"""Texts that a prompt may have beside its id; `options` is a JSON list, the right one first."""
PIECE_COLUMNS = ("prompt", "sample", "system", "text")
RATING_COLUMNS = ("prompt", "sample", "system", "rater", "kind", "dimension", "value")
MOST_SAMPLES = 1000
"""Samples of one prompt are numbered from 0 up to this."""


def _none(columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.DataFrame({name: np.empty(0, dtype=object) for name in columns})
    return frame.astype({name: kind for name, kind in (("sample", "int64"), ("value", "float64")) if name in columns})


@dataclass(frozen=True, eq=False)
class Prompts:
    """n prompts, in the order of the source.

    Attributes:
        table: one row a prompt: `prompt` (its id, distinct), `row` (its number in the whole data set), the texts among
            `FIELDS` that the set has, `references` (a JSON list of good outputs, `[]` where none is known), and `level`
            (the difficulty or grade aimed at, a number) where the set has it.
        pieces: outputs on record, one row each: `prompt`, `sample` (from 0), `system` (who put it out), `text`.
        ratings: what raters said of the pieces, one row a value: `prompt`, `sample`, `system`, `rater`, `kind`
            (`person` or `model`), `dimension`, `value`.
        scale: the least and the greatest value that a rating may have; empty where there are no ratings.
    """

    table: pd.DataFrame
    pieces: pd.DataFrame = field(default_factory=lambda: _none(PIECE_COLUMNS))
    ratings: pd.DataFrame = field(default_factory=lambda: _none(RATING_COLUMNS))
    scale: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.table)

    @cached_property
    def ids(self) -> NDArray[np.object_]:
        """The ids of the prompts; shape (n,)."""
        return self.table["prompt"].to_numpy(dtype=object)

    @property
    def learners(self) -> NDArray[np.object_]:
        """The names that groups of prompts (`cohorts` of the data set) and intervals go by: the ids."""
        return self.ids

    @property
    def fields(self) -> tuple[str, ...]:
        """The texts that each prompt has."""
        return tuple(name for name in FIELDS if name in self.table)

    @property
    def systems(self) -> list[str]:
        """Who put out the pieces on record, in the order of their names."""
        return sorted(self.pieces["system"].unique())

    def records(self) -> list[dict[str, Any]]:  # texts, numbers, and lists of texts
        """Each prompt as a mapping, its lists read."""
        rows = self.table.drop(columns="row").to_dict("records")
        lists = [name for name in ("references", "options") if name in self.table]
        return [{str(k): v for k, v in row.items()} | {k: json.loads(row[k]) for k in lists} for row in rows]

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "Prompts":
        """Some prompts (a mask, or ascending numbers), with what belongs to them."""
        table = self.table.iloc[np.flatnonzero(rows) if rows.dtype == bool else rows].reset_index(drop=True)
        own = set(table["prompt"])
        pieces, ratings = (f[f["prompt"].isin(own)].reset_index(drop=True) for f in (self.pieces, self.ratings))
        return replace(self, table=table, pieces=pieces, ratings=ratings)

    def asked(self, *, with_pieces: bool = False) -> "Prompts":
        """What a generator may see of prompts that it is judged on: no references, no ratings, no one else's pieces."""
        table = self.table.assign(references="[]")
        return Prompts(table, self.pieces if with_pieces else _none(PIECE_COLUMNS))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything numeric, by name: what the cache keeps as columns; texts as codes."""
        return {f"{name}.{column}": _codes(values) for name, column, values in self._columns()}

    def texts(self) -> dict[str, Any]:
        """Everything else, as JSON can hold it: for each column of texts its distinct ones."""
        named = {f"{name}.{column}": _names(values) for name, column, values in self._columns()}
        return {"scale": list(self.scale), **{key: names for key, names in named.items() if names is not None}}

    def _columns(self) -> list[tuple[str, str, "pd.Series[Any]"]]:  # texts or numbers
        frames = {"table": self.table, "pieces": self.pieces, "ratings": self.ratings}
        return [(name, str(column), frame[column]) for name, frame in frames.items() for column in frame]

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, Any]) -> "Prompts":
        """From what `arrays` and `texts` gave."""
        frames: dict[str, dict[str, NDArray[Any]]] = {"table": {}, "pieces": {}, "ratings": {}}
        for key, values in arrays.items():
            name, column = key.split(".", 1)
            known = np.array(texts[key], dtype=object) if key in texts else None
            frames[name][column] = np.array(values) if known is None else _named(known, values)
        made = {name: pd.DataFrame(columns) for name, columns in frames.items()}
        return cls(**made, scale=tuple(texts["scale"]))


def _is_text(values: "pd.Series[Any]") -> bool:
    return not pd.api.types.is_numeric_dtype(values.dtype)


def _codes(values: "pd.Series[Any]") -> NDArray[np.generic]:
    return pd.factorize(values)[0].astype(np.int32) if _is_text(values) else values.to_numpy()


def _names(values: "pd.Series[Any]") -> list[str] | None:
    return list(map(str, pd.factorize(values)[1])) if _is_text(values) else None


def _named(names: NDArray[np.object_], codes: NDArray[np.integer]) -> NDArray[np.object_]:
    return names[codes] if len(names) else np.empty(0, dtype=object)
