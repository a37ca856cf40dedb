"""What a set of choices holds, in figures that may be shown: counts, lengths, how popular items are, cohorts."""

from dataclasses import dataclass

import numpy as np

from attain.data.choices import Choices
from attain.data.cohorts import shown, sizes
from attain.data.dataset import Change, Dataset
from attain.data.describe import Spread, spread


@dataclass(frozen=True)
class ChoiceFacts:
    """A set of choices at a glance.

    Attributes:
        skills: what items are about.
        prerequisites: direct ones, between items.
        events_a_learner: how many events a learner has.
        share_repeated: events that take an item again.
        head_share: the share of the catalogue, the most taken items, that holds half of all events.
        order: what is known of the order of events: `times`, `order only` or `none`.
        cohorts: learners by cohort, by attribute, a text in place of a count that may not be shown.
    """

    name: str
    fingerprint: str
    events: int
    learners: int
    items: int
    skills: int
    prerequisites: int
    events_a_learner: Spread
    share_repeated: float
    head_share: float
    order: str
    cohorts: dict[str, dict[str, int | str]]
    changes: tuple[Change, ...]


def describe_choices(dataset: Dataset[Choices]) -> ChoiceFacts:
    """The facts of a set of choices."""
    log = dataset.log
    events = np.sort(np.bincount(log.item, minlength=len(log.items)))[::-1]
    head = int(np.searchsorted(np.cumsum(events), len(log) / 2)) + 1
    return ChoiceFacts(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        events=len(log),
        learners=len(log.present),
        items=len(log.items),
        skills=len(log.skills),
        prerequisites=len(log.before),
        events_a_learner=spread(np.diff(log.learner_start)),
        share_repeated=float(log.repeated.mean()),
        head_share=head / len(log.items),
        order="times" if log.time_s is not None else "order only" if log.ordered else "none",
        cohorts={} if dataset.cohorts is None else {k: shown(counts) for k, counts in sizes(dataset.cohorts).items()},
        changes=dataset.changes,
    )
