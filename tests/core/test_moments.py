import pytest

from attain.core.moments import seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-01T00:00:10Z", 10),
        ("1970-01-01T00:00:10", 10),
        (" 1970-01-01T01:00:00.500+01:00 ", 0.5),
        ("1970-01-02", 86_400),
    ],
)
def test_a_moment_is_seconds_since_1970_and_utc_where_no_zone_is_named(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "noon", "1970-13-01", "2026-01-01T25:00"])
def test_what_is_no_moment_has_no_seconds(text: str) -> None:
    assert seconds_of(text) is None
