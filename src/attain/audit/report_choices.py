"""The choices of capacity on an audit's page: what calling fewer or more would mean, for all and for each cohort."""

from attain.audit.report_tables import HIDDEN, Sheet
from attain.audit.small_groups import EDGE
from attain.audit.words import Plain, Words, is_bounded, listed, number
from attain.charts.calls import Calls, draw_calls


def choice_sheets(record: Plain) -> list[Sheet]:
    """What each capacity would mean, for all together, then one table an attribute."""
    choices, words = record["results"]["choices"], Words(**record["policy"]["outcome"])
    heads = ("flagged", f"of them {words.had}", f"of them {words.had_not}", f"{words.had}, not flagged")
    sheets = []
    for place, table in enumerate(choices[0]["tables"]):
        name = " and ".join(table["attributes"])
        rows = [
            (
                *_who(table["cohorts"][level]["values"], choice),
                *_four(choice["tables"][place]["cohorts"][level]["rates"]),
            )
            for level in range(len(table["cohorts"]))
            for choice in choices
        ]
        caption = f"What other capacities would mean, by {name}." if name else "What other capacities would mean."
        if not name:
            caption += " Cohorts have one line, never lines of their own."
        sheets.append(Sheet(caption, (name or "who", "if you call", *heads), tuple(rows)))
    return sheets


def _who(values: dict[str, str], choice: Plain) -> tuple[str, str]:
    rule = choice["rule"].removeprefix("the highest scores: ").removesuffix(" in all")
    return ", ".join(values.values()) or "all", f"{rule}, as now" if choice["own"] else rule


def _four(rates: Plain) -> tuple[str, str, str, str]:
    """Flagged, found, flagged in vain, missed; what is hidden of them is said to be."""
    vain, missed = rates["false_discovery_rate"], rates["false_negative_rate"]
    return (number(vain["n"]) if "n" in vain else HIDDEN, _count(vain, others=True), _count(vain), _count(missed))


def _count(rate: Plain, *, others: bool = False) -> str:
    """Those in the numerator of a rate, or the others of its denominator."""
    if "n" not in rate:
        return HIDDEN
    if not is_bounded(rate):
        return number(rate["n"] - rate["count"] if others else rate["count"])
    few = ("under" in rate) != others
    return f"fewer than {EDGE}" if few else f"more than {number(rate['n'] - EDGE)}"


def calls_chart(record: Plain) -> str:
    """All together: found, flagged in vain and missed, the more are flagged, as SVG; "" where there are no points."""
    results, words = record["results"], Words(**record["policy"]["outcome"])
    if len(results["curve"]) < 3:
        return ""
    points = [Calls(one["found"], one["in_vain"], one["missed"]) for one in results["curve"]]
    own = next(choice for choice in results["choices"] if choice["own"])
    now = own["tables"][0]["cohorts"][0]["rates"]["false_discovery_rate"].get("n")
    names = (f"flagged, {words.had}", f"flagged, {words.had_not}", f"not flagged, {words.had}")
    return draw_calls(points, now=now, names=names, title=f"Who is flagged and who is missed: {listed(list(names))}")


def cost_sentence(record: Plain) -> str:
    """Where mistakes and calls would have cost least at the policy's prices; "" where it has none."""
    prices, found = record["policy"]["costs"], record["results"]["cheapest"]
    if prices is None:
        return ""
    said = f"At the policy's prices ({prices['missed']:g} for who is missed, {prices['in_vain']:g} for who is flagged "
    said += f"in vain, {prices['call']:g} for each call besides)" if prices["call"] else "in vain)"
    if found is None:
        return f"{said} nothing can be said: the counts of all together are not shown."
    where = number(found[0]) if found[0] == found[1] else f"{number(found[0])} to {number(found[1])}"
    return f"{said} it would have cost least, of the bars drawn, to flag {where}."
