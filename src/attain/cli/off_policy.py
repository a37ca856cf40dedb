"""`attain off-policy`: what a log of decisions can tell of another policy, if it can."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from attain.cli.options import Json
from attain.cli.output import number, out, print_json, print_table
from attain.data.decisions import read_decisions
from attain.metrics.off_policy import OffPolicy, judge

NOT_IDENTIFIABLE = 3
"""Exit status where the log cannot tell."""
MEANING = {
    "ips": "weighted by whole histories",
    "snips": "the same, weights adding up to all",
    "pdis": "weighted decision by decision",
    "wpdis": "the same, weights adding up to all",
    "dm": "the model alone (v)",
    "dr": "the model, corrected by the log",
}
Column = Annotated[str | None, typer.Option(help="Column that holds it.", show_default=False)]


def off_policy(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet, one row a decision.", metavar="FILE")],
    learner: Column = None,
    step: Column = None,
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
    replicates: Annotated[int, typer.Option(help="Bootstrap replicates.", min=100)] = 1000,
    as_json: Json = False,
) -> None:
    """Judge a policy by a log of another policy's decisions; say so where the log cannot tell (exit status 3)."""
    given = {"learner": learner, "step": step, "reward": reward, "propensity": propensity, "target": target}
    given |= {"q": q, "v": v, "cluster": cluster}
    log = read_decisions(file, {name: column for name, column in given.items() if column is not None})
    found = judge(log.first(steps) if steps else log, replicates=replicates)
    if as_json:
        print_json({**asdict(found), "identifiable": found.identifiable})
    else:
        _print(found)
    if not found.identifiable:
        raise typer.Exit(NOT_IDENTIFIABLE)


def _print(found: OffPolicy) -> None:
    overlap = found.overlap
    out.print(
        f"{overlap.learners:,} learners, up to {overlap.horizon} decisions each; effective learners {overlap.ess:,.1f} "
        f"({overlap.ess_share:.1%}), largest weight {overlap.largest_share:.1%}, mean weight {overlap.mean_weight:.3f}"
    )
    for sentence in overlap.warnings:
        out.print(f"  Note: {sentence}.", style="dim")
    if not found.identifiable:
        out.print("\nNot identifiable from this log:")
        for sentence in overlap.reasons:
            out.print(f"  {sentence}.")
        if 0 < found.told_up_to < overlap.horizon:
            out.print(
                f"  It can tell of the first {found.told_up_to} decisions of each learner: --steps {found.told_up_to}"
            )
        return
    rows = [["logged policy", number(found.observed), "", "what was observed"]]
    for one in found.estimates:
        value = f"{number(one.value)} [{number(one.low)}, {number(one.high)}]"
        gain = f"{number(one.gain)} [{number(one.gain_low)}, {number(one.gain_high)}]"
        rows.append([one.name, value, gain, MEANING[one.name]])
    print_table(["estimate", "reward a learner", "gain", "how"], rows)
    out.print(
        "[ ]: 95 % interval by bootstrap over learners, or clusters; gain: against what was observed", style="dim"
    )
