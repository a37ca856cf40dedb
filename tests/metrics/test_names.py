import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.metrics.discover import metric_ids
from attain.metrics.names import from_key, to_key

SIGNS = st.text(alphabet="ab of x2[],>=<@:/-. \n é𝒳", max_size=12)


@given(st.lists(SIGNS | st.text(max_size=8), min_size=1, max_size=3))
def test_every_name_comes_back_from_its_key(parts: list[str]) -> None:
    assert from_key(to_key(*parts)) == tuple(parts)


@given(st.lists(SIGNS | st.text(max_size=8), min_size=1, max_size=3))
def test_keys_hold_only_what_mlflow_allows(parts: list[str]) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_\-.:/ ]*", to_key(*parts))


@pytest.mark.parametrize("identity", metric_ids())
def test_every_metric_has_a_key_that_a_person_can_read(identity: str) -> None:
    assert " x" not in to_key(identity)


def test_a_cohort_and_an_end_of_the_interval_are_parts() -> None:
    assert to_key("accuracy@0.5", "gender=F", "low") == "accuracy at 0.5/gender:F/low"
