"""What an audit's record says, as charts: a rate by cohort, the counts at each capacity, and whether scores mean it."""

from collections.abc import Sequence

from attain.audit.counted import Counted
from attain.audit.words import Plain, Words, bound, is_bounded, rate_of
from attain.charts.svg.calibration import Bin, CalibrationChart
from attain.charts.svg.dots import Dot, DotChart
from attain.charts.svg.lines import Line, Lines

FEW = "not shown"


def cohort_charts(record: Plain, rate: str) -> list[DotChart]:
    """A rate in per cent, one chart an attribute or intersection, all on one axis; the dashed line is all together."""
    tables, words = record["results"]["tables"], Words(**record["policy"]["outcome"])
    every = rate_of(tables[0]["cohorts"][0]["rates"], rate)["value"]
    of_tables = [[_dot(cohort, rate) for cohort in table["cohorts"]] for table in tables[1:]]
    most = max((dot.high for dots in of_tables for dot in dots if dot.high is not None), default=0)
    return [
        DotChart(
            title=f"By {' and '.join(table['attributes'])}",
            x=f"per cent {words.title(rate)}",
            dots=dots,
            said="" if every is None else f"Dashed: all together, {100 * every:.1f} %.",
            reference=None if every is None else _percent(every),
            ends=(0.0, most),
            unit=" %",
        )
        for table, dots in zip(tables[1:], of_tables, strict=True)
    ]


def _dot(cohort: Plain, rate: str) -> Dot:
    name, found = " / ".join(cohort["values"].values()), rate_of(cohort["rates"], rate)
    low, high = (_percent(found[end]) if found.get(end) is not None else None for end in ("low", "high"))
    if is_bounded(found):
        return Dot(name, None, low, high, found["n"], f"{bound(found)} % (n {found['n']:,})")
    if found["value"] is None:
        return Dot(name, None, without=found["reason"] if "n" in found else FEW)
    return Dot(name, _percent(found["value"]), low, high, found["n"])


def _percent(share: float) -> float:
    return round(100 * share, 1)


def capacity_chart(record: Plain, points: Sequence[Counted], shown: Counted) -> Lines:
    """Found, flagged in vain and missed, the more are flagged; where the policy stands, and what is asked for."""
    words = Words(**record["policy"]["outcome"])
    lines = [
        Line("missed", [(one.flagged, one.missed) for one in points]),
        Line("found", [(one.flagged, one.found) for one in points]),
        Line("in vain", [(one.flagged, one.in_vain) for one in points]),
    ]
    marked = [(float(one.flagged), f"{one.flagged:,} flagged, as it is now") for one in points if one.own]
    marked += [(float(shown.flagged), f"{shown.flagged:,} flagged, as asked for")] * (not shown.own)
    said = (
        f"Found: flagged, and {words.had}. In vain: flagged, and {words.had_not}. Missed: not flagged, {words.had}. "
        "Dotted: the capacity now, and that asked for."
    )
    title = "The more are flagged, the more are found, and the more in vain"
    return Lines(title, "enrolments flagged", "enrolments", lines, said, marked)


def calibration_chart(record: Plain) -> CalibrationChart | None:
    """What scores said and what came, of all together; None where the record does not tell (those of before it did)."""
    words = Words(**record["policy"]["outcome"])
    groups = [one["between"] for one in record["results"].get("curve", []) if "between" in one]
    if len(groups) < 3:
        return None
    groups.sort(key=lambda one: one["score"])
    bins = [Bin(*(one[name] for name in ("score", "share", "low", "high", "n"))) for one in groups]
    said = (
        f"Each dot is a group with about the same score, and how many of it {words.had}, with its 95 % interval. "
        "On the dashed line scores mean what they say; below it they promise too much."
    )
    return CalibrationChart("What scores said, and what came", bins, "enrolments", said, sizes=False)
