"""`attain items`: from answers of learners to what items, human or generated, are worth."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from attain.cli.items_output import print_report
from attain.cli.options import Json, StoreUri
from attain.cli.output import out, print_json
from attain.core.errors import UserError
from attain.core.yaml_lines import value_of
from attain.data.card import dataset_names
from attain.data.items import Item, read_items, write_items
from attain.data.load import load
from attain.data.responses import Responses, of_dataset, read_responses
from attain.suite.items.analyse import AUTO, COLUMN, JOINT, analyse
from attain.suite.items.facts import ItemReport
from attain.suite.items.from_run import items_of_run
from attain.suite.items.keep import keep, plain, write
from attain.tasks.knowledge_tracing import MODELS
from attain.tracking.find_run import find_run
from attain.tracking.store import open_store

Column = Annotated[str | None, typer.Option(help="Column that holds it.", show_default=False)]


def items(
    responses: Annotated[
        str | None,
        typer.Argument(help="A data set's name, or a CSV, TSV or Parquet file of answers.", metavar="RESPONSES"),
    ] = None,
    table: Annotated[
        Path | None, typer.Option("--items", help="CSV or JSONL of items: item, system, level, options, right.")
    ] = None,
    by: Annotated[str, typer.Option(help="Cohort attributes, joined by commas.", metavar="NAMES")] = "",
    run: Annotated[
        str | None, typer.Option(help="A run of content_generation: its pieces are items; results are kept with it.")
    ] = None,
    to: Annotated[Path | None, typer.Option("-o", "--out", help="Write files and figures here.", metavar="DIR")] = None,
    ability: Annotated[
        str | None,
        typer.Option(help="Where abilities come from: a tracer's name, joint, or column.", show_default=False),
    ] = None,
    learner: Column = None,
    item: Column = None,
    correct: Column = None,
    skill: Column = None,
    time: Column = None,
    time_unit: Annotated[str | None, typer.Option(help="iso, s or ms.", show_default="iso")] = None,
    chosen: Annotated[str | None, typer.Option(help="Column: the option chosen.", show_default="option")] = None,
    exposure: Annotated[
        str | None, typer.Option(help="Column: how the item came to be asked.", show_default="exposure")
    ] = None,
    ability_column: Annotated[
        str | None, typer.Option(help="Column: logits of P(right) just before.", show_default="ability")
    ] = None,
    option: Annotated[
        list[str] | None, typer.Option("--option", help="An option of the data: `learners=500`. Repeatable.")
    ] = None,
    most: Annotated[int, typer.Option(help="Items shown in the table.", min=1)] = 20,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """What learners' answers say of items: difficulty, discrimination, options, fairness; generators beside people.

    Without RESPONSES, `--run RUN -o DIR` writes the pieces of a run as a table of items to ask learners.
    """
    if responses is None:
        _hand_out(run, to, store)
        return
    attributes = [name.strip() for name in by.split(",") if name.strip()]
    columns = {"learner": learner, "item": item, "correct": correct, "skill": skill, "time": time}
    columns |= {"option": chosen, "exposure": exposure, "ability": ability_column}
    given = {name: column for name, column in columns.items() if column is not None}
    answers = _answers(responses, given, attributes, _chosen(option), time_unit)
    opened = open_store(store) if run is not None else None
    found = None if opened is None or run is None else find_run(opened, run)
    known: dict[str, Item] | None = None
    if opened is not None and found is not None:
        known = items_of_run(opened, found)
    if table is not None:
        known = _together(known or {}, read_items(table), table)
    report = analyse(answers, known, ability=_ability(answers, ability), by=attributes)
    if opened is not None and found is not None:
        keep(report, opened, found.run_id)
    written = [] if to is None else _written(report, to)
    if as_json:
        print_json(plain(report))
        return
    print_report(report, most=most)
    if to is not None:
        out.print(f"\nWritten to {to}: {', '.join(str(path.relative_to(to)) for path in written)}", style="dim")
    if found is not None:
        out.print(f"\nKept with run {found.run_id[:8]}: attain files {found.run_id[:8]} --to figures", style="dim")


def _hand_out(run: str | None, to: Path | None, store: str | None) -> None:
    """Write the pieces of a run with the ids under which learners are to be asked them."""
    if run is None or to is None:
        raise UserError(
            "Name the answers: attain items RESPONSES. Or a run and a folder, for its pieces as items to ask learners: "
            "attain items --run RUN -o DIR"
        )
    opened = open_store(store)
    pieces = items_of_run(opened, find_run(opened, run))
    path = to / "items_to_ask.csv"
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"Cannot write {str(to)!r}: {error.strerror}. Name another folder.") from None
    write_items(pieces.values(), path)
    out.print(f"{len(pieces):,} items are in {path}. Learners' answers find back to them by the column 'item'.")


def _answers(
    name: str, columns: Mapping[str, str], attributes: list[str], options: Mapping[str, object], unit: str | None
) -> Responses:
    if name in dataset_names() and not Path(name).suffix:
        if columns:
            raise UserError(f"{name!r} is a data set whose columns are known; leave out --{next(iter(columns))}.")
        return of_dataset(load(name, options))
    reading = {} if unit is None else {"time_unit": unit}
    return read_responses(Path(name), columns, {one: one for one in attributes}, options, **reading)


def _together(pieces: dict[str, Item], others: dict[str, Item], path: Path) -> dict[str, Item]:
    if both := [name for name in others if name in pieces]:
        raise UserError(f"{path}: the item {both[0]!r} is a piece of the run already; leave it out of the table.")
    return pieces | others


def _ability(answers: Responses, asked: str | None) -> str:
    """Where abilities come from, as it was asked for."""
    if asked is None:
        return AUTO
    if asked == COLUMN and answers.ability is None:
        raise UserError("The answers have no column of abilities. Name it: --ability-column NAME.")
    if asked not in (COLUMN, JOINT):
        MODELS.get(asked)
    return asked


def _written(report: ItemReport, to: Path) -> list[Path]:
    try:
        return write(report, to)
    except OSError as error:
        raise UserError(f"Cannot write {str(error.filename or to)!r}: {error.strerror}. Name another folder.") from None


def _chosen(texts: list[str] | None) -> dict[str, object]:
    found = {}
    for text in texts or []:
        key, equals, value = text.partition("=")
        if not equals or not key or not value:
            raise UserError(f"--option {text!r}: expected NAME=VALUE.")
        found[key] = value_of(value)
    return found
