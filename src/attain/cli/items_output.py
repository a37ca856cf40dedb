"""What `attain items` prints: the warning first, then items, generators, cohorts, options."""

from attain.cli.output import interval, number, out, print_table
from attain.metrics.items.difficulty import FEWEST
from attain.metrics.items.distractors import Option
from attain.metrics.items.exposure import ALPHA, Exposure
from attain.metrics.items.targets import Interval
from attain.suite.items.facts import DifRow, ItemReport, ItemRow

MEANING = {
    "joint": "difficulty: of a joint Rasch model (joint likelihood, its stretch taken back), 0 where a learner of mean "
    "ability is right half of the time",
    "column": "difficulty: on the scale of the abilities that the answers came with",
}
"""What the column says, by where abilities come from; else it is anchored on a tracer."""

LONGEST = 48
"""Letters of an item or an option in a table."""


def print_report(report: ItemReport, *, most: int) -> None:
    """Print what is known of items.

    Args:
        report: the facts.
        most: items in the table.
    """
    counts = [(report.answers, "first answer"), (report.learners, "learner"), (len(report.items), "item")]
    out.print("{} of {} to {}".format(*(f"{n:,} {what}{'s' * (n != 1)}" for n, what in counts)))
    out.print(exposure_sentence(report.exposure))
    if report.declared:
        said = ", ".join(f"{name} {count:,}" for name, count in report.declared.items())
        out.print(f"Declared: {said}.")
    for sentence in report.remarks:
        out.print(f"  Note: {sentence}.", style="dim")
    _print_items(report, most)
    _print_systems(report)
    _print_dif(report, most)
    _print_options(report, most)


def exposure_sentence(found: Exposure) -> str:
    """What the test of exposure says."""
    if found.share is None or found.p is None:
        return f"Whether exposure depended on ability cannot be tested: {found.reason}."
    figures = f"{found.beyond:.1%} of the variance of ability lies between items beyond chance, p = {number(found.p)}"
    if found.depends:
        return (
            f"Exposure depended on ability ({figures}): shares right and item-rest correlations do not compare items. "
            "Read the difficulty."
        )
    if found.p < ALPHA:
        return f"Exposure depended on ability so little that shares right may be compared ({figures})."
    return f"There is no sign that exposure depended on ability ({figures})."


def _print_items(report: ItemReport, most: int) -> None:
    judged = [row for row in report.items if row.state == "ok"]
    few = [row for row in report.items if row.state != "ok"]
    shown = _ends(judged, most) if judged else few[:most]
    systems = len({row.system for row in report.items}) > 1
    rows = []
    for row in shown:
        place = "–" if row.rank is None else str(row.rank)
        if row.rank is not None and (row.rank_from, row.rank_to) != (row.rank, row.rank):
            place = f"{row.rank} [{row.rank_from}, {row.rank_to}]"
        cells = [_short(row.item), f"{row.n:,}", _interval(Interval(row.p, row.p_low, row.p_high))]
        cells += [_pm(row.item_rest, row.item_rest_se), _pm(row.b, row.se), _pm(row.a, row.a_se), place]
        note = "; ".join([*([row.state] if row.state != "ok" else []), *row.flags])
        rows.append([*cells[:1], *([row.system] if systems else []), *cells[1:], note])
    head = [
        "item",
        *(["system"] if systems else []),
        "n",
        "share right",
        "item-rest",
        "difficulty",
        "discrim.",
        "place",
    ]
    print_table([*head, "remark"], rows, title=f"\n{_title(len(judged), len(shown))}")
    how = MEANING.get(
        report.ability, f"difficulty: 0 where {report.ability}, never told the item, expected the answers as they came"
    )
    out.print(f"{how}; in logits; ±: standard error", style="dim")
    if few:
        out.print(
            f"items with fewer than {FEWEST} answers, not enough data for a place: {len(few):,} (see the files)",
            style="dim",
        )


def _title(judged: int, shown: int) -> str:
    if not judged:
        return "no item has answers enough for a place"
    return "items, hardest first" if shown == judged else f"items, the hardest and the easiest of {judged:,}"


def _ends(rows: list[ItemRow], most: int) -> list[ItemRow]:
    """All, or the first and the last."""
    return rows if len(rows) <= most else rows[: most - most // 2] + rows[len(rows) - most // 2 :]


def _print_systems(report: ItemReport) -> None:
    if not report.systems:
        return
    rows = []
    for one in report.systems:
        values = (one.usable, one.b, one.gap, one.targets.rank, one.targets.rank_same, one.targets.slope)
        rows.append([one.system, f"{one.items:,}", f"{one.judged:,}", *map(_interval, values)])
    head = ["system", "items", "judged", "usable", "mean difficulty", "harder than asked", "rank: new items"]
    print_table([*head, "rank: these", "logits a step"], rows, title="\nwho wrote the items")
    out.print(
        "usable: of the judged, nothing amiss of what could be looked at (idle distractors do not count); harder than "
        "asked: than all items of the same target; rank: Spearman's correlation of target and difficulty, for new "
        "items of the system, and for what these items are truly worth",
        style="dim",
    )
    gain = report.gain
    if gain is not None:
        value = gain.reason if gain.gain is None else interval(gain.gain, gain.low, gain.high)
        out.print(
            f"Growth of ability on human items, if all met were generated instead of none: {value} logits, "
            f"{gain.learners:,} learners. Learners were not sent to either by lot; who met which may be why."
        )


def _print_dif(report: ItemReport, most: int) -> None:
    if not report.dif:
        return
    judged = [row for row in report.dif if row.size is not None]
    hidden = sum(row.n is None for row in report.dif)
    marked = sorted((row for row in judged if row.size != "A"), key=lambda row: -abs(row.delta or 0))
    if marked:
        head = ["item", "cohort / reference", "n", "class", "delta", "p", "harder by"]
        print_table([*head], [_dif(row) for row in marked[:most]], title="\nitems by cohort")
    elif judged:
        out.print("\nitems by cohort: none differs more than negligibly (A)")
    else:
        out.print("\nitems by cohort: no item has answers enough of two cohorts")
    by_chance = 0.05 * len(judged)
    out.print(
        f"{len(judged):,} comparisons: {len(judged) - len(marked):,} negligible (A), the rest above; about "
        f"{by_chance:.0f} would have p < 0.05 by chance. {hidden:,} are hidden (small cohorts), "
        f"{len(report.dif) - len(judged) - hidden:,} have not enough data. delta < 0: harder for the cohort",
        style="dim",
    )


def _dif(row: DifRow) -> list[str]:
    who = f"{row.attribute}: {row.cohort} / {row.reference}"
    sizes = f"{row.n:,} / {row.n_reference:,}"
    return [
        _short(row.item),
        who,
        sizes,
        str(row.size),
        _pm(row.delta, row.delta_se),
        number(row.p),
        _interval(row.harder_by),
    ]


def _print_options(report: ItemReport, most: int) -> None:
    amiss = [
        [
            _short(one.item),
            _short(option.text),
            f"{option.share:.1%}",
            _pm(option.ability, option.ability_se),
            _what(option),
        ]
        for one in report.options
        for option in one.options
        if option.abler or option.functions is False
    ]
    if report.options:
        many = sum(option.functions is not None for one in report.options for option in one.options)
        out.print(f"\noptions: {len(amiss):,} of {many:,} distractors with answers enough have something amiss")
    if amiss:
        print_table(["item", "option", "share", "mean ability", "what"], amiss[:most])


def _short(text: str) -> str:
    """A name without its middle, so that there is room for what is said of it; items.csv has all of it."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}…{text[1 - LONGEST // 2 :]}"


def _what(option: Option) -> str:
    return "its learners are abler than those of the key" if option.abler else "hardly anyone chooses it"


def _pm(value: float | None, se: float | None) -> str:
    return "–" if value is None else f"{value:.2f}" if se is None else f"{value:.2f} ±{se:.2f}"


def _interval(one: Interval) -> str:
    if one.value is None:
        return "–"
    return (
        f"{one.value:.2f}"
        if one.low is None or one.high is None
        else f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}]"
    )
