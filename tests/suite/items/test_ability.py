"""Abilities before exposure: nothing of the judged item, its answers or anything later may reach them."""

from dataclasses import replace

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.models.knowledge_tracing.irt import IRT
from attain.suite.items.ability import NEW, Part, abilities, parts_of
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer
from attain.testing.small import small_log

LOG = small_log(3)
ALL = np.ones(len(LOG), dtype=bool)


def _part(*items: int) -> Part:
    judged = np.isin(np.arange(len(LOG.items)), items)
    return Part(judged, judged)


def test_turning_all_answers_to_the_judged_items_changes_nothing() -> None:
    part = _part(2, 5)
    before = abilities(LOG, ALL, [part], IRT)
    turned = np.where(part.judged[LOG.item], 1 - LOG.correct, LOG.correct)
    after = abilities(LOG.with_correct(turned), ALL, [part], IRT)
    assert np.isfinite(before[part.judged[LOG.item]]).all()
    assert np.isnan(before[~part.judged[LOG.item]]).all()
    assert np.array_equal(before, after, equal_nan=True)


def test_turning_an_answer_to_another_item_does() -> None:
    """The test above can fail."""
    part = _part(2, 5)
    others = ~part.judged[LOG.item]
    assert not np.array_equal(
        abilities(LOG, ALL, [part], IRT),
        abilities(LOG.with_correct(np.where(others, 1 - LOG.correct, LOG.correct)), ALL, [part], IRT),
        equal_nan=True,
    )


class Counting(KnowledgeTracer):
    """Remembers what it was told, and says how many earlier answers it hears of."""

    name = "counting"
    fitted: list[Interactions] = []  # noqa: RUF012  # of the class, for the test to read
    asked: list[Interactions] = []  # noqa: RUF012

    def __init__(self) -> None:
        pass

    def fit(self, log: Interactions, context: FitContext) -> None:
        self.fitted.append(log)

    def predict(self, log: Interactions) -> np.ndarray:
        self.asked.append(log)
        return 1 / (1 + np.exp(-0.01 * log.step))

    def save(self, folder: object) -> None: ...

    @classmethod
    def load(cls, folder: object) -> "Counting":
        return cls()


def test_the_history_is_the_earlier_answers_to_items_outside_the_part() -> None:
    Counting.fitted, Counting.asked = [], []
    part = _part(0, 7)
    found = abilities(LOG, ALL, [part], Counting)
    kept = ~part.judged[LOG.item]
    for row in np.flatnonzero(part.judged[LOG.item]):
        earlier = (LOG.learner == LOG.learner[row]) & (np.arange(len(LOG)) < row) & kept
        assert found[row] == pytest.approx(0.01 * min(earlier.sum(), 100))
    (fitted,), (asked,) = Counting.fitted, Counting.asked
    assert not part.judged[fitted.item].any()
    last = asked.learner_start[1:] - 1
    assert set(asked.items[asked.item[last]]) == {NEW}
    before_last = np.setdiff1d(np.arange(len(asked)), last)
    assert not part.judged[asked.item[before_last]].any()


def test_skills_and_times_of_what_is_asked_are_those_of_the_answer() -> None:
    Counting.fitted, Counting.asked = [], []
    part = _part(4)
    abilities(LOG, ALL, [part], Counting)
    (asked,) = Counting.asked
    last = asked.learner_start[1:] - 1
    rows = np.flatnonzero(part.judged[LOG.item])
    one, other = asked.take(last), LOG.take(rows)
    assert one.skill.tolist() == other.skill.tolist()
    assert one.skill_start.tolist() == other.skill_start.tolist()
    assert np.array_equal(one.time_s, other.time_s, equal_nan=True)
    assert np.isnan(one.duration_s).all(), "how long it took comes with the answer"


def test_generated_items_are_never_history_where_people_wrote_enough() -> None:
    generated = np.arange(len(LOG.items)) < 8
    first, *others = parts_of(LOG, generated)
    assert np.array_equal(first.judged, generated)
    assert all((generated <= part.left_out).all() for part in others)
    judged = np.sum([first.judged, *(part.judged for part in others)], axis=0)
    assert (judged == 1).all(), "each item is judged once"


def test_where_nobody_wrote_items_each_is_judged_by_the_others() -> None:
    parts = parts_of(LOG, np.ones(len(LOG.items), dtype=bool))
    assert len(parts) == 5
    assert (np.sum([part.judged for part in parts], axis=0) == 1).all()
    assert all(np.array_equal(part.judged, part.left_out) for part in parts)


def test_without_other_items_there_is_a_sentence() -> None:
    alone = replace(LOG.take(LOG.item == 1))
    everything = np.ones(len(LOG.items), dtype=bool)
    with pytest.raises(UserError, match="there are no answers to other items than those that are judged"):
        abilities(alone, np.ones(len(alone), dtype=bool), [Part(everything, everything)], IRT)
