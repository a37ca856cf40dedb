"""The two pages for those who decide: what the flags do to people, and for whom that can be told."""

from dataclasses import dataclass

from attain.audit.words import (
    NOT_ASKED,
    Plain,
    Words,
    between,
    bound,
    is_bounded,
    listed,
    number,
    of_100,
    points,
    rate_of,
)
from attain.charts.dots import Dot, draw_dots
from attain.charts.people import draw_people

MOST_LINES = 26
"""So many cohorts stand in the chart of the first page; all are in the evidence."""
MOST_FOUND, FEWER_FOUND = 5, 3
"""So many gaps have their sentence on the second page; the fewer where there are more than `MANY` attributes."""
MOST_BLIND = 4
MANY = 3


@dataclass(frozen=True)
class Reading:
    """One way to read the flags, of a hundred people.

    Attributes:
        sentence: with so many of 100.
        detail: the interval and the counts behind it; or why there is no number.
        picture: SVG, "" where there is no number.
    """

    sentence: str
    detail: str
    picture: str


def readings(record: Plain) -> list[Reading]:
    """The three questions: of those flagged, how many were fine; of those fine, how many flagged; who was missed."""
    words, results = Words(**record["policy"]["outcome"]), record["results"]
    everybody = results.get("readings") or results["tables"][0]["cohorts"][0]["rates"]  # older records have no readings
    asked = (
        ("false_discovery_rate", "people who are flagged", words.had_not, "flagged people"),
        ("false_positive_rate", f"people who {words.had_not}", "are flagged all the same", f"who {words.had_not}"),
        ("false_negative_rate", f"people who {words.had}", "are not flagged", f"who {words.had}"),
    )
    return [_reading(rate_of(everybody, name), *texts) for name, *texts in asked]


def _reading(rate: Plain, who: str, what: str, of: str) -> Reading:
    if is_bounded(rate):
        return Reading(
            f"Of 100 {who}, {bound(rate)} {what}.", f"Of {number(rate['n'])} {of}, {rate['reason']} of them.", ""
        )
    if rate["value"] is None:
        return Reading(f"Of 100 {who}, how many {what}?", f"There is no number: {rate['reason']}.", "")
    sentence = f"Of 100 {who}, {of_100(rate['value'])} {what}."
    detail = f"{between(rate).capitalize()}; counted: {number(rate['count'])} of {number(rate['n'])} {of}."
    return Reading(sentence, detail, draw_people(round(100 * rate["value"]), sentence))


def flagged_sentence(record: Plain) -> str:
    """Whom the rule flags, in a sentence or two."""
    flags, population = record["results"]["flags"], record["results"]["population"]
    said = f"Flagged are the enrolments with {flags['rule'].replace('scores: ', 'scores, ')}"
    if flags["flagged"] is not None and population["rows"] is not None:
        said += f": {number(flags['flagged'])} of {number(population['rows'])}"
    thresholds = [cut["threshold"] for cut in flags["cuts"] if cut["threshold"] is not None]
    if len(thresholds) == 1:
        said += f". The lowest flagged score is {thresholds[0]:.2f}"
    elif thresholds:
        said += f". The lowest flagged score is {min(thresholds):.2f} to {max(thresholds):.2f}, depending on the course"
    if flags["decided_by_name"] != 0:
        said += (
            f". {number(flags['decided_by_name']) if flags['decided_by_name'] else 'A few'} had the same score at the "
            "line; a hash of the name decided among them, which means nothing"
        )
    return f"{said}."


def cohort_chart(record: Plain, rate: str, most: int = MOST_LINES) -> tuple[str, int]:
    """The rate of each cohort of single attributes as SVG, and how many cohorts found no room in it.

    There is no chart of a rate that the policy does not ask for.
    """
    words = Words(**record["policy"]["outcome"])
    tables = record["results"]["tables"]
    everybody = rate_of(tables[0]["cohorts"][0]["rates"], rate)
    if everybody.get("reason") == NOT_ASKED:
        return "", 0
    dots: list[Dot] = []
    left_out = 0
    for table in tables[1:]:
        if len(table["attributes"]) > 1 or len(dots) + len(table["cohorts"]) > most:
            left_out += len(table["cohorts"])
            continue
        for place, cohort in enumerate(table["cohorts"]):
            dots.append(_dot(cohort, rate, apart=place == 0 and bool(dots)))
    if not dots:
        return "", left_out
    title = f"In per cent, by cohort, {words.title(rate)}"
    axis = f"per cent {words.title(rate)} (dashed: all together)"
    return draw_dots(dots, reference=everybody["value"], axis=axis, title=title), left_out


def _dot(cohort: Plain, rate: str, *, apart: bool) -> Dot:
    label = ", ".join(f"{name}: {value}" for name, value in cohort["values"].items())
    found = rate_of(cohort["rates"], rate)
    if is_bounded(found):
        text = f"{bound(found)}, of {number(found['n'])}".replace("fewer than ", "<").replace("more than ", ">")
        return Dot(label, None, found["low"], found["high"], text, apart)
    if found["value"] is None:
        text = "not shown: small groups" if "n" not in found else found["reason"]
        return Dot(label, None, None, None, text, apart)
    value, low, high = (_short(found[key]) for key in ("value", "low", "high"))
    text = f"{value} ({low}–{high}), of {number(found['n'])}"
    return Dot(label, found["value"], found["low"], found["high"], text, apart)


def _short(share: float) -> str:
    return of_100(share).replace("fewer than ", "<").replace("more than ", ">")


@dataclass(frozen=True)
class Cell:
    """The verdict on one attribute and rate.

    Attributes:
        verdict: "gap found", "cannot tell", "no clear gap", or "–".
        detail: within what is held fixed; "" where nothing is.
    """

    verdict: str
    detail: str


def verdicts(record: Plain) -> list[tuple[str, list[Cell]]]:
    """A row for each attribute, a cell for each rate of the policy."""
    rates, found = record["policy"]["metrics"], record["results"]["findings"]
    attributes = dict.fromkeys(one["attribute"] for one in found)
    return [(name, [_cell(found, name, rate) for rate in rates]) for name in attributes]


def _cell(found: list[Plain], attribute: str, rate: str) -> Cell:
    own = [one for one in found if one["attribute"] == attribute and one["rate"] == rate]
    fixed = next((one["within"] for one in own if one["within"]), "")
    inside = f"within {fixed}s: {_verdict([o for o in own if o['within']])}" if fixed else ""
    return Cell(_verdict([one for one in own if not one["within"]]), inside)


def _verdict(own: list[Plain]) -> str:
    said = [one["verdict"] for one in own]
    for verdict in ("gap found", "cannot tell", "no clear gap"):
        if verdict in said:
            few = 0 < said.count(verdict) < len(said) and verdict == "cannot tell"
            return f"{verdict} for {said.count(verdict)} of {len(said)}" if few else verdict
    return "–"


def gaps_found(record: Plain) -> list[tuple[str, str]]:
    """The largest gap of each rate, then others: each in a sentence, and what is left of it within courses.

    Of gaps that are found within courses alone the largest of all has its sentence too.
    """
    found = record["results"]["findings"]
    clear = [one for one in found if one["verdict"] == "gap found" and one["kind"] == "rest"]
    clear.sort(key=lambda one: -abs(one["value"]))
    overall = [one for one in clear if not one["within"]]
    of_rates = [[one for one in overall if one["rate"] == rate] for rate in record["policy"]["metrics"]]
    chosen = [one for own in of_rates for one in own[:1]]
    chosen += [one for own in of_rates for one in own[1:]]
    attributes = {one["attribute"] for one in found}
    chosen = chosen[: FEWER_FOUND if len(attributes) > MANY else MOST_FOUND]
    told = {(one["attribute"], one["rate"]) for one in overall}
    alone = [one for one in clear if one["within"] and (one["attribute"], one["rate"]) not in told]
    return [_told(record, one, _inside(found, one)) for one in chosen] + [_told(record, one, "") for one in alone[:1]]


def _told(record: Plain, one: Plain, inside: str) -> tuple[str, str]:
    """The sentence of a gap without its verdict, and what is left of it within courses."""
    words = Words(**record["policy"]["outcome"])
    if not one["within"]:
        text = words.of(one["sentence"]).removeprefix("Gap found: ")
        return f"{text[0].upper()}{text[1:]}", inside
    ends = f"{points(one['low'])} to {points(one['high'])}"
    said = (
        f"Within {one['within']}s alone, {words.title(one['rate'])} ({one['level']}): {points(one['value'])} points "
        f"against others of the same {one['within']} (95 % interval {ends})."
    )
    return said, f"Over all {one['within']}s together no gap of them was found."


def _inside(found: list[Plain], one: Plain) -> str:
    """The same gap within what is held fixed; of two cohorts it may be told of the other one, with the other sign."""
    same = ("attribute", "rate", "kind")
    inside = [o for o in found if o["within"] and o["value"] is not None and all(o[key] == one[key] for key in same)]
    own = next((other for other in inside if other["level"] == one["level"]), None)
    if own is None and len(inside) == 1:
        turned = {"value": -inside[0]["value"], "low": -inside[0]["high"], "high": -inside[0]["low"]}
        own = inside[0] | turned
    if own is None:
        return ""
    ends = f"{points(own['low'])} to {points(own['high'])}"
    return f"Within {own['within']}s: {points(own['value'])} points ({ends}); {own['verdict']}."


def no_gap_sentence(record: Plain) -> str:
    """What is said where no gap has a sentence of its own; "" where one has."""
    if gaps_found(record):
        return ""
    results = record["results"]
    if not results["findings"]:
        return "No cohorts were given, so that nothing is known of any."
    if any(one["verdict"] == "gap found" for one in results["findings"]):
        return "Gaps were found only from the lowest cohort to the highest, or in either error: see every comparison."
    if not results["n_tests"]:
        return "Nothing could be compared."
    return f"No gap was found, after correction for all {number(results['n_tests'])} comparisons."


def blind_spots(record: Plain) -> list[str]:
    """For whom the policy's first metric cannot be told, and how large a gap would go unseen; the worst first."""
    headline = record["policy"]["metrics"][0]
    own = [
        one
        for one in record["results"]["findings"]
        if one["rate"] == headline and one["kind"] == "rest" and not one["within"] and one["verdict"] == "cannot tell"
    ]
    said = []
    for attribute in dict.fromkeys(one["attribute"] for one in own):
        here = [one for one in own if one["attribute"] == attribute]
        unseen = [one["detectable"] for one in here if one["detectable"] is not None]
        names = listed([_values(one["level"], attribute.split("*")) for one in here], 3)
        said.append((max(unseen, default=2.0), f"{attribute.replace('*', ' and ')} {names}: {_unseen(unseen)}"))
    said.sort(key=lambda pair: -pair[0])
    more = len(said) - MOST_BLIND
    return [text for _, text in said[:MOST_BLIND]] + ([f"{more} more attributes: see the evidence"] if more > 0 else [])


def _values(level: str, attributes: list[str]) -> str:
    """A cohort without the names of its attributes: `F/0-35` of `gender: F, age_band: 0-35`."""
    said = level.removeprefix(f"{attributes[0]}: ")
    for name in attributes[1:]:
        said = said.replace(f", {name}: ", "/", 1)
    return said


def _unseen(gaps: list[float]) -> str:
    if not gaps:
        return "not shown, for there are too few people, or too few in a cohort that could be worked out"
    ends = list(dict.fromkeys(of_100(gap) for gap in (min(gaps), max(gaps))))
    return f"a gap of {' to '.join(ends)} points would most likely be missed"


def overrides_sentence(overrides: Plain) -> str:
    """What is known of the advisors' decisions."""
    if overrides["decisions"] == 0:
        return "No advisor's decision on these flags is in the ledger."
    if overrides["hidden"]:
        much = "A few decisions" if overrides["decisions"] is None else f"{number(overrides['decisions'])} decisions"
        return f"{much} of advisors are in the ledger; too few of one kind to be shown without pointing at persons."
    against = overrides["flagged_not_supported"], overrides["not_flagged_supported"]
    said = (
        f"Of {number(overrides['decisions'])} decisions of advisors in the ledger, "
        f"{number(sum(part['decisions'] for part in against))} went against the flag: "
        f"{number(against[0]['decisions'])} flagged learners were given no support, "
        f"{number(against[1]['decisions'])} were given it without a flag."
    )
    known = [part for part in against if part["outcomes_known"]]
    if not known:
        return f"{said} How these ended is not recorded."
    ends = [f"{number(part['had_outcome'])} of {number(part['outcomes_known'])}" for part in known]
    return f"{said} Of those whose outcome is recorded, {listed(ends)} had it."
