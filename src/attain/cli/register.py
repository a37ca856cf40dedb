"""`attain register`: a run's model gets a name and a version."""

from typing import Annotated

import typer

from attain.cli.options import Json, StoreUri
from attain.cli.output import out, print_json
from attain.cli.user_options import by as this_person
from attain.suite.gates.contender import database
from attain.suite.gates.register import register as register_run
from attain.tracking.find_run import find_run
from attain.tracking.store import open_store


def register(
    run: Annotated[str, typer.Argument(help="The id of a run of one model, or how it begins.", metavar="RUN")],
    name: Annotated[str, typer.Argument(help="Of the registered model; it is made if need be.", metavar="NAME")],
    fold: Annotated[
        int | None, typer.Option(help="Whose saved form, where the run has several folds; the first, if not said.")
    ] = None,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Make a run's model the next version of a registered model: its saved form, its run, its data, its audit."""
    opened = database(open_store(store))
    made = register_run(opened, find_run(opened, run), name, this_person(), fold=fold)
    if as_json:
        print_json({"name": made.name, "version": made.version, "source": made.source, "tags": dict(made.tags)})
        return
    out.print(f"Version {made.version} of {made.name!r}: {made.tags.get('attain.label', made.source)} ({made.source}).")
    out.print(f'Next: attain promote {made.name} {made.version} --as champion --because "…"', style="dim")
