"""`attain ui`: the runs as pages, in this machine's browser."""

import webbrowser
from typing import Annotated

import typer

from attain.cli.output import err


def ui(
    port: Annotated[int, typer.Option(help="The port; 0 takes a free one.")] = 5000,
    store: Annotated[str | None, typer.Option(help="The address of the store, e.g. postgresql://…")] = None,
    show: Annotated[bool, typer.Option("--open/--no-open", help="Open the pages in a browser.")] = True,
) -> None:
    """Look at experiments, runs and comparisons as pages, and keep notes and tags; for this machine only.

    Ctrl-C ends it. A server for several people is `attain server`, which has the same pages.
    """
    from attain.server.serve import serve
    from attain.server.settings import checked

    def ready(address: str) -> None:
        err.print(f"The pages are at {address} (Ctrl-C ends them).")
        if show:
            webbrowser.open(address)

    given = {"host": "127.0.0.1", "port": port, "store": store}
    serve(checked({name: value for name, value in given.items() if value is not None}), ready)
