"""Running the server: one process or several, until it is told to stop."""

import json
import os
import socket
from collections.abc import Callable

import uvicorn
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from attain.server import logs
from attain.server.app import create_app
from attain.server.settings import Settings
from attain.tracking.errors import Unavailable
from attain.tracking.store import open_database

SETTINGS = "ATTAIN_SERVER_SETTINGS"
"""The variable that hands the settings on to worker processes."""

KEEP_ALIVE_S = 75
"""How long an idle connection is kept: longer than most epochs, so that a training loop need not open one each time."""


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Answer requests until a signal says to stop; then finish what was begun.

    Args:
        settings: checked (see `settings.checked`).
        ready: called with the server's address once it takes connections.

    Raises:
        UserError: the store cannot be opened, or the address is taken.
    """
    logs.set_up(as_json=settings.log_json, requests=settings.log_requests)
    listening = listen(settings.host, settings.port)
    app = app_of(settings)  # also the place where a wrong setting is told, before workers start
    ready(address(settings.host, listening.getsockname()[1]))
    if settings.workers == 1:
        uvicorn.Server(_config(app, settings)).run([listening])
        return
    app.state.close()
    os.environ[SETTINGS] = _handed_on(settings)
    config = _config("attain.server.serve:worker_app", settings, factory=True)
    Multiprocess(config, [listening]).run()


def app_of(settings: Settings) -> Starlette:
    """The app that settings describe, over a store that it closes at its end."""
    store = open_database(settings.store, artifacts=settings.artifacts)
    if settings.access is None:
        return create_app(settings, store)
    from attain.server.access.opening import open_gate  # with pages and their templates: heavy

    return create_app(settings, store, open_gate(store, settings.access))


def worker_app() -> Starlette:
    """The app of a worker process."""
    settings = Settings.model_validate_json(os.environ[SETTINGS])
    logs.set_up(as_json=settings.log_json, requests=settings.log_requests)
    return app_of(settings)


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections which send at once what is written to them.

    TCP_NODELAY is inherited by the connections. Without it an answer of two pieces waits some 40 ms for the client's
    delayed acknowledgement of the first; asyncio sets it only on sockets that it opens itself.

    Raises:
        Unavailable: the address is taken, or not one of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise Unavailable(
            f"The server cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}. Give another --port."
        ) from None
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.set_inheritable(True)
    return listening


def address(host: str, port: int) -> str:
    """How a client of this machine names the server.

    >>> address("127.0.0.1", 5000), address("::1", 5000)
    ('http://127.0.0.1:5000', 'http://[::1]:5000')
    """
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _handed_on(settings: Settings) -> str:
    """Settings as JSON, with their secrets readable, as they stood in the file."""

    def revealed(value: SecretStr) -> str:
        return value.get_secret_value()

    return json.dumps(settings.model_dump(), default=revealed)


def _config(app: ASGIApp | str, settings: Settings, *, factory: bool = False) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        factory=factory,
        workers=settings.workers,
        access_log=False,
        log_config=None,
        http="httptools",  # h11, which is Python, takes an eighth of a millisecond more a request
        ws="none",
        lifespan="on",
        server_header=False,
        forwarded_allow_ips=list(settings.proxies),
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=settings.patience_s,
    )
