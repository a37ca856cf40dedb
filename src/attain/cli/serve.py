"""`attain serve`: a model in use."""

from pathlib import Path
from typing import Annotated

import typer

from attain.cli.options import StoreUri
from attain.cli.output import err
from attain.serve.live import Live
from attain.serve.run import Options, serve
from attain.tracking.store import open_store


def serve_model(
    model: Annotated[
        str, typer.Argument(help="NAME@ALIAS or NAME/VERSION, a run, or a folder with a saved model.", metavar="MODEL")
    ],
    host: Annotated[str, typer.Option(help="The address to listen on; another demands ATTAIN_SERVE_TOKEN.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 5001,
    state: Annotated[
        str | None,
        typer.Option(help="The database of learners, e.g. postgresql://… [default: learners.db in attain's home]."),
    ] = None,
    items: Annotated[
        Path | None, typer.Option(help="A CSV file of the items that there are: item, skills (joined by '~~').")
    ] = None,
    poll: Annotated[float, typer.Option(min=0.05, help="Seconds between two looks at what the alias names.")] = 2.0,
    most_body: Annotated[int, typer.Option(min=1024, help="The largest body of a request, in bytes.")] = 8 << 20,
    name: Annotated[
        str, typer.Option(help="What to call it; learners are kept under this name [default: the model's own].")
    ] = "",
    store: StoreUri = None,
) -> None:
    """Serve a knowledge tracer: answers of learners in, what they know and what to ask them next out.

    It speaks MLflow's scoring protocol (/invocations) and the Open Inference Protocol (/v2) too. Ctrl-C ends it, once
    what was begun is answered.
    """
    opened = None if Path(model).is_dir() else open_store(store)
    serve(Options(model, host, port, state, items, poll, most_body, name), opened, _hint)


def _hint(address: str, live: Live) -> None:
    served = live.now
    lines = [
        f"attain serves at {address} (Ctrl-C ends it): {served.name} version {served.version}, a {served.tracer.name}.",
        f'  curl {address}/learners/ann/interactions --json \'{{"item": "…", "correct": 1}}\'',
        f"  curl '{address}/learners/ann/next?k=5&policy=zpd'",
    ]
    if not served.each_answer_alike:
        lines.append(f"A {served.tracer.name} reads all of a learner's answers again each time.")
    for line in lines:
        err.print(line, markup=False, highlight=False, soft_wrap=True)
