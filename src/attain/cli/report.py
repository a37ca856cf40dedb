"""A suite's results as tables in the terminal."""

from collections.abc import Sequence

from attain.cli.output import decimals, interval, number, out, print_table
from attain.core.cohorts import SMALLEST
from attain.metrics.evaluate import Value
from attain.suite.report import Asked, Declared, Table
from attain.tasks.canaries import ERRORS, Canary

WIDEST = 6
"""So many models stand side by side; more stand one below the other, with fewer metrics."""
FEW = 3
"""So many metrics stand in a table of one line a model."""
ARROWS = {"max": "↑", "min": "↓", "none": " "}


def print_report(tables: Sequence[Table]) -> None:
    """Each data set's table, then its verdicts."""
    for table in tables:
        out.print()
        if not table.columns:
            out.print(f"{table.dataset}: no model finished; these are only its baselines.")
        elif len(table.columns) <= WIDEST:
            _print_side_by_side(table)
        else:
            _print_below_each_other(table)
        _print_key(table)
        _print_beside(table)
        _print_baselines(table)
        for sentence in table.verdicts():
            out.print(f"  {sentence}")
        _print_reasons(table)
        _print_of_data(table)


def print_canaries(asked: Sequence[Asked]) -> None:
    """What the canaries found: a row a model, a column a question."""
    if not asked:
        return
    questions = list(dict.fromkeys(c.name for one in asked for c in one.canaries))
    rows = []
    for one in asked:
        found = {canary.name: canary for canary in one.canaries}
        cells = [_canary(found[name]) if name in found else "–" for name in questions]
        rows.append([f"{one.model} · {one.dataset}", *cells])
    out.print()
    print_table(["canaries", *questions], rows)
    out.print(
        f"random answers: AUC ±{ERRORS} standard errors, which must reach 0.5; the others count what must not happen",
        style="dim",
    )
    for one in asked:
        for canary in one.canaries:
            if not canary.passed:
                out.print(f"  {one.model} on {one.dataset} leaks: {canary.found}", style="red")


def _canary(canary: Canary) -> str:
    if canary.standard_error is None:
        return f"{canary.value:g} {'passed' if canary.passed else 'LEAK'}"
    return f"{canary.value:.4f} ±{ERRORS * canary.standard_error:.4f} {'passed' if canary.passed else 'LEAK'}"


def spread(value: Value) -> str:
    """A value with half its interval, such as `0.7123 ±0.0061`; with both ends where it does not lie in the middle."""
    if value.value is None or value.low is None or value.high is None:
        return number(value.value)
    half = (value.high - value.low) / 2
    if abs((value.high + value.low) / 2 - value.value) > half / 5:
        return interval(value.value, value.low, value.high)
    shown = decimals(value.value, value.low, value.high)
    return f"{value.value:.{shown}f} ±{half:.{shown}f}"


def _headed(metric: Declared) -> str:
    return f"{ARROWS[metric.direction]} {metric.id}"


def _print_side_by_side(table: Table) -> None:
    rows = [[_headed(m), *(spread(c.values[m.id]) for c in table.columns)] for m in table.of_models]
    print_table(["metric", *(c.label for c in table.columns)], rows, title=table.dataset)


def _print_beside(table: Table) -> None:
    """The sentences that must stand beside the values; one that holds for all models is said once."""
    said = {column.label: column.beside for column in table.columns[:WIDEST]}
    if len(set(said.values())) == 1:
        said = {"All models": next(iter(said.values()))}
    for label, sentence in said.items():
        if sentence:
            out.print(f"  {label}: {sentence}")


def _print_below_each_other(table: Table) -> None:
    shown = table.of_models[:FEW]
    rows = [[c.label, *(spread(c.values[m.id]) for m in shown)] for c in table.columns]
    print_table(["model", *map(_headed, shown)], rows, title=table.dataset)
    if len(table.of_models) > len(shown):
        out.print(f"{len(table.of_models) - len(shown)} more metrics: --json, or attain show RUN", style="dim")


def _print_baselines(table: Table) -> None:
    """What takes no model of learning, with the first metrics only."""
    if table.baselines:
        shown = table.of_models[:FEW]
        rows = [[c.label, *(spread(c.values[m.id]) for m in shown)] for c in table.baselines]
        print_table(["baselines", *map(_headed, shown)], rows)


def _print_key(table: Table) -> None:
    """How to read the table, and on how many units it rests."""
    values = [value for c in (*table.columns, *table.baselines) for value in c.values.values()]
    counts = [value.n_units for value in values if value.n_units]
    most, least = max(counts, default=0), min(counts, default=0)
    counted = f"{most:,} {table.units}"
    few = f" ({least} behind some values)" if least < SMALLEST <= most else ""
    key = f"±: half the 95 % interval, [ ]: its ends; {counted}{few} · ↑ higher is better, ↓ lower · –: undefined"
    out.print(key, style="dim")


def _print_of_data(table: Table) -> None:
    """Metrics that read only what learners did: one value for all models."""
    values = [(*table.columns, *table.baselines)[0].values[m.id] for m in table.of_data]
    if values:
        rows = [[v.metric, spread(v), v.reason or v.note] for v in values]
        print_table([f"of the {table.units}' answers", "value", "remark"], rows, title="")


def _print_reasons(table: Table) -> None:
    """Why a dash is a dash, once for each metric and reason."""
    said: dict[tuple[str, str], list[str]] = {}
    for column in table.columns:
        for metric in table.of_models:
            if (value := column.values[metric.id]).value is None:
                said.setdefault((metric.id, value.reason), []).append(column.label)
    for (identity, reason), labels in said.items():
        out.print(f"  – {identity} of {', '.join(labels)}: {reason}", style="dim")
