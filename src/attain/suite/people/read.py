"""Ratings and preferences from a file in long form: every cell is checked before anything is kept."""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError, unknown
from attain.core.review_sheet import CODE, SHEET
from attain.data.courses.tables import texts
from attain.data.formats.columns import RawTable
from attain.data.formats.read import content_of, header_of, read
from attain.data.prompts import RATING_COLUMNS
from attain.suite.people.pieces import Pieces
from attain.suite.people.scale import Kind, Scale

PREFERENCE_COLUMNS = ("prompt", "sample", "a", "b", "rater", "kind", "dimension", "winner")
OPTIONAL = {"sample": "0", "kind": "person", "dimension": "overall"}
"""What a column that a file lacks stands for; a preference need not name a dimension, a rating must."""
WINNERS = ("a", "b", "tie")


@dataclass(frozen=True, eq=False)
class Read:
    """What a file holds.

    Attributes:
        ratings: columns `RATING_COLUMNS`.
        preferences: columns `PREFERENCE_COLUMNS`; `a` stood first.
        notes: sentences about the file that its reader should see.
    """

    ratings: pd.DataFrame
    preferences: pd.DataFrame
    notes: tuple[str, ...] = ()


def no_ratings() -> pd.DataFrame:
    """An empty table of ratings."""
    return pd.DataFrame({name: np.empty(0, dtype=object) for name in RATING_COLUMNS})


def no_preferences() -> pd.DataFrame:
    """An empty table of preferences."""
    return pd.DataFrame({name: np.empty(0, dtype=object) for name in PREFERENCE_COLUMNS})


def read_long(path: Path, columns: Mapping[str, str], pieces: Pieces, scale: Scale | None, kind: Kind) -> Read:
    """A file with one row a rating (`prompt, system, rater, dimension, value`) or a preference (`prompt, a, b, …`).

    Args:
        path: CSV or Parquet.
        columns: our names to the file's, where they differ.
        pieces: of the suite that was rated.
        scale: of ratings; None only for a file of preferences.
        kind: what raters are where no column says it.

    Raises:
        UserError: a column is missing, or a cell is not what it must be, with its line.
    """
    content = content_of(path)
    header = header_of(path, content)
    pairs = "winner" in columns or ("winner" in header and "value" not in header)
    wanted = PREFERENCE_COLUMNS if pairs else RATING_COLUMNS
    named = _named(path, header, columns, wanted, pairs=pairs)
    table = read(path, content, dict(zip(named.values(), named, strict=True)))
    frame = _frame(table, named, wanted, {**OPTIONAL, "kind": kind})
    place = _Place(table, named)
    systems = ("a", "b") if pairs else ("system",)
    _check_pieces(frame, pieces, place, systems)
    _check_words(frame, place)
    if pairs:
        _check_preferences(frame, place)
        _check_twice(frame, place, ["a", "b"], "judges this pair")
        return Read(no_ratings(), frame)
    if scale is None:
        raise UserError(f"{path}: say which scale the ratings are on, such as `--scale 1-5`.")
    frame["value"] = _values(frame, place, scale)
    _check_twice(frame, place, ["system"], "rates this piece")
    return Read(frame, no_preferences())


def check_new(new: pd.DataFrame, kept: pd.DataFrame, path: Path) -> None:
    """A rater rates a piece in a dimension once, over all files, and is a person or a model in all of them.

    Raises:
        UserError: a row of `new` is kept already, or by a rater of another kind.
    """
    was = dict(zip(kept["rater"], kept["kind"], strict=True))
    for rater, kind in dict(zip(new["rater"], new["kind"], strict=True)).items():
        if was.get(rater, kind) != kind:
            raise UserError(
                f"{path}: {rater!r} is a {kind} here and a {was[rater]} in an earlier file; give one of them "
                "another name. Nothing was imported."
            )
    both = [name for name in new.columns if name not in ("value", "winner", "kind")]
    known = set(map(tuple, kept[both].astype(str).to_numpy()))
    again = [row for row in map(tuple, new[both].astype(str).to_numpy()) if row in known]
    if again:
        said = ", ".join(f"{name} {value!r}" for name, value in zip(both, again[0], strict=True))
        raise UserError(
            f"{path}: {len(again)} of {len(new)} rows are kept already from an earlier file, the first being {said}. "
            "Nothing was imported; take out what was imported before."
        )


@dataclass(frozen=True, eq=False)
class _Place:
    """Where a value of ours stands in the file."""

    table: RawTable
    named: Mapping[str, str]

    def error(self, row: int, ours: str, message: str) -> UserError:
        if ours in self.named:
            return self.table.error(row, self.named[ours], message)
        return UserError(f"{self.table.path}, {self.table.place(row)}: {message}")


def _named(
    path: Path, header: list[str], columns: Mapping[str, str], wanted: tuple[str, ...], *, pairs: bool
) -> dict[str, str]:
    """Our names to the file's."""
    for ours, theirs in columns.items():
        if ours not in wanted:
            raise UserError(f"{path}: {'preferences' if pairs else 'ratings'} have no {ours!r}.")
        if theirs not in header:
            raise unknown(f"column for {ours!r} in {str(path)!r}", theirs, header)
    named = {name: columns.get(name, name) for name in wanted if name in columns or name in header}
    optional = OPTIONAL if pairs else {"sample", "kind"}
    for name in wanted:
        if name not in named and name not in optional:
            raise UserError(
                f"{path}: no column is named for {name!r}. Say which it is with `--column {name}=NAME`; the file has: "
                f"{', '.join(header)}. A blind sheet is known by its columns {SHEET!r} and {CODE!r}."
            )
    return named


def _frame(
    table: RawTable, named: Mapping[str, str], wanted: tuple[str, ...], usual: Mapping[str, str]
) -> pd.DataFrame:
    cells = {
        name: texts(table, named[name]) if name in named else np.full(table.n_rows, usual[name], dtype=object)
        for name in wanted
    }
    frame = pd.DataFrame(cells, columns=list(wanted))
    place = _Place(table, named)
    for name in wanted:
        if (empty := (frame[name] == "").to_numpy()).any():
            raise place.error(int(empty.argmax()), name, "is empty. Leave out rows without a rating.")
    whole = frame["sample"].str.fullmatch(r"\d+").to_numpy(bool)
    if not whole.all():
        row = int((~whole).argmax())
        raise place.error(row, "sample", f"{frame['sample'].iloc[row]!r} is not a sample's number, from 0.")
    frame["sample"] = frame["sample"].astype(int)
    return frame


def _check_pieces(frame: pd.DataFrame, pieces: Pieces, place: _Place, systems: tuple[str, ...]) -> None:
    """Prompts, systems and pieces must be the suite's; a system may be called by its short name."""
    long = {short: name for name, short in pieces.short().items()}
    for column, known in (("prompt", pieces.prompts), *((name, pieces.systems) for name in systems)):
        if column != "prompt":
            frame[column] = [long.get(str(name), str(name)) for name in frame[column]]
        _check_known(frame[column].to_numpy(), column, known, place)
    have = set(pieces.frame[["prompt", "sample", "system"]].itertuples(index=False, name=None))
    for column in systems:
        rows = zip(frame["prompt"], frame["sample"], frame[column], strict=True)
        for row, key in enumerate(rows):
            if key not in have:
                raise place.error(row, "sample", f"{key[2]!r} has no sample {key[1]} of prompt {key[0]!r}.")


def _check_known(given: NDArray[np.object_], what: str, known: list[str], place: _Place) -> None:
    bad = ~np.isin(given.astype(str), np.array(known, dtype=str))
    if bad.any():
        row = int(bad.argmax())
        near = difflib.get_close_matches(str(given[row]), known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else f" One of the {len(known)} there are is {known[0]!r}."
        noun = "prompt" if what == "prompt" else "system"
        raise place.error(row, what, f"{given[row]!r} is no {noun} of this suite.{hint}")


def _check_words(frame: pd.DataFrame, place: _Place) -> None:
    kinds = get_args(Kind)
    if (bad := ~frame["kind"].isin(kinds).to_numpy()).any():
        row = int(bad.argmax())
        raise place.error(
            row, "kind", f"{frame['kind'].iloc[row]!r} is no kind of rater; expected {' or '.join(kinds)}."
        )
    several = frame.groupby("rater")["kind"].nunique()
    if (both := several[several > 1]).any():
        row = int((frame["rater"] == both.index[0]).to_numpy().argmax())
        raise place.error(row, "rater", f"{both.index[0]!r} is a person in one row and a model in another.")
    strange = frame["dimension"].map(lambda name: not re.fullmatch(r"[\w .-]{1,80}", name)).to_numpy(bool)
    if strange.any():
        row = int(strange.argmax())
        raise place.error(
            row, "dimension", f"{frame['dimension'].iloc[row]!r} is no name of letters, digits, _, ., - and blanks."
        )


def _values(frame: pd.DataFrame, place: _Place, scale: Scale) -> NDArray[np.float64]:
    found = pd.to_numeric(frame["value"], errors="coerce").to_numpy(float)
    for bad, why in (
        (~np.isfinite(found), "is not a number"),
        ((found < scale.low) | (found > scale.high), f"is outside the scale {scale}"),
    ):
        if bad.any():
            row, more = int(bad.argmax()), int(bad.sum()) - 1
            also = f" ({more} more rows are like this)" if more else ""
            raise place.error(row, "value", f"{frame['value'].iloc[row]!r} {why}{also}. Nothing was imported.")
    return np.asarray(found)


def _check_twice(frame: pd.DataFrame, place: _Place, systems: list[str], does: str) -> None:
    keys = ["rater", "prompt", "sample", *systems, "dimension"]
    if (again := frame.duplicated(keys).to_numpy()).any():
        row = int(again.argmax())
        own = frame[keys].iloc[row]
        earlier = int((frame[keys] == own).all(axis=1).to_numpy().argmax())
        raise place.error(
            row,
            "rater",
            f"{own['rater']!r} {does} in {own['dimension']!r} a second time, after "
            f"{place.table.place(earlier)}. Keep one of them.",
        )


def _check_preferences(frame: pd.DataFrame, place: _Place) -> None:
    frame["winner"] = frame["winner"].str.casefold()
    if (bad := ~frame["winner"].isin(WINNERS).to_numpy()).any():
        row = int(bad.argmax())
        raise place.error(row, "winner", f"{frame['winner'].iloc[row]!r} is no winner; expected {', '.join(WINNERS)}.")
    if (same := (frame["a"] == frame["b"]).to_numpy()).any():
        raise place.error(int(same.argmax()), "b", "is the same system as a; a pair needs two.")
