import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.tracking.entities import MetricPoint
from attain.tracking.errors import Invalid
from attain.tracking.rules import (
    check_batch,
    checked_key,
    checked_name,
    checked_param,
    checked_point,
    checked_status,
    checked_tag,
)


@pytest.mark.parametrize("key", ["auc", "auc/gender:F", "val auc", "a.b-c_d", "größe", "a" * 250, "1", "..a", "a..b"])
def test_a_plain_name_is_taken(key: str) -> None:
    assert checked_key("metric", key) == key


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("", "not empty"),
        (None, "not empty"),
        ("a" * 251, "251 characters"),
        ("a@b", "'@' in it"),
        ("a*", "in it"),
        ("50%", "in it"),
        ("a\nb", "in it"),
        ("ece[15]", "in it"),
        ("/a", "plain path"),
        ("a//b", "plain path"),
        ("a/../b", "plain path"),
        ("..", "plain path"),
        ("../a", "plain path"),
        (".", "plain path"),
        ("a/", "plain path"),
    ],
)
def test_another_name_is_refused_with_the_rule(key: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        checked_key("metric", key)


@pytest.mark.parametrize("value", [None, True, {"a": 1}, [1]])
def test_a_param_or_tag_that_is_not_text_is_refused(value: object) -> None:
    with pytest.raises(Invalid, match="'lr'"):
        checked_param("lr", value)
    with pytest.raises(Invalid, match="'lr'"):
        checked_tag("lr", value)


def test_long_texts_are_cut() -> None:
    assert checked_param("p", "x" * 7_000) == "x" * 6_000
    assert checked_tag("t", "x" * 9_000) == "x" * 8_000
    assert checked_param("p", 0.1) == "0.1"


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_text_that_no_database_holds_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match=r"NUL|surrogate"):
        checked_param("p", text)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_point_keeps_its_value_and_only_infinities_change(value: float) -> None:
    kept = checked_point(MetricPoint("m", value, 0)).value
    if math.isinf(value):
        assert kept == math.copysign(1.7976931348623157e308, value)
    else:
        assert kept == value or (math.isnan(kept) and math.isnan(value))


@pytest.mark.parametrize(
    ("point", "reason"),
    [
        (MetricPoint("m", "1", 0), "expected a number"),  # type: ignore[arg-type]  # wrong on purpose
        (MetricPoint("m", True, 0), "expected a number"),
        (MetricPoint("m", 10**400, 0), "too great"),
        (MetricPoint("m", 1, -1), "timestamp"),
        (MetricPoint("m", 1, 1.5), "timestamp"),  # type: ignore[arg-type]  # wrong on purpose
        (MetricPoint("m", 1, 0, 2**63), "step"),
        (MetricPoint("m", 1, 0, 0.5), "step"),  # type: ignore[arg-type]  # wrong on purpose
        (MetricPoint("a//b", 1, 0), "plain path"),
    ],
)
def test_a_wrong_point_is_refused(point: MetricPoint, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        checked_point(point)


def test_batches_have_limits() -> None:
    check_batch(range(900), range(50), range(50))
    for sizes, what in {
        (1001, 0, 0): "metrics",
        (0, 101, 0): "params",
        (0, 0, 101): "tags",
        (950, 51, 0): "1001",
    }.items():
        with pytest.raises(Invalid, match=what):
            check_batch(*map(range, sizes))


def test_statuses_and_names_are_checked() -> None:
    assert checked_status("KILLED") == "KILLED"
    with pytest.raises(Invalid, match="'DONE'; expected one of RUNNING"):
        checked_status("DONE")
    for name in ("", "  ", None, "x" * 501):
        with pytest.raises(Invalid, match="name of an experiment"):
            checked_name("an experiment", name)
