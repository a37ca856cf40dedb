"""The real sets of courses have the counts that were found when they were laid out, and no day after the cut-off."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from attain.data.dataset import Dataset
from attain.data.enrolments import Enrolments
from attain.data.load import load

pytestmark = pytest.mark.data

Real = Callable[[str], None]


def test_oulad_at_day_28(real: Real) -> None:
    real("oulad")
    dataset: Dataset[Enrolments] = load("oulad", {"as_of": 28})
    log = dataset.log
    latest = log.take(log.term[log.offering] == 3)
    assert len(latest) == 9_216 - 5  # those of the reference, but for five who registered later
    assert latest.outcome.mean() == pytest.approx(0.408, abs=0.001)
    assert log.activity is not None
    assert log.activity.day.max() == 28
    recorded = np.unique(log.offering_names[log.offering[log.recorded]])
    assert recorded.tolist() == ["AAA 2013J", "AAA 2014J", "BBB 2013B", "BBB 2013J"]


def test_oulad_clicks_are_those_of_the_four_whole_presentations(real: Real) -> None:
    real("oulad")
    options = {
        "as_of": 268,
        "terms": ["2013J"],
        "courses": ["AAA"],
        "mistakes": ["left_already"],
        "with_activity": True,
    }
    log: Enrolments = load("oulad", options).log
    assert log.activity is not None
    assert len(np.unique(log.activity.owner)) <= 378
    assert not load("oulad", {"as_of": 133, "terms": ["2013J"], "courses": ["BBB"]}).log.recorded.any()
    assert load("oulad", {"as_of": 132, "terms": ["2013J"], "courses": ["BBB"]}).log.recorded.all()


@pytest.mark.parametrize(
    ("course", "pupils", "fail", "absent"), [("mathematics", 395, 130, 38), ("portuguese", 649, 100, 15)]
)
def test_pupils_of_each_file(real: Real, course: str, pupils: int, fail: int, absent: int) -> None:
    real("uci_student_performance")
    everyone: Enrolments = load("uci_student_performance", {"courses": [course]}).log
    assert (len(everyone), everyone.outcome.sum()) == (pupils, fail)
    graded: Enrolments = load("uci_student_performance", {"courses": [course], "outcome": "fail_graded"}).log
    assert (len(graded), graded.outcome.sum()) == (pupils - absent, fail - absent)


def test_what_is_known_grows_with_the_period(real: Real) -> None:
    real("uci_student_performance")
    groups = [
        {fact.group for fact in load("uci_student_performance", {"as_of": as_of}).log.facts.values()}
        for as_of in range(4)
    ]
    assert [later - earlier for earlier, later in pairwise(groups)] == [
        {"period_1"},
        {"period_2"},
        {"absences"},
    ]


def test_xapi_counters_are_known_at_the_end_only(real: Real) -> None:
    real("xapi_edu")
    early: Enrolments = load("xapi_edu").log
    assert (len(early), int(early.outcome.sum())) == (480, 127)
    assert "raised_hands" not in early.facts
    late: Enrolments = load("xapi_edu", {"as_of": 1}).log
    assert {"counters", "absences", "parents"} <= {fact.group for fact in late.facts.values()}
    assert not {"venzuela", "Lybia", "KW"} & set(map(str, early.facts["nationality"].levels))  # type: ignore[arg-type]  # it has levels
