"""Tables of rates as plain data, with nothing in them that is hidden: for JSON, pages and readers."""

from collections.abc import Sequence
from typing import Any

from attain.audit.confusion import CohortTable, RateColumn
from attain.audit.rates import Rate
from attain.audit.small_groups import EDGE, NOT_SHOWN, SuppressionRule
from attain.audit.suppression import Hidden
from attain.metrics.proportions import wilson

Plain = dict[str, Any]  # JSON
FEW_ON_A_SIDE = f"fewer than {EDGE} people are on one side, which would tell of each"


def shown_table(table: CohortTable, rates: Sequence[Rate], hidden: Hidden, rule: SuppressionRule) -> Plain:
    """The table as plain data with nothing in it that is hidden.

    Each rate of each cohort has `value`, `low`, `high` (95 % Wilson interval), `count` and `n`, its own denominator;
    where they cannot be given `value` is None and `reason` says why. A rate that would tell of nearly each of few has
    a bound, `under` or `over`, in place of `value` and `count`, and an interval that is the same for all below it.
    """
    columns = [table.column(rate) for rate in rates]
    cohorts = []
    for level, values in enumerate(table.levels):
        own = {column.rate.name: _shown(table.name, column, level, hidden, rule) for column in columns}
        cohorts.append({"values": dict(zip(table.attributes, values, strict=True)), "rates": own})
    return {"attributes": list(table.attributes), "cohorts": cohorts}


def _shown(table: str, column: RateColumn, level: int, hidden: Hidden, rule: SuppressionRule) -> Plain:
    place, count, n = (table, level, column.rate.name), int(column.numerator[level]), int(column.n[level])
    if place in hidden.bounded:
        return _bounded(max(rule.count(n), EDGE), rule, low=2 * count <= n)
    if place in hidden:
        return {"value": None, "reason": NOT_SHOWN}
    if n == 0:
        return {"value": None, "count": 0, "n": 0, "reason": column.rate.undefined}
    three = {"value": column.value, "low": column.low, "high": column.high}
    shares = {name: rule.share(float(part[level])) for name, part in three.items()}
    return {**shares, "count": rule.count(count), "n": rule.count(n)}


def _bounded(n: int, rule: SuppressionRule, *, low: bool) -> Plain:
    """A rate with fewer than `EDGE` of `n` on one side; it follows from `n` alone."""
    bound, end = rule.share(min(EDGE / n, 1.0)), rule.share(float(wilson(EDGE - 1, n)[1]))
    if low:
        return {"value": None, "under": bound, "low": 0.0, "high": end, "n": n, "reason": FEW_ON_A_SIDE}
    ends = {"low": rule.share(1 - end), "high": 1.0}
    return {"value": None, "over": rule.share(1 - bound), **ends, "n": n, "reason": FEW_ON_A_SIDE}
