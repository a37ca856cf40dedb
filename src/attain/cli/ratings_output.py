"""What people said, as tables in the terminal."""

from collections.abc import Mapping, Sequence

from attain.cli.output import interval, number, out, print_table
from attain.metrics.metric_to_human import MEANING
from attain.suite.people.facts import Dimension, Facts

SIDE_BY_SIDE = 4
"""Dimensions in one table."""


def print_people(facts: Facts, short: Mapping[str, str]) -> None:
    """Means, what differs, raters, judges, metrics against people, preferences."""
    for start in range(0, len(facts.dimensions), SIDE_BY_SIDE):
        _print_means(facts.dimensions[start : start + SIDE_BY_SIDE], facts, short)
    if facts.dimensions:
        low, high = facts.scale or (0, 0)
        out.print(
            f"[ ]: 95 % interval, raters and prompts drawn anew; {facts.n_prompts[0]} of {facts.n_prompts[1]} prompts, "
            f"scale {low:g}-{high:g}; alpha: Krippendorff's, 1 perfect, 0 as by chance",
            style="dim",
        )
    for sentence in dict.fromkeys([*(d.note for d in facts.dimensions if d.note), *facts.notes]):
        out.print(f"  {sentence}")
    for dimension in facts.dimensions:
        out.print(f"  {verdict(dimension, short)}")
    if facts.unrated:
        out.print(f"  Not rated: {', '.join(short[name] for name in facts.unrated)}.")
    _print_severities(facts)
    _print_judges(facts)
    _print_agreements(facts, short)
    _print_preferred(facts, short)


def verdict(dimension: Dimension, short: Mapping[str, str]) -> str:
    """Which systems the highest mean is clearly above, and which not; nobody is called the winner."""
    told = [mean for mean in dimension.rated.means if mean.value is not None]
    if len(told) < 2:
        return f"{dimension.name}: fewer than two systems were rated."
    best = max(mean.value for mean in told if mean.value is not None)
    top, *alike = [mean.system for mean in told if mean.value == best]
    if len(alike) == len(told) - 1:
        return f"{dimension.name}: all {len(told)} systems have the same mean."
    own = [d for d in dimension.rated.differences if top in d.names]
    above = [d for d in own if d.clear and d.better == top]
    near = {name for d in own if d not in above for name in d.names if name != top}
    others = [m.system for m in sorted(told, key=lambda mean: -(mean.value or 0)) if m.system in near]
    said, it = f"{dimension.name}: {short[top]} has the highest mean", "it"
    if alike:
        said = f"{dimension.name}: {' and '.join(short[name] for name in (top, *alike))} have the highest mean"
        it = short[top]
    if not others:
        return f"{said} and is clearly above all {len(above)} others."
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    level = f"no clear difference between {it} and {', '.join(short[name] for name in others[:3])}{more}"
    return f"{said}; {level}{f'; clearly above {len(above)}' if above else ''}."


def _print_means(dimensions: Sequence[Dimension], facts: Facts, short: Mapping[str, str]) -> None:
    rows = []
    for place, system in enumerate(facts.systems):
        means = [d.rated.means[place] for d in dimensions]
        rows.append([short[system], *(interval(m.value, m.low, m.high) for m in means)])
    rows.append(["raters · pieces", *(f"{len(d.raters)} · {d.n_pieces:,}" for d in dimensions)])
    for level, name in ((1, "alpha ordinal"), (2, "alpha interval"), (0, "alpha nominal")):
        rows.append([name, *(_alpha(d, level) for d in dimensions)])
    out.print()
    print_table(["mean rating", *(f"↑ {d.name}" for d in dimensions)], rows)
    for d in dimensions:
        if reason := next((a.reason for a in d.alphas if a.value is None), ""):
            out.print(f"  – alpha of {d.name}: {reason}", style="dim")
        if reason := next((m.reason for m in d.rated.means if m.reason), ""):
            out.print(f"  – interval of {d.name}: {reason}", style="dim")


def _alpha(dimension: Dimension, place: int) -> str:
    alpha = dimension.alphas[place]
    return interval(alpha.value, alpha.low, alpha.high)


def _print_severities(facts: Facts) -> None:
    raters = sorted({rater for d in facts.dimensions for rater in d.raters})
    if len(raters) < 2:
        return
    rows = []
    for rater in raters:
        found = [next((s for s in d.severities if s.rater == rater), None) for d in facts.dimensions]
        told = ["–" if s is None or s.value is None else f"{s.value:+.3f}" for s in found]
        rows.append([rater, *told])
    print_table(["rater above the others by", *(d.name for d in facts.dimensions)], rows, title="\nSeverity of raters")


def _print_judges(facts: Facts) -> None:
    rows = []
    for d in facts.dimensions:
        for judge in d.judges:
            bias = "–" if judge.bias is None else f"{judge.bias:+.3f}"
            rows.append(
                [judge.rater, d.name, number(judge.alpha), number(judge.pearson), bias, f"{judge.n:,}", judge.reason]
            )
    if rows:
        head = ["judge", "dimension", "alpha with people", "r with people", "above people by", "pieces", "remark"]
        print_table(head, rows, title="\nModels as judges, beside the people's mean and never in it")


def _print_agreements(facts: Facts, short: Mapping[str, str]) -> None:
    """Pearson's, a row a metric, level and set of systems; the other coefficients are in the file."""
    found: dict[tuple[str, str, tuple[str, ...]], dict[str, str]] = {}
    reasons: dict[str, None] = {}
    for one in facts.agreements:
        c = one.correlation
        if c.coefficient != facts.agreements[0].correlation.coefficient:
            continue
        told = interval(c.value, c.low, c.high)
        if c.p is not None:
            told += f" p={c.p:.2f}"
        found.setdefault((one.metric, c.level, one.without), {})[one.dimension] = told
        if c.reason:
            reasons[f"{one.metric}, {one.dimension}, {c.level}: {c.reason}"] = None
    if not found:
        return
    names = [d.name for d in facts.dimensions]
    for start in range(0, len(names), SIDE_BY_SIDE):
        shown = names[start : start + SIDE_BY_SIDE]
        rows = []
        for (metric, level, without), cells in found.items():
            left = f" without {', '.join(short[name] for name in without)}" if without else ""
            rows.append([metric, f"{level}{left}", *(cells.get(name, "–") for name in shown)])
        coefficient = facts.agreements[0].correlation.coefficient
        print_table(["metric", "level", *shown], rows, title=f"\nMetrics against people ({coefficient})")
    meaning = "; ".join(f"{level}: {words}" for level, words in MEANING.items())
    out.print(f"{meaning}; other coefficients: people.json", style="dim")
    for reason in list(reasons)[:3]:
        out.print(f"  – {reason}", style="dim")


def _print_preferred(facts: Facts, short: Mapping[str, str]) -> None:
    for one in facts.preferred:
        found = one.found
        who = f"{len(one.raters)} rater{'s' if len(one.raters) != 1 else ''}"
        title = f"\nPreferences in {one.dimension}: {found.n} by {who}, {found.ties} of them ties"
        if found.reason:
            out.print(f"{title}\n  {found.reason}")
            continue
        rows = [[short[s.system], interval(s.value, s.low, s.high), f"{s.wins:g} of {s.n}"] for s in found.strengths]
        print_table(["system", "↑ log-strength", "won"], rows, title=title)
        for a, b in found.unclear:
            out.print(f"  no clear difference between {short[a]} and {short[b]}")
        for sentence in found.notes:
            out.print(f"  {sentence}")
        if (place := found.position) is not None:
            bias = "a bias for a place" if place.p < 0.05 else "no sign of a bias for a place"
            share = interval(place.share, place.low, place.high)
            out.print(f"  The piece that stood first won {share} of {place.n} decided judgements: {bias}.")
