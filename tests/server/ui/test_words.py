"""How pages say numbers and moments."""

import doctest

from attain.charts.svg import frame, lines
from attain.server.ui import words
from attain.server.ui.words import half, moment, number


def test_the_examples_hold() -> None:
    for module, least in ((words, 5), (lines, 1), (frame, 2)):
        done = doctest.testmod(module)
        assert done.attempted >= least
        assert done.failed == 0


def test_what_is_no_number_is_said_and_never_shown_as_one() -> None:
    assert [number(v) for v in (None, float("nan"), float("inf"), float("-inf"))] == ["–", "not a number", "∞", "−∞"]
    assert (half(float("nan")), half(0.0)) == ("not a number", "0")


def test_moments_are_in_utc() -> None:
    assert moment(0) == "1970-01-01 00:00:00 UTC"
    assert moment(None) == ""
