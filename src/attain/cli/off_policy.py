"""`attain off-policy`: what a log of decisions can tell of another policy, if it can."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from attain.cli.options import Json
from attain.cli.output import interval, number, out, print_json, print_table
from attain.data.decisions import read_decisions
from attain.metrics.off_policy import OffPolicy, judge, verdict

NOT_IDENTIFIABLE = 3
"""Exit status where the log cannot tell."""
MEANING = {
    "ips": "weighted by whole histories",
    "snips": "the same, weights adding up to all",
    "pdis": "weighted decision by decision",
    "wpdis": "the same, weights adding up to all",
    "dm": "the model alone (v), as if it were right",
    "dr": "the model, corrected by the log",
}
Column = Annotated[str | None, typer.Option(help="Column that holds it.", show_default=False)]


def off_policy(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet, one row a decision.", metavar="FILE")],
    learner: Column = None,
    step: Annotated[
        str | None, typer.Option(help="Column: a number or time that orders decisions.", show_default=False)
    ] = None,
    reward: Column = None,
    propensity: Annotated[
        str | None, typer.Option(help="Column: how likely the logging policy was to decide so.", show_default=False)
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Column: how likely the judged policy would be.", show_default=False)
    ] = None,
    q: Annotated[str | None, typer.Option(help="Column: a model's value of the decision.", show_default=False)] = None,
    v: Annotated[str | None, typer.Option(help="Column: its value of the state.", show_default=False)] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Column: what is resampled together, such as a class.", show_default=False)
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Judge only the first decisions of each learner.", min=1, show_default=False)
    ] = None,
    estimated: Annotated[
        bool, typer.Option("--estimated", help="Propensities were worked out afterwards, not logged.")
    ] = False,
    replicates: Annotated[int, typer.Option(help="Bootstrap replicates.", min=100)] = 1000,
    as_json: Json = False,
) -> None:
    """Judge a policy by a log of another policy's decisions; say so where the log cannot tell (exit status 3)."""
    given = {"learner": learner, "step": step, "reward": reward, "propensity": propensity, "target": target}
    given |= {"q": q, "v": v, "cluster": cluster}
    log = read_decisions(file, {name: column for name, column in given.items() if column is not None})
    found = judge(log, steps=steps, estimated=estimated, replicates=replicates)
    if as_json:
        print_json({**asdict(found), "identifiable": found.identifiable, "verdict": verdict(found)})
    else:
        _print(found)
    if not found.identifiable:
        raise typer.Exit(NOT_IDENTIFIABLE)


def _print(found: OffPolicy) -> None:
    overlap = found.overlap
    who = f"{overlap.learners:,} learner{'s' * (overlap.learners != 1)}"
    largest = "–" if overlap.largest_share is None else f"{overlap.largest_share:.1%}"
    out.print(
        f"{who}, up to {overlap.horizon} decision{'s' * (overlap.horizon != 1)} each; "
        f"{overlap.supported:.1%} of them the judged policy could have made"
    )
    out.print(
        f"Effective learners {overlap.ess:,.1f} ({overlap.ess_share:.1%}), largest weight {largest}, mean weight "
        f"{number(overlap.mean_weight)}"
    )
    for sentence in overlap.warnings:
        out.print(f"  Note: {sentence}.", style="dim")
    if not found.identifiable:
        _print_reasons(found)
        return
    logged = interval(found.observed, found.observed_low, found.observed_high)
    rows = [["logged policy", logged, "", "what was observed"]]
    for one in found.estimates:
        value = interval(one.value, one.low, one.high)
        rows.append([one.name, value, interval(one.gain, one.gain_low, one.gain_high), MEANING[one.name]])
    print_table(["estimate", "reward a learner", "gain", "how"], rows)
    out.print(
        "[ ]: 95 % interval by bootstrap over learners, or clusters; gain: against what was observed", style="dim"
    )
    said = verdict(found)
    out.print(f"\n{said[0].upper()}{said[1:]}.")


def _print_reasons(found: OffPolicy) -> None:
    overlap = found.overlap
    out.print("\nNot identifiable from this log:")
    for sentence in overlap.reasons:
        out.print(f"  {sentence[0].upper()}{sentence[1:]}.")
    if told := overlap.told_up_to:
        what = "decision" if told == 1 else f"{told} decisions"
        out.print(f"  It can tell of the first {what} of each learner: --steps {told}")
