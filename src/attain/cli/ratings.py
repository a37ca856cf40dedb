"""`attain ratings`: what people say of generated pieces: sheets for them, their ratings, and what these tell."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from attain.cli.options import Json, StoreUri
from attain.cli.output import out, print_json
from attain.cli.ratings_output import print_people
from attain.cli.user_options import by as this_person
from attain.core.errors import UserError
from attain.metrics.correlation import COEFFICIENTS, Coefficient
from attain.suite.people.bring import bring_in
from attain.suite.people.pieces import Pieces, pieces_of
from attain.suite.people.report import COEFFICIENTS as USUAL
from attain.suite.people.report import has_figures, keep_recorded, make_report, rated_before, scale_of
from attain.suite.people.review import Wanted, make_sheets, open_key
from attain.suite.people.scale import Kind, Scale
from attain.suite.people.web import filled_on_the_web
from attain.tracking.liveness import now_ms
from attain.tracking.store import open_store
from attain.tracking.store_protocol import Store

app = typer.Typer(
    no_args_is_help=True,
    help="What people say of what generators put out: blind sheets, ratings, means with intervals, agreement.",
)
SuiteRun = Annotated[
    str, typer.Argument(help="A suite of generators: its name, its run's id, or how the id begins.", metavar="SUITE")
]


@app.command()
def sheet(
    suite: SuiteRun,
    to: Annotated[Path, typer.Option("-o", "--out", help="The CSV file to write; with a number for each rater.")],
    dimensions: Annotated[str, typer.Option(help="What to rate, with commas between.")] = "quality",
    scale: Annotated[
        str | None, typer.Option(help="Lowest and highest rating; if not given, as before, or 1-5.", metavar="LOW-HIGH")
    ] = None,
    raters: Annotated[int, typer.Option(min=1, help="People, each with a sheet and an order of their own.")] = 3,
    per_system: Annotated[int, typer.Option(min=1, help="Prompts; every system is rated on each of them.")] = 20,
    stratified: Annotated[
        str, typer.Option(help="How to choose prompts: random, best, worst, disputed; several with commas.")
    ] = "random",
    metric: Annotated[
        str | None, typer.Option(help="By which best, worst and disputed go; the suite's first that varies.")
    ] = None,
    overlap: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the prompts that all rate; the others go to one rater each.")
    ] = 1.0,
    pairs: Annotated[bool, typer.Option("--pairs", help="Which of two pieces is better, instead of a rating.")] = False,
    seed: Annotated[int | None, typer.Option(help="Of the choice and the order; at random, if not given.")] = None,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Write blind sheets: systems in random order under neutral codes. The key is sealed in the store."""
    opened = open_store(store)
    pieces = pieces_of(opened, suite)
    keep_recorded(opened, pieces)
    before = scale_of(opened, pieces.suite_run)
    wanted = Wanted(
        dimensions=_words(dimensions),
        scale=Scale.of(scale) if scale else before or Scale(1, 5),
        raters=raters,
        prompts=per_system,
        strata=_words(stratified),
        metric=metric,
        overlap=overlap,
        pairs=pairs,
        seed=seed,
    )
    made = make_sheets(opened, pieces, wanted, to, by=this_person())
    if as_json:
        print_json(asdict(made))
        return
    for path, rows in zip(made.files, made.rows, strict=True):
        out.print(f"{path}: {rows} rows to fill in")
    out.print(f"Sealed key {made.id}, SHA-256 {made.sha256}{'' if made.in_ledger else ' (no ledger here: note it)'}")
    for sentence in made.notes:
        out.print(f"  {sentence}")
    out.print(f"Filled in? attain ratings import {pieces.suite_run[:8]} {made.files[0]}")


@app.command("import")
def import_(
    suite: SuiteRun,
    files: Annotated[
        list[Path] | None, typer.Argument(help="CSV files: filled-in sheets, or one row a rating.")
    ] = None,
    web: Annotated[bool, typer.Option("--web", help="The sheets that were filled in on the suite's page.")] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(help="A column by another name, such as rater=annotator. Repeatable.", metavar="OURS=ITS"),
    ] = None,
    scale: Annotated[
        str | None, typer.Option(help="Lowest and highest rating; a sheet's key has it.", metavar="LOW-HIGH")
    ] = None,
    rater: Annotated[
        str, typer.Option(help="Who filled in the sheet; if not given, which it is: `rater 1 of k3f2a1`.")
    ] = "",
    model: Annotated[bool, typer.Option("--model", help="The rater is a model, kept apart from people.")] = False,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Check ratings and keep them with the suite, all or none; then make the report anew."""
    opened = open_store(store)
    pieces = pieces_of(opened, suite)
    named = dict(_pair(text) for text in column or ())
    wished = None if scale is None else Scale.of(scale)
    kind: Kind = "model" if model else "person"
    if web == bool(files):
        raise UserError("Name the files to import, or say --web for the sheets filled in on the suite's page.")
    keep_recorded(opened, pieces)
    with tempfile.TemporaryDirectory() as scratch:
        given, said = files or [], tuple[str, ...]()
        if web:
            found = filled_on_the_web(opened, pieces.suite_run, Path(scratch))
            given, said = list(found.files), found.notes
        done = bring_in(
            opened, pieces, given, columns=named, scale=wished, rater=rater, kind=kind, by=this_person(), now=now_ms()
        )
    if as_json:
        make_report(opened, pieces)
        print_json([asdict(one) for one in done])
        return
    for one in done:
        out.print(f"{one.file}: {one.ratings} ratings, {one.preferences} preferences")
        for sentence in one.notes:
            out.print(f"  {sentence}")
    for sentence in said:
        out.print(sentence)
    _report(opened, pieces, USUAL, draw=True)


@app.command()
def report(
    suite: SuiteRun,
    coefficients: Annotated[
        str, typer.Option(help=f"Correlations, with commas between: {', '.join(COEFFICIENTS)}.")
    ] = ",".join(USUAL),
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Means with intervals, agreement, severity of raters, judges, metrics against people; kept with the suite."""
    opened = open_store(store)
    pieces = pieces_of(opened, suite)
    keep_recorded(opened, pieces)
    chosen = [name for name in COEFFICIENTS if name in _words(coefficients)]
    if strange := set(_words(coefficients)) - set(chosen):
        raise UserError(f"{min(strange)!r} is no correlation; there are {', '.join(COEFFICIENTS)}.")
    if as_json:
        print_json(asdict(make_report(opened, pieces, chosen, draw=not has_figures(opened, pieces))))
        return
    _report(opened, pieces, chosen, draw=not has_figures(opened, pieces))


@app.command("open")
def open_(
    suite: SuiteRun,
    key: Annotated[str, typer.Argument(help="The id on the sheet.", metavar="KEY")],
    to: Annotated[Path, typer.Option("-o", "--out", help="The CSV file to write.")],
    store: StoreUri = None,
) -> None:
    """Write which code is whose. The ledger says who did it; ratings that come in later are marked."""
    opened = open_store(store)
    rows = open_key(opened, pieces_of(opened, suite), key, to, by=this_person())
    out.print(f"{to}: {rows} codes and what they stand for. Ratings imported from now on are marked as not blind.")


def _report(store: Store, pieces: Pieces, coefficients: Sequence[Coefficient], *, draw: bool) -> None:
    print_people(make_report(store, pieces, coefficients, draw=draw), pieces.short())
    for other in rated_before(store, pieces):
        out.print(
            f"Run {other[:8]} of this suite has ratings of its own, not counted here: attain ratings report {other[:8]}"
        )
    run = pieces.suite_run[:8]
    out.print(f"\nKept as people.json and figures: attain files {run} --to people")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _pair(text: str) -> tuple[str, str]:
    ours, found, theirs = text.partition("=")
    if not found:
        raise UserError(f"--column {text!r} is not OURS=ITS, such as rater=annotator.")
    return ours.strip(), theirs.strip()
