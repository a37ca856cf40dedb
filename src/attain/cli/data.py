"""`attain data`: which data sets there are, what is in them, and how yours becomes one of them."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from attain.cli.data_facts import print_facts
from attain.cli.data_prepare import Bars, prepare
from attain.cli.data_reading import (
    Choices,
    Column,
    Items,
    NotAnswer,
    Right,
    Text,
    TimeUnit,
    Wrong,
    chosen,
    given,
    one_or_many,
    pair,
)
from attain.cli.data_standards import import_standard
from attain.cli.options import Json
from attain.cli.output import err, print_json, print_table
from attain.core.errors import UserError
from attain.data.card import FoundCard, dataset_names, find_card, options_class
from attain.data.find import named, present
from attain.data.import_file import import_file
from attain.data.load import load, load_source, resolved_options

app = typer.Typer(no_args_is_help=True, help="Data sets: list, show, check, import.")

app.command("prepare")(prepare)


@app.command("list")
def list_sets(as_json: Json = False) -> None:
    """All data sets that have a card, and whether their files are here."""
    rows = [_listed(name) for name in dataset_names()]
    if as_json:
        print_json(rows)
        return
    print_table(["dataset", "files", "what it is"], [[row["name"], row["files"], row["title"]] for row in rows])
    print("\nMore about one: attain data show NAME. Its figures: attain data check NAME.")


@app.command()
def show(name: str, as_json: Json = False) -> None:
    """The card of a data set: origin, licence, files, options, known faults."""
    found = find_card(name)
    card, defaults = found.card, resolved_options(found, {})
    files = {file: _state(found, file) for file in named(found)}
    if as_json:
        print_json({"name": name, **card.model_dump(mode="json"), "options": defaults, "files": files})
        return
    print(f"{name}: {card.title}\n\n{_flow(card.description)}\n")
    print(f"Licence: {card.licence.name}. {_flow(card.licence.terms)}")
    print(f"May be handed on: {'yes' if card.licence.redistribution else 'no'}.")
    for label, text in (("Cite", card.citation), ("Where to get it", card.how_to_get)):
        if text:
            print(f"{label}: {_flow(text)}")
    if files:
        print_table(["file", "here"], list(map(list, files.items())), title="\nFiles")
    model = options_class(card)
    listed = [[key, _plain(defaults[key]), _flow(field.description or "")] for key, field in model.model_fields.items()]
    print_table(["option", "default", "what it does"], listed, title="\nOptions")
    if card.faults:
        print("\nKnown faults, and what is done about them")
        for fault in card.faults:
            print(f"- {_flow(fault)}")


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="A data set's name, or a CSV, TSV or Parquet file.", metavar="NAME|FILE")],
    option: Choices = None,
    learner: Column = None,
    item: Items = None,
    correct: Column = None,
    skill: Column = None,
    time: Column = None,
    time_unit: TimeUnit = None,
    answer_id: Column = None,
    right: Right = None,
    wrong: Wrong = None,
    not_answer: NotAnswer = None,
    delimiter: Text = None,
    encoding: Text = None,
    as_json: Json = False,
) -> None:
    """Load a data set, and say what is in it and what was changed."""
    options = chosen(option)
    if name not in dataset_names() and (Path(name).exists() or Path(name).suffix):
        columns = given(learner=learner, item=one_or_many(item), correct=correct, skill=skill, time=time)
        columns |= given(answer_id=answer_id)
        reading = given(time_unit=time_unit, delimiter=delimiter, encoding=encoding)
        reading |= given(right=right, wrong=wrong, not_answers=not_answer)
        with Bars() as bars:
            dataset = load_source({"file": name, "columns": columns, **reading}, options, hear=bars.hear)
    else:
        with _Download() as download:
            dataset = load(name, options, progress=download.progress)
    print_facts(dataset, as_json=as_json)


@app.command("import")
def import_(
    name: Annotated[str, typer.Argument(help="What to call the data set.")],
    file: Annotated[Path, typer.Argument(help="CSV, TSV or Parquet, plain or gzipped.")],
    learner: Column = None,
    item: Items = None,
    correct: Column = None,
    skill: Column = None,
    skill_separator: Annotated[str | None, typer.Option(help="Joins several skills in one cell.")] = None,
    time: Column = None,
    time_unit: TimeUnit = None,
    duration: Column = None,
    duration_unit: Annotated[str | None, typer.Option(help="s or ms.", show_default="s")] = None,
    order: Column = None,
    answer_id: Column = None,
    cohort: Annotated[list[str] | None, typer.Option(help="A cohort attribute and its column: `gender=sex`.")] = None,
    right: Right = None,
    wrong: Wrong = None,
    not_answer: NotAnswer = None,
    delimiter: Text = None,
    encoding: Text = None,
    option: Choices = None,
    title: Text = None,
    standard: Annotated[
        str | None, typer.Option("--from", help="xapi, caliper, oneroster or moodle: read FILE by that standard.")
    ] = None,
    skills_from: Annotated[
        str | None,
        typer.Option(help="xAPI: parent, grouping, category, other or none.", show_default="parent"),
    ] = None,
    time_format: Annotated[str | None, typer.Option(help="Moodle: how a report writes times.")] = None,
    as_json: Json = False,
) -> None:
    """Make a file of your own a data set: writes datasets/NAME/card.yaml, copies no rows.

    With --from, the answers or enrolments that the file holds are kept in attain's home, under pseudonyms.
    """
    if standard is not None:
        import_standard(standard, name, file, skills_from, time_format, title or "", as_json=as_json)
        return
    if skills_from or time_format:
        raise UserError("--skills-from and --time-format go with --from; see attain data import --help.")
    columns = given(learner=learner, item=one_or_many(item), correct=correct, skill=skill, time=time)
    columns |= given(duration=duration, order=order, answer_id=answer_id)
    reading = given(skill_separator=skill_separator, time_unit=time_unit, duration_unit=duration_unit)
    reading |= given(delimiter=delimiter, encoding=encoding, right=right, wrong=wrong, not_answers=not_answer)
    cohorts = dict(pair(text, "--cohort") for text in cohort or [])
    source = {"file": str(file), "columns": columns, **reading, "cohorts": cohorts}
    path, dataset = import_file(name, source, chosen(option), folder=Path.cwd(), title=title or "")
    if not as_json:
        print(f"Wrote {path.relative_to(Path.cwd())}. Name it in a suite: `datasets: [{name}]`.\n")
    print_facts(dataset, as_json=as_json)


class _Download:
    """A progress bar that appears when a download begins."""

    def __init__(self) -> None:
        self.bar = Progress(TextColumn("downloading"), BarColumn(), DownloadColumn(), console=err, transient=True)
        self.task: TaskID | None = None

    def __enter__(self) -> "_Download":
        return self

    def progress(self, here: int, total: int) -> None:
        if self.task is None:
            self.bar.start()
            self.task = self.bar.add_task("downloading")
        self.bar.update(self.task, completed=here, total=total or None)

    def __exit__(self, *exception: object) -> None:
        if self.task is not None:
            self.bar.stop()


def _listed(name: str) -> dict[str, str]:
    try:
        found = find_card(name)
    except UserError as error:
        return {"name": name, "files": "card is broken", "title": str(error)}
    states = {_state(found, file) for file in named(found)}
    files = "none needed" if not states else "some" if len(states) > 1 else {"yes": "here"}.get(*states, *states)
    return {"name": name, "files": files, "title": found.card.title}


def _state(found: FoundCard, file: str) -> str:
    return "yes" if present(found, file) else "no"


def _flow(text: str) -> str:
    return " ".join(text.split())


def _plain(value: object) -> str:
    return "-" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
