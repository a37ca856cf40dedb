"""An audit's page: one HTML file that needs nothing else, made from the record and from nothing but the record."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from attain.audit import report_choices as choices
from attain.audit import report_front as front
from attain.audit import report_scores as scores
from attain.audit import report_tables as tables
from attain.audit.changes import changes_sentence
from attain.audit.goes_by import stability_sentence
from attain.audit.report_about import about, cannot_say, hiding_sentence
from attain.audit.signatures import signatures_sentence
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


def _sheets(record: Plain) -> Plain:
    results = record["results"]
    return {
        "cuts": tables.cuts_sheet(record),
        "choices": choices.choice_sheets(record),
        "cohorts": tables.cohort_sheets(record),
        "gaps": tables.gap_sheets(record),
        "calibration": scores.calibration_sheet(record),
        "weeks": tables.weeks_sheet(record) if results["weeks"] else None,
        "drift": scores.drift_sheet(record) if results["drift"] else None,
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
