import pytest

from attain.audit.rates import RATES
from attain.audit.words import TITLES, Words, between, bound, rate_of


def test_every_rate_has_a_title_that_names_its_denominator() -> None:
    words = Words("failed", "passed")
    assert set(RATES) < set(TITLES)
    assert words.title("false_positive_rate") == "of those who passed: flagged"
    assert words.title("false_discovery_rate") == "of those flagged: passed"


def test_a_rate_that_is_not_there_is_taken_from_its_complement() -> None:
    precision = {"value": 0.7, "low": 0.6, "high": 0.85, "count": 70, "n": 100}
    turned = rate_of({"precision": precision}, "false_discovery_rate")
    assert turned == {"value": 0.3, "low": 0.15, "high": 0.4, "count": 30, "n": 100}
    assert rate_of({"precision": {"value": None, "reason": "no"}}, "false_discovery_rate")["reason"] == "no"
    assert "policy does not ask" in rate_of({}, "recall")["reason"]


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.271, 0.313, "between 27 and 31"),
        (0.301, 0.304, "about 30"),
        (0.001, 0.02, "between fewer than 1 and 2"),
        (0.001, 0.004, "fewer than 1"),
    ],
)
def test_an_interval_is_said_in_whole_people(low: float, high: float, said: str) -> None:
    assert between({"low": low, "high": high}) == said


def test_a_bound_on_a_rate_is_one_on_its_complement() -> None:
    rate = {"value": None, "under": 0.2, "low": 0.0, "high": 0.4, "n": 15, "reason": "few"}
    turned = rate_of({"false_negative_rate": rate}, "recall")
    assert turned == {"value": None, "over": 0.8, "low": 0.6, "high": 1.0, "n": 15, "reason": "few"}
    assert rate_of({"recall": turned}, "false_negative_rate") == rate
    assert (bound(rate), bound(turned)) == ("fewer than 20", "more than 80")
