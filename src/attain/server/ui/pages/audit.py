"""May we act on these predictions? The audit of at-risk predictions, from plain counts to the evidence."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from attain.audit.counted import counted
from attain.audit.kept import as_sealed, note_view
from attain.audit.ledger import Line, chain, lines, signatures, words_on
from attain.audit.record import checked_id, html_path, json_path
from attain.audit.report_about import about, cannot_say, hiding_sentence
from attain.audit.report_choices import choice_sheets, cost_sentence
from attain.audit.report_front import Cell, verdicts
from attain.audit.report_tables import Sheet, cuts_sheet
from attain.audit.small_groups import SuppressionRule
from attain.audit.words import NOT_ASKED, Plain, Words, rate_of
from attain.charts.svg.calibration import CalibrationChart
from attain.charts.svg.dots import DotChart
from attain.charts.svg.lines import Lines
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._audit_charts import calibration_chart, capacity_chart, cohort_charts
from attain.server.ui.pages._audit_words import Card, Decided, Places, Point, cards, decided, places, points
from attain.tracking.errors import NotFound

PATH, NAME, NAV = "/audits/{audit_id}", "audit", ""
ERRORS = ("false_discovery_rate", "false_positive_rate", "false_negative_rate", "selection_rate")


@dataclass(frozen=True)
class Choice:
    """A rate by which cohorts can be looked at: in words, where, and whether it is what is shown."""

    words: str
    address: str
    here: bool


@dataclass(frozen=True)
class Facts:
    """An audit."""

    title: str
    audit: str
    about: str
    purpose: str
    made: int
    by: str
    run_id: str
    run_address: str
    report: str
    record: str
    newer: str
    changed: bool
    seal: str
    cards: tuple[Card, ...]
    points: tuple[Point, ...]
    rate: str
    choices: tuple[Choice, ...]
    cohorts: tuple[DotChart, ...]
    not_drawn: tuple[str, ...]
    rates: tuple[str, ...]
    verdicts: tuple[tuple[str, list[Cell]], ...]
    n_tests: int
    typed: str
    places: Places
    capacity: Lines | None
    costs: str
    by_choice: tuple[Sheet, ...]
    line: Sheet
    calibration: CalibrationChart | None
    decided: Decided
    hiding: str
    cannot_say: tuple[str, ...]
    numbers: tuple[tuple[object, ...], ...]
    command: str
    verify: str


def needs(ask: Ask) -> Iterator[Needs]:
    """To see audits at all, before anything is told of this one; then to read its run, or to be an auditor."""
    yield "GET", "pages/audits", {}
    for one in lines(ask.store, checked_id(ask.parts["audit_id"])):
        yield "GET", "pages/audit", {"run_id": one.run_id}


def facts(ask: Ask) -> Facts:
    """What stands on the page; the ledger is told who sees it, where that is known.

    Raises:
        NotFound: there is no such audit.
        UserError: it is not as it was sealed.
    """
    line = _line(ask)
    record = as_sealed(ask.store, line).record
    if ask.user:
        note_view(ask.store, line, ask.user, ask.now)
    policy, results = record["policy"], record["results"]
    rule, words = SuppressionRule(policy["smallest"], policy["rounding"]), Words(**policy["outcome"])
    rate = _rate(ask, record)
    charts = cohort_charts(record, rate) if rate else []
    counts, typed = counted(record), ask.one("capacity")
    asked = places(typed, counts, record)
    reads = ask.may(("GET", "runs/get", {"run_id": line.run_id}))
    whole = chain(ask.store)
    signed = [one for one in signatures(ask.store) if one["audit"] == line.id]
    return Facts(
        title=f"Audit of {record['card']['model']}",
        audit=line.id,
        about=about(record),
        purpose=policy["purpose"],
        made=line.time,
        by=line.by,
        run_id=line.run_id,
        run_address=f"/runs/{line.run_id}" if reads else "",
        report=_file(line, html_path(line.id)) if reads else "",
        record=_file(line, json_path(line.id)) if reads else "",
        newer=_newer(ask, line),
        changed=not whole.passed,
        seal=whole.said,
        cards=cards(record),
        points=points(record, signed, line.id),
        rate=rate,
        choices=tuple(Choice(words.title(one), ask.address(rate=one), one == rate) for one in _asked(record)),
        cohorts=tuple(one for one in charts if one.svg()),
        not_drawn=tuple(one.title.removeprefix("By ") for one in charts if not one.svg()),
        rates=tuple(words.title(name) for name in policy["metrics"]),
        verdicts=tuple(verdicts(record)),
        n_tests=results["n_tests"],
        typed=typed,
        places=asked,
        capacity=capacity_chart(record, counts, asked.shown) if asked.shown and len(counts) > 2 else None,
        costs=cost_sentence(record),
        by_choice=tuple(choice_sheets(record)) if results.get("choices") else (),
        line=cuts_sheet(record),
        calibration=calibration_chart(record),
        decided=decided(words_on(ask.store, line.id), rule),
        hiding=hiding_sentence(record),
        cannot_say=tuple(cannot_say(record)),
        numbers=_numbers(record),
        command=f"attain audit show {line.id}",
        verify=f"attain audit verify {line.id}",
    )


def table(found: Facts) -> Table:
    """One line a rate of a cohort."""
    head = ["by", "cohort", "rate", "count", "n", "value", "low", "high", "remark"]
    return Table(head, [list(row) for row in found.numbers])


def _line(ask: Ask) -> Line:
    text = checked_id(ask.parts["audit_id"])
    found = lines(ask.store, text)
    if not found:
        raise NotFound(f"There is no audit {text!r}. The list of audits has all.")
    if len({one.id for one in found}) > 1:
        raise NotFound(f"{text!r} is the beginning of several audits; give more of it.")
    return found[0]


def _newer(ask: Ask, line: Line) -> str:
    """The newest audit of the same run, "" where it is this one."""
    newest = next(one for one in lines(ask.store) if one.run_id == line.run_id)
    return "" if newest.id == line.id else f"/audits/{newest.id}"


def _file(line: Line, path: str) -> str:
    return f"/get-artifact?path={quote(path)}&run_uuid={line.run_id}"


def _asked(record: Plain) -> list[str]:
    """The rates that the policy asks for by cohort, or their complements."""
    rates = record["results"]["tables"][0]["cohorts"][0]["rates"]
    return [name for name in ERRORS if rate_of(rates, name).get("reason") != NOT_ASKED]


def _rate(ask: Ask, record: Plain) -> str:
    """The rate by which cohorts are shown: the asked one, or how often who is flagged is flagged in vain."""
    there = _asked(record)
    return ask.one("rate") if ask.one("rate") in there else next(iter(there), "")


def _numbers(record: Plain) -> tuple[tuple[object, ...], ...]:
    """Every rate of every cohort that the record shows."""
    return tuple(
        ("*".join(table["attributes"]), " / ".join(cohort["values"].values()) or "all", name, *_five(rate))
        for table in record["results"]["tables"]
        for cohort in table["cohorts"]
        for name, rate in cohort["rates"].items()
    )


def _five(rate: Plain) -> tuple[object, ...]:
    numbers = [rate.get(name) for name in ("count", "n", "value", "low", "high")]
    bounds = [f"{side} {rate[side]}" for side in ("under", "over") if side in rate]
    return (*numbers, "; ".join([*bounds, *filter(None, [rate.get("reason")])]))
