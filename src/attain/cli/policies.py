"""`attain policies`: which tutoring policy teaches best, whatever way learners learn."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from attain.cli.options import Json
from attain.cli.output import err, number, out, print_json, print_table
from attain.suite.policies import Matrix, run_matrix
from attain.suite.policies_config import read_matrix
from attain.tracking.store import open_store


def policies(
    suite: Annotated[
        str, typer.Argument(help="A file, or the name of one in configs/suites: policies.", metavar="SUITE")
    ] = "policies",
    store: Annotated[
        str | None, typer.Option(help="Where runs are kept, if not the usual place.", metavar="URI")
    ] = None,
    as_json: Json = False,
) -> None:
    """Let every policy teach every kind of simulated learner, and compare each with the order of the curriculum.

    Cells that are finished already are not run again, so a matrix that was stopped is resumed by the same command.
    """
    opened = open_store(store)
    found = run_matrix(read_matrix(suite), opened, lambda text: None if as_json else err.print(text, style="dim"))
    if as_json:
        print_json(json.loads(json.dumps({**asdict(found), "verdicts": found.verdicts()})))
        return
    _print(found)
    out.print(f"\nRuns are kept in {opened.place}. Next:")
    out.print(f"  attain files {found.run_id[:8]} --to figures    the matrix and its figures as files")


def _print(found: Matrix) -> None:
    for world in found.worlds:
        rows = []
        for policy in found.policies:
            cell = found.cell(policy, world)
            saved = "baseline"
            if cell.saved is not None:
                saved = f"{cell.saved.value:+.0f} [{cell.saved.low:+.0f}, {cell.saved.high:+.0f}]"
            shares = (cell.reached, cell.over_practice, cell.mastery_accuracy, cell.too_early, cell.left)
            rows.append([policy, f"{cell.steps.value:.0f}", saved, *(_share(value) for value in shares)])
        head = ["policy", "↓ steps", "steps saved", "reached", "over", "true", "early", "left"]
        print_table(head, rows, title=f"\n{world}")
        if world in found.fits:
            fit = found.fits[world]
            out.print(
                f"like its data: share right differs by {number(fit['accuracy_gap'])} on average over the first ten "
                f"opportunities, slope by {number(fit['slope_gap'])}, spread between learners by "
                f"{number(fit['spread_gap'])} ({fit['answers']:,.0f} answers)",
                style="dim",
            )
    out.print(
        f"steps: until the skills aimed at are truly mastered, mean of the first {found.horizon}; saved: against "
        f"curriculum, with 95 % interval; {found.learners:,} learners a row\n"
        "reached: share who got there; over: answers to mastered skills; true: of skills declared mastered; early: "
        "answers before a prerequisite is mastered; left: learners",
        style="dim",
    )
    for sentence in found.verdicts():
        out.print(f"  {sentence}")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
