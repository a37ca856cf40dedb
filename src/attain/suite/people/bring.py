"""Ratings brought in from files: each is checked to the last cell before any is kept."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attain.core.errors import UserError, unknown
from attain.core.review_sheet import CODE, FIRST, SECOND, SHEET, TIE, said_of
from attain.data.courses.tables import texts
from attain.data.formats.columns import RawTable
from attain.data.formats.read import content_of, header_of, read
from attain.data.prompts import RATING_COLUMNS
from attain.suite.people.key import Key, openings, read_key
from attain.suite.people.pieces import Pieces
from attain.suite.people.read import PREFERENCE_COLUMNS, Read, check_new, no_preferences, no_ratings, read_long
from attain.suite.people.report import imported, keep, kept, scale_of
from attain.suite.people.review import SELECTED
from attain.suite.people.scale import Kind, Scale
from attain.tracking.store import Store

WINNERS = {FIRST: "a", "1": "a", SECOND: "b", "2": "b", TIE: "tie", "0": "tie"}


@dataclass(frozen=True)
class Brought:
    """What a file brought."""

    file: str
    ratings: int
    preferences: int
    notes: tuple[str, ...]


def bring_in(
    store: Store,
    pieces: Pieces,
    files: Sequence[Path],
    *,
    columns: Mapping[str, str],
    scale: Scale | None,
    rater: str,
    kind: Kind,
    by: str,
    now: int,
) -> tuple[Brought, ...]:
    """Check some files and keep what they hold, or nothing.

    Args:
        store: where the suite is.
        pieces: of the suite.
        files: filled-in sheets, or files in long form.
        columns: our names to the files' in long form.
        scale: of ratings; None for the sheet's own, or of the ratings kept before.
        rater: who filled in the sheet; "" for which sheet it is, such as `rater 1 of k3f2a1`.
        kind: what the raters are, where no column says it.
        by: who imports.
        now: ms since 1970.

    Raises:
        UserError: a cell of any file is not what it must be, or was kept before.
    """
    if rater and len(files) > 1:
        raise UserError(f"--rater {rater!r} names one person, and {len(files)} files were given; import one at a time.")
    before = kept(store, pieces.suite_run)
    ratings, pairs = before.ratings, before.preferences
    brought, sources, new, scales = [], list[dict[str, Any]](), list[Read](), list[Scale]()
    own: Scale | None
    for path in files:
        content = content_of(path)
        header = header_of(path, content)
        source = {"file": path.name, "sha256": hashlib.sha256(content).hexdigest(), "by": by, "time_ms": now}
        if {SHEET, CODE} <= set(header):
            found, own, more = _sheet(store, pieces, path, content, rater, kind)
            source |= more
        else:
            own = scale or scale_of(store, pieces.suite_run)
            found = read_long(path, columns, pieces, own, kind)
        check_new(found.ratings, ratings, path)
        check_new(found.preferences, pairs, path)
        ratings, pairs = pd.concat([ratings, found.ratings]), pd.concat([pairs, found.preferences])
        new.append(found)
        scales += [own] if own is not None and len(found.ratings) else []
        sources.append({**source, "rows": len(found.ratings) + len(found.preferences), "notes": list(found.notes)})
        brought.append(Brought(path.name, len(found.ratings), len(found.preferences), found.notes))
    if len(set(scales)) > 1:
        raise UserError(f"The files are on different scales ({', '.join(map(str, scales))}). Nothing was imported.")
    together = Read(
        pd.concat([no_ratings(), *(r.ratings for r in new)]),
        pd.concat([no_preferences(), *(r.preferences for r in new)]),
    )
    keep(store, pieces, together, scales[0] if scales else None, sources)
    return tuple(brought)


def _sheet(
    store: Store, pieces: Pieces, path: Path, content: bytes, rater: str, kind: Kind
) -> tuple[Read, Scale, dict[str, Any]]:
    """A filled-in sheet, joined by its key."""
    identity = _identity(read(path, content, {SHEET: SHEET, CODE: CODE}))
    key = read_key(store, pieces.suite_run, identity)
    header = header_of(path, content)
    if lost := [name for name in key.dimensions if name not in header]:
        raise unknown("column of this sheet", lost[0], header, where=f"{path}: columns must keep their names. ")
    table = read(path, content, {name: name for name in (SHEET, CODE, *key.dimensions)})
    named = _raters(store, pieces.suite_run, identity, key, rater, kind)
    known = {code: (number, own) for number, sheet in enumerate(key.sheets, start=1) for code, own in sheet.items()}
    seen: dict[str, int] = {}
    ratings, pairs, empty = list[tuple[Any, ...]](), list[tuple[Any, ...]](), 0
    cells = {name: texts(table, name) for name in (CODE, *key.dimensions)}
    for row, code in enumerate(cells[CODE]):
        if not any(column[row] for column in cells.values()):  # spreadsheets leave such rows below the last one
            continue
        number, own = _row(table, row, str(code), known, seen)
        who = named[number - 1]
        for dimension in key.dimensions:
            said = str(cells[dimension][row])
            if not said:
                empty += 1
            elif key.pairs:
                winner = _winner(table, row, dimension, said)
                (prompt, sample, a), (_, _, b) = own
                pairs.append((prompt, sample, a, b, who, kind, dimension, winner))
            else:
                value = _value(table, row, dimension, said, key)
                ratings += [(prompt, sample, system, who, kind, dimension, value) for prompt, sample, system in own]
    if not ratings and not pairs:
        raise UserError(f"{path}: nothing is filled in under {', '.join(key.dimensions)}. Nothing was imported.")
    numbers = sorted({known[code][0] for code in seen})
    wanted = sum(len(key.sheets[number - 1]) for number in numbers)
    notes = _notes(store, path, identity, key, missing=wanted - len(seen), empty=empty)
    found = Read(
        pd.DataFrame(ratings, columns=list(RATING_COLUMNS)),
        pd.DataFrame(pairs, columns=list(PREFERENCE_COLUMNS)),
        notes,
    )
    return (
        found,
        key.scaled,
        {
            "sheet": identity,
            "raters": sorted({named[number - 1] for number in numbers}),
            "strata": sorted(set(key.strata.values())),
        },
    )


def _raters(store: Store, suite_run: str, identity: str, key: Key, rater: str, kind: Kind) -> list[str]:
    """Who filled in each sheet of a key: another name for each, whatever other keys the suite has, and for a model.

    An import that does not say its raters was made when they were called by the number alone; what else comes of that
    key keeps to it, or the same ratings would count as another person's.
    """
    numbers = range(1, len(key.sheets) + 1)
    if rater:
        return [rater for _ in numbers]
    files = imported(store, suite_run)["files"]
    if any(file.get("sheet") == identity and "raters" not in file for file in files):
        return [f"rater {number}" for number in numbers]
    return [f"{'model' if kind == 'model' else 'rater'} {said_of(identity, number)}" for number in numbers]


def _identity(table: RawTable) -> str:
    """The key's id that all rows bear, but for those in which a spreadsheet left nothing."""
    named = texts(table, SHEET)
    own = np.flatnonzero((named != "") | (texts(table, CODE) != ""))
    if not len(own):
        raise UserError(f"{table.path}: no row has a code; hand in the rows as they were in the sheet.")
    first = str(named[own[0]])
    other = named[own] != first
    if first == "" or other.any():
        row = int(own[other.argmax()])
        raise table.error(row, SHEET, "is not the same as in the other rows; a file holds the rows of one sheet.")
    return first


def _row(
    table: RawTable, row: int, code: str, known: Mapping[str, tuple[int, tuple[Any, ...]]], seen: dict[str, int]
) -> tuple[int, tuple[Any, ...]]:
    if code not in known:
        raise table.error(row, CODE, f"{code!r} is no code of this sheet's key; codes must stay as they were.")
    if code in seen:
        raise table.error(row, CODE, f"{code!r} stands in {table.place(seen[code])} already; keep one of the rows.")
    seen[code] = row
    return known[code]


def _value(table: RawTable, row: int, dimension: str, said: str, key: Key) -> float:
    try:
        value = float(said.replace(",", "."))
    except ValueError:
        raise table.error(row, dimension, f"{said!r} is not a number. Nothing was imported.") from None
    if not key.scaled.low <= value <= key.scaled.high:
        raise table.error(row, dimension, f"{said!r} is outside the scale {key.scaled}. Nothing was imported.")
    return value


def _winner(table: RawTable, row: int, dimension: str, said: str) -> str:
    if (word := said.casefold().strip()) not in WINNERS:
        raise table.error(row, dimension, f"{said!r} is not {FIRST}, {SECOND} or {TIE}. Nothing was imported.")
    return WINNERS[word]


def _notes(store: Store, path: Path, identity: str, key: Key, *, missing: int, empty: int) -> tuple[str, ...]:
    said = []
    if missing or empty:
        rows = f"{missing} rows of the sheet are not in the file" if missing else ""
        cells = f"{empty} cells are empty" if empty else ""
        said.append(f"{path.name}: {' and '.join(filter(None, [rows, cells]))}; they count as not rated.")
    if opened := openings(store, identity):
        said.append(
            f"The key was opened by {opened[0].by} on {opened[0].on}, before the ratings of {path.name} came in: they "
            "need not be blind."
        )
    if set(key.strata.values()) - {"random"}:
        said.append(SELECTED)
    return tuple(said)
