"""Cohorts for an audit: those of the run's data set, and those of a file that came later."""

import csv
import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from attain.core.errors import UserError
from attain.data import pseudonym
from attain.data.cache import find_prepared, open_prepared
from attain.suite.results import PREPARED
from attain.tracking.entities import Run

LEARNER = "learner"


@dataclass(frozen=True)
class FoundCohorts:
    """Who is in which cohort, and where that is known from.

    Attributes:
        frame: one row a learner (index: names as in the predictions); None where nothing is known.
        source: where it is from, for people.
        mark: changes with the content; "" without one.
        remarks: what a reader should know of the file.
    """

    frame: pd.DataFrame | None
    source: str
    mark: str
    remarks: tuple[str, ...] = ()


def prepared_of(run: Run) -> Path | None:
    """The folder of the run's prepared data, or of one of the same content; None where the cache has none."""
    used = Path(run.tags.get(PREPARED, ""))
    if PREPARED in run.tags and (used / "about.json").is_file():
        return used
    digests = [data.digest for data in run.inputs]
    return find_prepared(digests[0]) if digests else None


def cohorts_for(run: Run, file: Path | None, units: "pd.Index[str]") -> FoundCohorts:
    """The cohorts of a run's learners; attributes of the file stand before those of the data set.

    Args:
        run: whose data set's cohorts are taken.
        file: a CSV file with a column `learner` and one column an attribute; None for the data set alone.
        units: names of the learners in the predictions.

    Raises:
        UserError: the file cannot be read, or says two things of one learner.
    """
    folder = prepared_of(run)
    dataset = None if folder is None else open_prepared(folder)
    own = None if dataset is None else dataset.cohorts
    own = None if own is None else own[own.index.isin(units)]
    if file is None:
        if dataset is None or own is None:
            return FoundCohorts(None, "nowhere: the run's data set has none, or is not in the cache", "")
        return FoundCohorts(own, f"the data set {dataset.name}", f"data set {dataset.fingerprint}")
    given, remarks = read_cohorts(file, units)
    if own is not None:
        given = given.join(own[[name for name in own.columns if name not in given.columns]], how="outer")
    secret = pseudonym.key()  # a bare hash of a short file could be guessed, and with it who is in it
    mark = hmac.new(secret, file.read_bytes(), hashlib.sha256).hexdigest()[:16]
    return FoundCohorts(given, f"the file {file.name}", f"keyed hash {mark}", remarks)


def read_cohorts(file: Path, units: "pd.Index[str]") -> tuple[pd.DataFrame, tuple[str, ...]]:
    """A file's attributes by learner, and what is to be said of the file.

    Learners' names are matched as they stand, or (where none is found) by their pseudonyms under this machine's key.
    """
    frame = _table(file)
    again = frame.duplicated()
    remarks = [f"{int(again.sum()):,} rows say again what a row before says"] if again.any() else []
    frame = frame[~again]
    twice = frame[LEARNER].duplicated(keep=False)
    if twice.any():
        lines = [int(place) + 2 for place in frame.index[frame[LEARNER] == frame.loc[twice, LEARNER].iloc[0]]]
        raise UserError(
            f"{file}: {int(frame.loc[twice, LEARNER].nunique()):,} learners are in several rows that differ, the first "
            f"in rows {' and '.join(map(str, lines[:2]))}. Give one row a learner."
        )
    frame = frame.set_index(LEARNER)
    if not frame.index.isin(units).any():
        names = pseudonym.pseudonyms(map(str, frame.index), pseudonym.key())
        frame.index = pd.Index(names, name=LEARNER)
        remarks.append("learners were found by their pseudonyms")
    if not frame.index.isin(units).any():
        raise UserError(
            f"{file}: none of its {len(frame):,} learners is in the predictions, neither by name nor by pseudonym. "
            f"The column {LEARNER!r} must hold the names that the data set has."
        )
    if (~frame.index.isin(units)).any():
        remarks.append("some of its learners are not in the predictions, and are left out")
    return frame[frame.index.isin(units)], tuple(remarks)


def _table(file: Path) -> pd.DataFrame:
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream, delimiter="\t" if file.suffix == ".tsv" else ",") if row]
    except OSError as error:
        raise UserError(f"Cannot read {str(file)!r}: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{file} is not a CSV file in UTF-8: {error}.") from None
    if len(rows) < 2:
        raise UserError(
            f"{file} has no learner; expected a head line with {LEARNER!r} and attributes, then a row each."
        )
    head = [name.strip() for name in rows[0]]
    if LEARNER not in head or len(head) < 2 or len(set(head)) < len(head):
        raise UserError(f"{file}:1: expected a column {LEARNER!r} and others of different names; found {head}.")
    for place, row in enumerate(rows[1:]):
        if len(row) != len(head):
            raise UserError(f"{file}: row {place + 2} has {len(row)} values, and the head line {len(head)}.")
    frame = pd.DataFrame(rows[1:], columns=head, dtype=object)
    frame[LEARNER] = frame[LEARNER].str.strip()
    if (frame[LEARNER] == "").any():
        raise UserError(f"{file}: row {int((frame[LEARNER] == '').argmax()) + 2} names no learner.")
    return frame.mask(frame == "")
