"""What an audit counted at other capacities, and which of these counts answers for so many places.

Only counts that the record already shows are given. Nothing is computed for a capacity in between: who is flagged at
it and not at the next would be a group too small to be shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from attain.audit.words import Plain, is_bounded


@dataclass(frozen=True)
class Counted:
    """All together, at one capacity.

    Attributes:
        flagged: how many are.
        found: of them, those who had the outcome.
        in_vain: of them, those who did not.
        missed: those who had it and are not flagged.
        own: whether it is the policy's own capacity.
    """

    flagged: int
    found: int
    in_vain: int
    missed: int
    own: bool = False


def counted(record: Plain) -> list[Counted]:
    """Every capacity at which the record shows the counts of all together, the fewest first.

    Where the policy's own, its half or its double is close to a point of the curve (as in records of before such
    points were left out), the point is not given.
    """
    results, smallest = record["results"], record["policy"]["smallest"]
    chosen = [one for one in map(_of_choice, results.get("choices", [])) if one]
    curve = [Counted(p["flagged"], p["found"], p["in_vain"], p["missed"]) for p in results.get("curve", [])]
    apart = [p for p in curve if all(abs(p.flagged - one.flagged) >= max(smallest, 1) for one in chosen)]
    return sorted([*chosen, *apart], key=lambda one: one.flagged)


def fitting(points: Sequence[Counted], places: int) -> Counted:
    """The most that fit into so many places; the fewest of all where none do."""
    return max((one for one in points if one.flagged <= places), key=lambda one: one.flagged, default=points[0])


def _of_choice(choice: Plain) -> Counted | None:
    """The counts of all together at a choice, if both of its rates are shown."""
    rates = choice["tables"][0]["cohorts"][0]["rates"]
    vain, missed = rates["false_discovery_rate"], rates["false_negative_rate"]
    if any("n" not in rate or is_bounded(rate) for rate in (vain, missed)):
        return None
    return Counted(vain["n"], vain["n"] - vain["count"], vain["count"], missed["count"], choice["own"])
