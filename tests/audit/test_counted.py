from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.audit.counted import Counted, counted, fitting


def choice(flagged: int, in_vain: int, missed: int, *, own: bool = False, **hidden: Any) -> dict[str, Any]:
    rates = {
        "false_discovery_rate": {"value": 0.5, "count": in_vain, "n": flagged},
        "false_negative_rate": {"value": 0.5, "count": missed, "n": 100},
    }
    return {"own": own, "tables": [{"cohorts": [{"rates": rates | hidden}]}]}


def record(curve: list[tuple[int, ...]], choices: list[dict[str, Any]]) -> dict[str, Any]:
    points = [dict(zip(("flagged", "found", "in_vain", "missed"), one, strict=True)) for one in curve]
    return {"policy": {"smallest": 10}, "results": {"curve": points, "choices": choices}}


def test_points_of_the_curve_and_choices_stand_together_and_the_policys_own_is_known() -> None:
    found = counted(record([(40, 30, 10, 70), (80, 50, 30, 50)], [choice(80, 30, 50, own=True), choice(20, 4, 84)]))
    assert found == [Counted(20, 16, 4, 84), Counted(40, 30, 10, 70), Counted(80, 50, 30, 50, own=True)]


@pytest.mark.parametrize(
    "hidden", [{"value": None, "reason": "not shown"}, {"value": None, "under": 0.2, "low": 0.0, "high": 0.3, "n": 15}]
)
def test_a_choice_of_which_a_rate_is_hidden_or_bounded_gives_no_counts(hidden: dict[str, Any]) -> None:
    assert counted(record([], [choice(20, 4, 84, false_negative_rate=hidden)])) == []


def test_records_of_before_there_were_choices_have_none() -> None:
    assert counted({"policy": {"smallest": 10}, "results": {}}) == []


def test_a_point_a_few_people_from_a_choice_is_not_given() -> None:
    found = counted(record([(40, 30, 10, 70), (80, 50, 30, 50)], [choice(83, 31, 48, own=True)]))
    assert [one.flagged for one in found] == [40, 83]


@given(st.sets(st.integers(1, 500), min_size=1), st.integers(1, 600))
def test_whatever_is_asked_for_only_what_was_counted_is_given(sizes: set[int], places: int) -> None:
    points = [Counted(size, size, 0, 0) for size in sorted(sizes)]
    found = fitting(points, places)
    assert found in points
    assert found.flagged <= places or found == points[0]
    assert not any(found.flagged < one.flagged <= places for one in points)
