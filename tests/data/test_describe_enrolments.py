from dataclasses import replace

import numpy as np
import pytest

from attain.data.dataset import Dataset
from attain.data.describe_enrolments import describe_enrolments
from attain.data.enrolments import Enrolments
from attain.testing.small_enrolments import small_enrolments


def of(log: Enrolments) -> Dataset[Enrolments]:
    return Dataset("small", log, "f")


def test_a_set_is_described_in_counts() -> None:
    log = small_enrolments(0)
    facts = describe_enrolments(of(log))
    assert (facts.as_of, facts.enrolments, facts.learners) == ("day 28", 150, 120)
    assert (facts.courses, facts.offerings, facts.recorded) == (2, 6, 5)
    assert facts.share_outcome == pytest.approx(log.outcome.mean())
    assert sum(count for count in facts.terms.values() if isinstance(count, int)) == 150
    assert facts.events["activity"] == len(log.activity or ())


def test_all_sets_of_features_are_listed_those_that_are_computed_too() -> None:
    features = describe_enrolments(of(small_enrolments(0))).features
    assert features["demographics"] == 2
    assert {"clicks", "clicks_by_week", "assessments"} <= features.keys()
    assert features["clicks_by_week"] == 2 * 6
    bare = replace(small_enrolments(0), activity=None, results=None)
    assert {"clicks", "assessments"}.isdisjoint(describe_enrolments(of(bare)).features)


def test_few_enrolments_show_no_share_and_no_count_of_a_term() -> None:
    few = small_enrolments(0).take(np.arange(9))
    facts = describe_enrolments(of(few))
    assert facts.share_outcome is None
    assert not any(isinstance(count, int) for count in facts.terms.values())
