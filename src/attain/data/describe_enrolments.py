"""What a set of courses holds at its cut-off, in figures that may be shown: counts, the outcome, terms, cohorts."""

from dataclasses import dataclass

import numpy as np

from attain.core.cohorts import SMALLEST
from attain.data.cohorts import shown, sizes
from attain.data.dataset import Change, Dataset
from attain.data.enrolments import Enrolments
from attain.data.features.table import available, feature_table


@dataclass(frozen=True)
class EnrolmentFacts:
    """A set of courses at a glance.

    Attributes:
        as_of: the cut-off, such as `day 28`.
        share_outcome: of the enrolments, those whose outcome came true; None for so few that it may not be shown.
        terms: enrolments by term, in the order of time, a text in place of a count that may not be shown.
        features: number of features by set, those that are computed among them.
        recorded: offerings whose activity is recorded up to the cut-off.
        events: number of events up to the cut-off, by kind of table.
        cohorts: learners by cohort, by attribute, likewise.
    """

    name: str
    fingerprint: str
    as_of: str
    enrolments: int
    learners: int
    courses: int
    offerings: int
    share_outcome: float | None
    terms: dict[str, int | str]
    features: dict[str, int]
    recorded: int
    events: dict[str, int]
    cohorts: dict[str, dict[str, int | str]]
    changes: tuple[Change, ...]


def describe_enrolments(dataset: Dataset[Enrolments]) -> EnrolmentFacts:
    """The facts of a set of courses."""
    log = dataset.log
    term = log.terms[log.term[log.offering]]
    few = log.take(np.arange(min(len(log), 1)))
    tables = {"activity": log.activity, "results": log.results, "assessments due": log.schedule}
    return EnrolmentFacts(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        as_of=f"{log.unit} {log.as_of:g}",
        enrolments=len(log),
        learners=len(log.present),
        courses=len(np.unique(log.course[log.offering])),
        offerings=len(np.unique(log.offering)),
        share_outcome=float(log.outcome.mean()) if len(log) >= SMALLEST else None,
        terms=shown({str(name): int((term == name).sum()) for name in log.terms if (term == name).any()}),
        features={name: len(feature_table(few, [name])) for name in available(log)},
        recorded=len(np.unique(log.offering[log.recorded])),
        events={name: len(events) for name, events in tables.items() if events is not None},
        cohorts={} if dataset.cohorts is None else {k: shown(counts) for k, counts in sizes(dataset.cohorts).items()},
        changes=dataset.changes,
    )
