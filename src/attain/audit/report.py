"""An audit's page: one HTML file that needs nothing else, made from the record and from nothing but the record."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from attain.audit import report_choices as choices
from attain.audit import report_front as front
from attain.audit import report_tables as tables
from attain.audit.changes import changes_sentence
from attain.audit.goes_by import stability_sentence
from attain.audit.signatures import signatures_sentence
from attain.audit.views import EDGE, FEW_TIMES
from attain.audit.words import Plain, Words, listed, number, percent

TEMPLATES = Path(__file__).parent / "templates"


def render(record: Plain) -> str:
    """The page of a record; whatever comes from people or files is escaped."""
    policy, results = record["policy"], record["results"]
    words = Words(**policy["outcome"])
    chart, left_out = front.cohort_chart(record, "false_positive_rate")
    discovery, _ = front.cohort_chart(record, "false_discovery_rate", most=60)
    return (
        _environment()
        .get_template("audit.html")
        .render(
            record=record,
            policy=policy,
            results=results,
            words=words,
            css=(TEMPLATES / "audit.css").read_text(encoding="utf-8"),
            readings=front.readings(record),
            flagged=front.flagged_sentence(record),
            chart=chart,
            chart_left_out=left_out,
            discovery_chart=discovery,
            verdicts=front.verdicts(record),
            rate_titles=[words.title(rate) for rate in policy["metrics"]],
            gaps_found=front.gaps_found(record),
            no_gap=front.no_gap_sentence(record),
            blind_spots=front.blind_spots(record),
            overrides=front.overrides_sentence(record["overrides"]),
            signatures=signatures_sentence(record["signed"]),
            stability=stability_sentence(record["results"]["reasons"]),
            calls_chart=choices.calls_chart(record),
            costs=choices.cost_sentence(record),
            least_p=tables.least_p_sentence(record),
            hiding=hiding_sentence(record),
            changes=changes_sentence(record["results"]["reasons"]),
            cannot_say=cannot_say(record),
            about=about(record),
            sheets=_sheets(record),
            number=number,
            percent=percent,
            listed=listed,
        )
    )


def about(record: Plain) -> str:
    """What was audited, in a sentence."""
    population, card = record["results"]["population"], record["card"]
    many = f"{number(population['rows'])} enrolments" if population["rows"] is not None else "the enrolments"
    where = f"{len(population['courses'])} course{'s' * (len(population['courses']) != 1)}"
    risk = f"a score for the risk that the learner {record['policy']['outcome']['had']}"
    known = f"from what was known as of {card['unit']} {population['as_of']:g} of the course"
    several = None not in (population["rows"], population["learners"]) and population["learners"] < population["rows"]
    again = " Who is enrolled several times is counted each time." if several else ""
    return f"The model {card['model']} gave {many} in {where} ({listed(population['terms'])}) {risk}, {known}.{again}"


def hiding_sentence(record: Plain) -> str:
    """How small groups are protected, in a sentence."""
    policy = record["policy"]
    smallest, few = policy["smallest"], FEW_TIMES * policy["smallest"]
    rounded = (
        "are exact" if policy["rounding"] == "exact" else "are rounded to the nearest 5, shares to whole per cents"
    )
    if smallest <= 0:
        return f"nothing; counts {rounded}"
    return (
        f"rates on fewer than {smallest} learners, and others from which they could be worked out; on fewer than {few} "
        f"learners, a rate that leaves fewer than {EDGE} people on one side is only said to be under or over a bound, "
        f"for it would tell of each; counts {rounded}"
    )


def cannot_say(record: Plain) -> list[str]:
    """What a reader must not take from the page."""
    results, words = record["results"], Words(**record["policy"]["outcome"])
    said = [
        "Whether flags help: what support does for a flagged learner was not measured here.",
        "Why scores are high, or cohorts differ: these are associations, and none of them shows a cause.",
        f"How things are elsewhere or later: it is about these courses in {listed(results['population']['terms'])}.",
        f"Whether the institution's record of who {words.had} is right; its errors count as truth here.",
        "That a system is fair: calibrated scores and equal errors cannot both be had where cohorts differ in how "
        "often they have the outcome, so that someone must choose, and say so.",
    ]
    unknown = results["population"]["unknown"]
    if unknown is None or unknown > 0:
        said.append(f"Anything of {number(unknown) if unknown else 'a few'} enrolments whose outcome is not known.")
    if unknown_in := results["joined"]["unknown_in"]:
        said.append(f"In which cohorts those are whose {listed(unknown_in)} is not recorded; they stand as (unknown).")
    if record["card"]["mistakes"]:
        said.insert(
            0, f"Anything about real use: mistakes were switched on in the data ({record['card']['mistakes']})."
        )
    if record["card"]["split"].get("by") not in ("term", "time"):
        said.append(
            "How the model does in a later term: it was not tested on one, and such figures are usually too good."
        )
    return said


def _sheets(record: Plain) -> Plain:
    results = record["results"]
    return {
        "cuts": tables.cuts_sheet(record),
        "choices": choices.choice_sheets(record),
        "cohorts": tables.cohort_sheets(record),
        "gaps": tables.gap_sheets(record),
        "calibration": tables.calibration_sheet(record),
        "weeks": tables.weeks_sheet(record) if results["weeks"] else None,
        "drift": tables.drift_sheet(record) if results["drift"] else None,
        "changes": tables.changes_sheet(record) if _has_changes(results["reasons"]) else None,
        "reasons": tables.reasons_sheet(record) if results["reasons"]["features"] else None,
    }


def _has_changes(reasons: Plain) -> bool:
    return reasons.get("changes", {}).get("none") is not None


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
