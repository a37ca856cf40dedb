"""Enrolments at a cut-off day: one row a learner in an offering of a course, and what was known of it on that day."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.ragged import pick

Names = NDArray[np.object_]
ALWAYS = -1e9
"""The day from which something is known that always was."""


@dataclass(frozen=True, eq=False)
class Fact:
    """One thing that is known of each enrolment.

    Attributes:
        group: the set of features it belongs to, such as `demographics`.
        values: shape (n,): a number each, NaN where unknown; or codes into `levels`, -1 where unknown.
        levels: the names of a category's values, None for a number.
        known_from: the day, or stage, from which it is known.
    """

    group: str
    values: NDArray[np.float64] | NDArray[np.int32]
    levels: Names | None = None
    known_from: float = ALWAYS


@dataclass(frozen=True, eq=False)
class Events:
    """Dated events of each owner (an enrolment, or an offering); those of owner i stand at `start[i]:start[i + 1]`.

    Attributes:
        start: shape (n_owners + 1,).
        day: shape (n_events,), day of the course, ascending within an owner.
        kind: shape (n_events,), codes into `kinds`.
        amount: shape (n_events,), how much: clicks, points; NaN where unknown.
        about: shape (n_events,), a number for what it was about (a page, an assessment), the same across owners.
        due: shape (n_events,), the day it was due, NaN where there is none; for assessments.
        weight: shape (n_events,), its weight in the course's result, in percent; for assessments.
        kinds: names of the kinds.
    """

    start: NDArray[np.int64]
    day: NDArray[np.float32]
    kind: NDArray[np.int16]
    amount: NDArray[np.float32]
    about: NDArray[np.int32]
    due: NDArray[np.float32]
    weight: NDArray[np.float32]
    kinds: Names

    def __len__(self) -> int:
        return len(self.day)

    @property
    def owner(self) -> NDArray[np.int64]:
        """Whose each event is; shape (n_events,)."""
        return np.repeat(np.arange(len(self.start) - 1), np.diff(self.start))

    def take(self, owners: NDArray[np.integer]) -> "Events":
        """The events of some owners, in the order given."""
        at, start = pick(self.start, owners)
        columns = {name: getattr(self, name)[at] for name in EVENT_COLUMNS}
        return replace(self, start=start, **columns)

    def where(self, wanted: NDArray[np.bool_]) -> "Events":
        """The events that are wanted, with all owners; `wanted` has shape (n_events,)."""
        counts = np.bincount(self.owner[wanted], minlength=len(self.start) - 1)
        columns = {name: getattr(self, name)[wanted] for name in EVENT_COLUMNS}
        return replace(self, start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64), **columns)

    @classmethod
    def of(cls, owner: NDArray[np.integer], n_owners: int, kinds: Names, **columns: NDArray[np.generic]) -> Self:
        """From columns in any order; those not given (`amount`, `about`, `due`, `weight`) are unknown."""
        order = _by_day(owner, np.asarray(columns["day"]))
        start = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=n_owners))]).astype(np.int64)
        given = {
            name: np.asarray(columns[name])[order].astype(kind) for name, kind in _TYPES.items() if name in columns
        }
        for name, kind in _TYPES.items():
            given.setdefault(name, np.full(len(owner), np.nan if kind == "f4" else -1, dtype=kind))
        return cls(start=start, kinds=kinds, **given)


def _by_day(owner: NDArray[np.integer], day: NDArray[Any]) -> NDArray[np.int64] | slice:  # day: any numbers
    """The order by owner and day; everything as it stands where it is in this order already."""
    same, later = owner[1:] == owner[:-1], owner[1:] > owner[:-1]
    if (later | (same & (day[1:] >= day[:-1]))).all():
        return slice(None)
    return np.asarray(np.lexsort((day, owner)), dtype=np.int64)


_TYPES = {"day": "f4", "kind": "i2", "amount": "f4", "about": "i4", "due": "f4", "weight": "f4"}
EVENT_COLUMNS = tuple(_TYPES)
EVENTS = ("activity", "results", "schedule")


@dataclass(frozen=True, eq=False)
class Enrolments:
    """n enrolments as they stood on the day `as_of`: nothing that happened later is in it, but for the outcome.

    Attributes:
        learner: shape (n,), codes into `learners`.
        offering: shape (n,), codes into the offerings of courses.
        outcome: shape (n,), 1 where what is predicted came true, 0 where it did not, NaN where it is not known; all NaN
            in what a model predicts from.
        event_day: shape (n,), the day on which it came true, NaN where it did not or the day is not known; hidden with
            the outcome. A day up to `as_of` means that the enrolment had ended then and should not be predicted.
        row: shape (n,), the row's number in the whole prepared data set (`example` of the predictions table).
        course: shape (n_offerings,), codes into `courses`.
        term: shape (n_offerings,), codes into `terms`.
        length: shape (n_offerings,), days from the start to the end of the offering, NaN where unknown.
        learners: names (pseudonyms).
        courses: names.
        terms: names, in the order of time.
        as_of: the cut-off, in `unit`s since the start of the course.
        unit: `day`, or the name of the stage that is counted.
        facts: by name.
        activity: what each learner did in the learning environment up to `as_of`; None where the set has none.
        results: assessments that each learner handed in up to `as_of`; None as above.
        schedule: assessments that were due in each *offering* up to `as_of`; None as above.
        recorded_until: shape (n_offerings,), the last day of which the activity of each offering is here, -inf for none
            of it; None where nothing is said, and all of it is here.
    """

    learner: NDArray[np.int32]
    offering: NDArray[np.int32]
    outcome: NDArray[np.float64]
    event_day: NDArray[np.float64]
    row: NDArray[np.int64]
    course: NDArray[np.int32]
    term: NDArray[np.int32]
    length: NDArray[np.float64]
    learners: Names
    courses: Names
    terms: Names
    as_of: float
    unit: str = "day"
    facts: Mapping[str, Fact] = field(default_factory=dict)
    activity: Events | None = None
    results: Events | None = None
    schedule: Events | None = None
    recorded_until: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.learner)

    @property
    def present(self) -> NDArray[np.int32]:
        """Codes of the learners that have rows, ascending."""
        return np.unique(self.learner)

    @property
    def recorded(self) -> NDArray[np.bool_]:
        """Whose activity is here up to `as_of`; of the others no activity means nothing. Shape (n,)."""
        if self.activity is None:
            return np.zeros(len(self), dtype=bool)
        if self.recorded_until is None:
            return np.ones(len(self), dtype=bool)
        return np.asarray(self.recorded_until >= self.as_of)[self.offering]

    @cached_property
    def offering_names(self) -> Names:
        """`course term` of each offering; shape (n_offerings,)."""
        pairs = zip(self.courses[self.course], self.terms[self.term], strict=True)
        return np.array([f"{course} {term}" for course, term in pairs], dtype=object)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "Enrolments":
        """Some rows (a mask, or numbers), with the same codes and names."""
        at = np.flatnonzero(rows) if rows.dtype == bool else np.asarray(rows)
        return replace(
            self,
            learner=self.learner[at],
            offering=self.offering[at],
            outcome=self.outcome[at],
            event_day=self.event_day[at],
            row=self.row[at],
            facts={name: replace(fact, values=fact.values[at]) for name, fact in self.facts.items()},
            activity=None if self.activity is None else self.activity.take(at),
            results=None if self.results is None else self.results.take(at),
        )

    def without_outcome(self) -> "Enrolments":
        """The same enrolments, with nothing of how they ended."""
        unknown = np.full(len(self), np.nan)
        return replace(self, outcome=unknown, event_day=unknown)

    def with_outcome(self, outcome: NDArray[np.floating]) -> "Enrolments":
        """The same enrolments with another outcome; shape (n,)."""
        return replace(self, outcome=np.asarray(outcome, dtype=np.float64))

    def frame(self) -> pd.DataFrame:
        """One row an enrolment: `learner`, `course`, `term`, `outcome`, and each fact as a column."""
        out = {
            "learner": self.learners[self.learner],
            "course": self.courses[self.course[self.offering]],
            "term": self.terms[self.term[self.offering]],
            "outcome": self.outcome,
        }
        for name, fact in self.facts.items():
            out[name] = fact.values
            if fact.levels is not None:
                out[name] = np.array([*fact.levels, None], dtype=object)[fact.values.astype(np.int64)]
        return pd.DataFrame(out)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything numeric, by name: what the cache keeps as columns."""
        own: dict[str, NDArray[np.generic]] = {name: getattr(self, name) for name in _ROWS + _OFFERINGS}
        if self.recorded_until is not None:
            own["recorded_until"] = self.recorded_until
        for name, fact in self.facts.items():
            own[f"fact.{name}"] = fact.values
        for name in EVENTS:
            if (events := getattr(self, name)) is not None:
                own |= {f"{name}.{column}": getattr(events, column) for column in ("start", *EVENT_COLUMNS)}
        return own

    def texts(self) -> dict[str, Any]:
        """Everything else, as JSON can hold it."""
        events = {name: getattr(self, name) for name in EVENTS}
        return {
            **{name: list(map(str, getattr(self, name))) for name in ("learners", "courses", "terms")},
            "as_of": self.as_of,
            "unit": self.unit,
            "facts": {
                name: [fact.group, None if fact.levels is None else list(map(str, fact.levels)), fact.known_from]
                for name, fact in self.facts.items()
            },
            "kinds": {name: list(map(str, e.kinds)) for name, e in events.items() if e is not None},
        }

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, Any]) -> "Enrolments":
        """From what `arrays` and `texts` gave: columns of the types they were written with, and JSON."""
        events: dict[str, Any] = {}  # fields, as below
        for name, kinds in texts["kinds"].items():
            columns = {column: arrays[f"{name}.{column}"] for column in ("start", *EVENT_COLUMNS)}
            events[name] = Events(**columns, kinds=_names(kinds))
        facts = {}
        for name, (group, levels, known_from) in texts["facts"].items():
            facts[name] = Fact(group, arrays[f"fact.{name}"], None if levels is None else _names(levels), known_from)
        whole: dict[str, Any] = {name: arrays[name] for name in _ROWS + _OFFERINGS}  # fields of several types
        whole |= {name: _names(texts[name]) for name in ("learners", "courses", "terms")}
        whole["recorded_until"] = arrays.get("recorded_until")
        return cls(**whole, as_of=texts["as_of"], unit=texts["unit"], facts=facts, **events)


_ROWS = ("learner", "offering", "outcome", "event_day", "row")
_OFFERINGS = ("course", "term", "length")


def _names(values: list[str]) -> Names:
    return np.array(values, dtype=object)
