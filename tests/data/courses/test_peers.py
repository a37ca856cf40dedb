"""Where a learner stands among the others of the offering: by hand, and whoever else is asked for."""

from collections.abc import Callable

import numpy as np
import pytest

from attain.data.courses.peers import peers
from attain.data.dataset import Dataset
from attain.data.enrolments import Enrolments
from attain.testing.small_enrolments import small_enrolments

Load = Callable[..., Dataset[Enrolments]]


def test_the_place_is_the_share_of_those_there_that_lie_below(courses: Load) -> None:
    log = courses(as_of=12, terms=["spring"]).log  # cat left on day 12: ann with 7 clicks, bob with 5
    assert log.facts["peers_clicks"].values.tolist() == [0.75, 0.25]
    assert log.facts["peers_active_days"].values.tolist() == [0.5, 0.5]
    np.testing.assert_array_equal(log.facts["peers_score"].values, [0.5, np.nan])
    everyone = courses(as_of=11, terms=["spring"]).log
    assert everyone.facts["peers_clicks"].values.tolist() == [5 / 6, 3 / 6, 1 / 6]


def test_it_is_the_place_that_counting_gives() -> None:
    log = small_enrolments(0)
    assert log.activity is not None
    there = np.random.default_rng(1).random(len(log)) < 0.8
    found = peers(log, there)["peers_clicks"].values
    clicks = np.array([rows.sum() for rows in np.split(log.activity.amount, log.activity.start[1:-1])])
    for row in np.flatnonzero(there & log.recorded)[:60]:
        others = clicks[there & (log.offering == log.offering[row])]
        place = ((others < clicks[row]).sum() + 0.5 * (others == clicks[row]).sum()) / len(others)
        assert found[row] == pytest.approx(place)
    assert np.isnan(found[~there]).all()


def test_a_place_does_not_depend_on_which_terms_are_asked_for(courses: Load) -> None:
    alone = courses(as_of=10, terms=["autumn"]).log
    whole = courses(as_of=10).log
    kept = np.isin(whole.row, alone.row)
    np.testing.assert_array_equal(whole.facts["peers_clicks"].values[kept], alone.facts["peers_clicks"].values)
