"""`attain data prepare`: make the prepared data of a large file in bounded memory, or say what that would take."""

from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

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
from attain.cli.options import Json
from attain.cli.output import err, out, print_json, print_table
from attain.core.errors import UserError
from attain.data.card import dataset_names
from attain.data.load import answers_of, described, load, load_source
from attain.data.stream.bound import bound
from attain.data.stream.plan import Plan, plan


def prepare(
    name: Annotated[
        str, typer.Argument(help="A data set, or a file, folder or pattern of files.", metavar="NAME|FILE")
    ],
    option: Choices = None,
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
    memory_gb: Annotated[
        float | None, typer.Option(help="How much memory to take; else ATTAIN_MEMORY_GB, else 2.", show_default=False)
    ] = None,
    stream: Annotated[bool, typer.Option("--stream", help="Block by block even where the file would fit.")] = False,
    dry_run: Annotated[bool, typer.Option("--plan", help="Only say what it would take.")] = False,
    rows: Annotated[int | None, typer.Option(help="With --plan: for so many rows like these.", min=1)] = None,
    as_json: Json = False,
) -> None:
    """Prepare answers for models, in bounded memory: read, sorted and kept as columns that are mapped."""
    if rows is not None and not dry_run:
        raise UserError("--rows goes with --plan: it says what so many rows would take.")
    options, memory = chosen(option), bound(memory_gb, always=stream)
    columns = given(learner=learner, item=one_or_many(item), correct=correct, skill=skill, time=time)
    columns |= given(duration=duration, order=order, answer_id=answer_id)
    reading = given(skill_separator=skill_separator, time_unit=time_unit, duration_unit=duration_unit)
    reading |= given(delimiter=delimiter, encoding=encoding, right=right, wrong=wrong, not_answers=not_answer)
    source = {"file": name, "columns": columns, **reading}
    source["cohorts"] = dict(pair(text, "--cohort") for text in cohort or [])
    known = name in dataset_names() and not Path(name).exists()
    if dry_run:
        files = answers_of(name, options) if known else described(source, options)
        _print_plan(plan(files.files, files.source, memory, rows), as_json=as_json)
        return
    begun = perf_counter()
    with Bars() as bars:
        if known:
            dataset = load(name, options, memory=memory, hear=bars.hear)
        else:
            dataset = load_source(source, options, memory=memory, hear=bars.hear)
    seconds = perf_counter() - begun
    facts = {"name": dataset.name, "answers": len(dataset.log), "fingerprint": dataset.fingerprint}
    if as_json:
        print_json({**facts, "folder": str(dataset.folder), "seconds": round(seconds, 1)})
        return
    out.print(
        f"{dataset.name}: {len(dataset.log):,} answers of {len(dataset.log.learners):,} learners prepared in "
        f"{seconds:.1f} s."
    )
    out.print(f"Fingerprint {dataset.fingerprint}, in {dataset.folder}")


class Bars:
    """A progress bar for each step of a long preparation, from the moment it begins."""

    def __init__(self) -> None:
        """Without a bar as yet."""
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self.progress = Progress(*columns, console=err, transient=True)
        self.tasks: dict[str, TaskID] = {}

    def __enter__(self) -> "Bars":
        return self

    def hear(self, what: str, done: int, total: int) -> None:
        """Move the bar of a step."""
        if not self.tasks:
            self.progress.start()
        if what not in self.tasks:
            self.tasks[what] = self.progress.add_task(what)
        self.progress.update(self.tasks[what], completed=done, total=total)

    def __exit__(self, *exception: object) -> None:
        if self.tasks:
            self.progress.stop()


def _print_plan(made: Plan, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(made))
        return
    rows = [
        ["rows", f"{made.rows:,}" if made.exact else f"about {made.rows:,}"],
        ["how", f"block by block, {made.at_once:,} rows at once" if made.streamed else "read whole"],
        ["memory, at most", f"{made.memory_bytes / 1e9:.2f} GB and 0.25 GB for each million of learners and items"],
        ["disk while it is prepared", f"{made.disk_bytes / 1e9:.2f} GB"],
        ["disk afterwards", f"{made.kept_bytes / 1e9:.2f} GB"],
    ]
    print_table(["", ""], rows)
