"""A blind review sheet on the web: the rows of its sealed key without whose they are, and what was filled in."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass

from attain.core.errors import UserError
from attain.core.review_sheet import CODE, COMMENT, FILLED, FIRST, KEYS, NAMED, SECOND, SHEET, TIE
from attain.core.spreadsheet import safe
from attain.tracking import artifacts
from attain.tracking.sql.store import Store

MOST_STEPS = 11
MOST_COMMENT = 2000


@dataclass(frozen=True)
class Sheet:
    """One rater's rows.

    Attributes:
        key: id of the sealed key.
        number: of the sheet among those of the key, from 1.
        dimensions: what is rated.
        low: lowest rating.
        high: highest rating.
        pairs: whether two pieces are compared.
        rows: code to (prompt, sample, system) of the pieces that it stands for; never to be shown.
    """

    key: str
    number: int
    dimensions: tuple[str, ...]
    low: float
    high: float
    pairs: bool
    rows: Mapping[str, tuple[tuple[str, int, str], ...]]

    @property
    def name(self) -> str:
        """How the address and the file of the sheet call it."""
        return f"{self.key}-{self.number}"

    @property
    def path(self) -> str:
        """The artifact with what was filled in."""
        return f"{FILLED}/{self.name}.csv"

    @property
    def choices(self) -> tuple[str, ...]:
        """What may be chosen; empty where a number is to be typed."""
        if self.pairs:
            return (FIRST, SECOND, TIE)
        steps = self.high - self.low + 1
        if not (float(self.low).is_integer() and steps.is_integer() and steps <= MOST_STEPS):
            return ()
        return tuple(str(int(self.low) + step) for step in range(int(steps)))

    def checked(self, said: str) -> str:
        """A value as it is kept.

        Raises:
            UserError: it is none of the choices, or outside the scale.
        """
        if self.choices:
            if said not in self.choices:
                raise UserError(f"{said[:40]!r} is none of {', '.join(self.choices)}. Go back and choose one.")
            return said
        try:
            value = float(said.replace(",", "."))
        except ValueError:
            value = float("nan")
        if not self.low <= value <= self.high:
            raise UserError(f"{said[:40]!r} is no number from {self.low:g} to {self.high:g}. Go back and change it.")
        return f"{value:g}"


Filled = dict[str, dict[str, str]]
"""Code to what was filled in: dimension, or `comment`, to the value."""


def sheets_of(store: Store, run_id: str) -> list[Sheet]:
    """All sheets whose keys a suite's run keeps."""
    keys = [file.path for file in store.artifacts_under(run_id, KEYS) if file.path.endswith(".json")]
    return [sheet for path in sorted(keys) for sheet in _read(store, run_id, path)]


def sheet_named(store: Store, run_id: str, name: str) -> Sheet:
    """The sheet that an address names.

    Raises:
        UserError: there is none.
    """
    match = NAMED.fullmatch(name)
    path = f"{KEYS}/{match['key']}.json" if match else ""
    if match and path in {file.path for file in store.artifacts_under(run_id, path)}:
        for sheet in _read(store, run_id, path):
            if sheet.number == int(match["number"]):
                return sheet
    raise UserError("There is no such review sheet. `attain ratings sheet` makes some; the suite's page lists them.")


def filled_in(store: Store, run_id: str, sheet: Sheet) -> Filled:
    """What was filled in so far."""
    if not store.artifacts_under(run_id, sheet.path):
        return {}
    text = artifacts.read_bytes(store, run_id, sheet.path).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    wanted = (*sheet.dimensions, COMMENT)
    return {line[CODE]: {name: line[name] for name in wanted if line.get(name)} for line in lines}


def fill_in(store: Store, run_id: str, sheet: Sheet, code: str, given: Mapping[str, str]) -> None:
    """Keep what was said of one row, in the form that `attain ratings import` reads.

    Raises:
        UserError: the row is none of the sheet, a dimension is missing, or a value is none.
    """
    if code not in sheet.rows:
        raise UserError("This row is none of the sheet. Go back, and begin at the sheet's own page.")
    if missing := [name for name in sheet.dimensions if not given.get(name)]:
        raise UserError(f"Nothing is said of {missing[0]!r}. Go back and choose; a row is kept when it is whole.")
    filled = filled_in(store, run_id, sheet)
    filled[code] = {name: sheet.checked(given[name].strip()) for name in sheet.dimensions}
    filled[code][COMMENT] = given.get(COMMENT, "").strip()[:MOST_COMMENT]
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([SHEET, CODE, *sheet.dimensions, COMMENT])
    for known in sheet.rows:
        if known in filled:
            own = filled[known]
            said = safe(own.get(COMMENT, ""))
            writer.writerow([sheet.key, known, *(own.get(name, "") for name in sheet.dimensions), said])
    artifacts.log_bytes(store, run_id, stream.getvalue().encode("utf-8-sig"), sheet.path)


def _read(store: Store, run_id: str, path: str) -> list[Sheet]:
    said = json.loads(artifacts.read_bytes(store, run_id, path))
    low, high = said["scale"]
    return [
        Sheet(
            key=path.removeprefix(f"{KEYS}/").removesuffix(".json"),
            number=number,
            dimensions=tuple(said["dimensions"]),
            low=float(low),
            high=float(high),
            pairs=bool(said["pairs"]),
            rows={code: tuple((str(p), int(s), str(n)) for p, s, n in own) for code, own in rows.items()},
        )
        for number, rows in enumerate(said["sheets"], start=1)
    ]
