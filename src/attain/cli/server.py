"""`attain server`: the tracking server."""

import logging
from pathlib import Path
from typing import Annotated, Any

import typer

from attain import __version__
from attain.cli.output import err
from attain.core.errors import UserError


def server(
    host: Annotated[str | None, typer.Option(help="The address to listen on [default: 127.0.0.1].")] = None,
    port: Annotated[int | None, typer.Option(help="The port; 0 takes a free one [default: 5000].")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer [default: 1].")] = None,
    store: Annotated[str | None, typer.Option(help="The address of the store, e.g. postgresql://…")] = None,
    artifacts: Annotated[str | None, typer.Option(help="Where artifacts lie: a folder, or e.g. s3://…")] = None,
    config: Annotated[Path | None, typer.Option(help="A file of settings such as configs/server.yaml.")] = None,
    log_requests: Annotated[bool, typer.Option("--log-requests", help="Log each answered request.")] = False,
    log_json: Annotated[bool, typer.Option("--log-json", help="Log JSON lines, for machines.")] = False,
) -> None:
    """Serve the store to clients that speak MLflow's protocol, on this machine unless told otherwise.

    Options win over the file of settings. Ctrl-C ends it, once what was begun is answered.
    """
    try:
        from attain.server.serve import serve
        from attain.server.settings import checked, read_settings
    except ModuleNotFoundError as error:
        raise UserError(f"The server needs {error.name!r}. Install it: pip install 'attain[server]'.") from None
    given: dict[str, Any] = {  # of several types
        "host": host,
        "port": port,
        "workers": workers,
        "store": store,
        "artifacts": artifacts,
        "log_requests": log_requests or None,
        "log_json": log_json or None,
    }
    fields = read_settings(config) if config else {}
    settings = checked(fields | {name: value for name, value in given.items() if value is not None})
    serve(settings, _log_start if settings.log_json else _hint)


def _log_start(address: str) -> None:
    logging.getLogger("attain.server").info("attain %s serves at %s.", __version__, address)


def _hint(address: str) -> None:
    err.print(f"attain serves at {address} (Ctrl-C ends it); open it to see the runs. What you type where you train:")
    err.print(f"  export MLFLOW_TRACKING_URI={address}   # for what logs with mlflow")
    err.print(f"  export ATTAIN_TRACKING_URI={address}   # for attain")
