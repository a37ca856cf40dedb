"""An audit's numbers in the words of people who are no statisticians: so many of 100, and of which 100."""

from dataclasses import dataclass
from typing import Any

Plain = dict[str, Any]  # JSON
COMPLEMENT = {
    "precision": "false_discovery_rate",
    "false_discovery_rate": "precision",
    "recall": "false_negative_rate",
    "false_negative_rate": "recall",
}
NOT_ASKED = "the policy does not ask for it"
TITLES = {
    "precision": "of those flagged: {had}",
    "recall": "of those who {had}: flagged",
    "false_positive_rate": "of those who {had_not}: flagged",
    "false_negative_rate": "of those who {had}: missed",
    "false_discovery_rate": "of those flagged: {had_not}",
    "false_omission_rate": "of those not flagged: {had}",
    "selection_rate": "of all: flagged",
    "prevalence": "of all: {had}",
    "equalized_odds": "either kind of error",
    "abroca": "order of the scores",
}
"""What a rate is a share of, and of what, in a few words."""


@dataclass(frozen=True)
class Words:
    """How a policy calls the outcome."""

    had: str
    had_not: str

    def of(self, text: str) -> str:
        """A sentence of the findings with the outcome called by its name.

        >>> Words("failed", "passed").of("of 80 who did not have the outcome, 5 % were flagged")
        'of 80 who passed, 5 % were flagged'
        """
        return text.replace("did not have the outcome", self.had_not).replace("had the outcome", self.had)

    def title(self, rate: str) -> str:
        """What a rate is, in a few words."""
        return TITLES[rate].format(had=self.had, had_not=self.had_not)


def rate_of(rates: Plain, name: str) -> Plain:
    """A rate of a cohort, from its complement where only that is there; with `reason` where there is none."""
    if name in rates:
        return dict(rates[name])
    other = rates.get(COMPLEMENT.get(name, ""))
    if other is None:
        return {"value": None, "reason": NOT_ASKED}
    if other["value"] is None and not is_bounded(other):
        return dict(other)
    if is_bounded(other):
        side, turned_side = ("under", "over") if "under" in other else ("over", "under")
        ends = {turned_side: 1 - other[side], "low": 1 - other["high"], "high": 1 - other["low"]}
        kept = {key: other[key] for key in ("value", "n", "reason")}
        return kept | {key: round(value, 4) for key, value in ends.items()}
    turned = {"value": 1 - other["value"], "low": 1 - other["high"], "high": 1 - other["low"]}
    return {key: round(value, 4) for key, value in turned.items()} | {
        "n": other["n"],
        "count": other["n"] - other["count"],
    }


def is_bounded(rate: Plain) -> bool:
    """Whether it is only known to be under or over so much."""
    return "under" in rate or "over" in rate


def bound(rate: Plain) -> str:
    """Of a hundred, where a rate is bounded.

    >>> bound({"under": 0.25}), bound({"over": 0.9})
    ('fewer than 25', 'more than 90')
    """
    return f"fewer than {of_100(rate['under'])}" if "under" in rate else f"more than {of_100(rate['over'])}"


def of_100(share: float) -> str:
    """A share as so many of 100.

    >>> of_100(0.374), of_100(0.003), of_100(0.0), of_100(1.0), of_100(0.998)
    ('37', 'fewer than 1', '0', '100', 'more than 99')
    """
    if 0 < share < 0.005:
        return "fewer than 1"
    if 0.995 < share < 1:
        return "more than 99"
    return f"{100 * share:.0f}"


def between(rate: Plain) -> str:
    """The interval of a rate in words: "between 34 and 40"."""
    low, high = of_100(rate["low"]), of_100(rate["high"])
    if low == high:
        return f"about {low}" if low.isdigit() else low
    return f"between {low} and {high}"


def percent(share: float | None, digits: int = 0) -> str:
    """A share for a table; a dash where there is none.

    >>> percent(0.1234), percent(0.1234, 1), percent(None)
    ('12 %', '12.3 %', '–')
    """
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def points(share: float | None) -> str:
    """A difference of shares in points.

    >>> points(0.138), points(-0.02), points(None)
    ('+13.8', '-2.0', '–')
    """
    return "–" if share is None else f"{100 * share:+.1f}"


def number(count: int | None) -> str:
    """A count for a table; a dash where it is not shown."""
    return "–" if count is None else f"{count:,}"


def listed(names: list[str], most: int = 6) -> str:
    """Names in a sentence.

    >>> listed(["a", "b", "c"]), listed(list("abcdefgh"), 3)
    ('a, b and c', 'a, b, c and 5 more')
    """
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def chance(p: float | None) -> str:
    """A p value for a table.

    >>> chance(0.0), chance(0.0312), chance(1.0)
    ('<0.001', '0.031', '1')
    """
    if p is None:
        return "–"
    return "<0.001" if p < 0.001 else "1" if p >= 0.9995 else f"{p:.3f}"
