"""Running `attain serve`: one process, until it is told to stop."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from attain.core.errors import UserError
from attain.core.places import home
from attain.data import pseudonym
from attain.serve.app import create_app
from attain.serve.learners import Learners
from attain.serve.live import Live
from attain.server import logs
from attain.server.serve import KEEP_ALIVE_S, address, listen
from attain.server.settings import is_own
from attain.tracking.store import Store

TOKEN = "ATTAIN_SERVE_TOKEN"
SHORTEST_TOKEN = 16


@dataclass(frozen=True)
class Options:
    """How a model is served.

    Attributes:
        model: as a person names it; see `source.find`.
        host: to listen on.
        port: to listen on; 0 takes a free one.
        state: address of the database of learners; `default_state()` if None.
        items: a file of the items that there are; those kept with the model if None.
        poll_s: how often the model's alias is looked up.
        most_body: the largest body that is taken, in bytes.
        name: what the model is called, and under which answers are kept; its own name if empty.
    """

    model: str
    host: str = "127.0.0.1"
    port: int = 5001
    state: str | None = None
    items: Path | None = None
    poll_s: float = 2.0
    most_body: int = 8 << 20
    name: str = ""


def default_state() -> str:
    """The SQLite file `learners.db` in attain's home."""
    return f"sqlite:///{home().absolute() / 'learners.db'}"


def serve(options: Options, store: Store | None, ready: Callable[[str, Live], None]) -> None:
    """Answer requests until a signal says to stop; then finish what was begun.

    Args:
        options: what to serve, and how.
        store: where models are; None if a folder is served.
        ready: called with the server's address once it takes connections, and the model.

    Raises:
        UserError: there is no such model, the address is taken, or others could reach it without a token.
    """
    token = checked_token(options.host)
    logs.set_up(as_json=False, requests=False)
    live = Live(store, options.model, options.items, options.name)
    learners = Learners(options.state or default_state(), pseudonym.key())
    listening = listen(options.host, options.port)
    app = create_app(live, learners, most_body=options.most_body, poll_s=options.poll_s, token=token)
    ready(address(options.host, listening.getsockname()[1]), live)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        http="httptools",
        ws="none",
        lifespan="on",
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
    )
    uvicorn.Server(config).run([listening])


def checked_token(host: str) -> str | None:
    """The token that requests must show, from `ATTAIN_SERVE_TOKEN`; None where only this machine can ask.

    Raises:
        UserError: other machines reach the address and there is no token, or it is too short.
    """
    token = os.environ.get(TOKEN, "")
    if not token:
        if is_own(host):
            return None
        raise UserError(
            f"The address {host!r} can be reached from other machines. Set {TOKEN} to a secret of at least "
            f"{SHORTEST_TOKEN} characters, which every request must then show, or serve on 127.0.0.1."
        )
    if len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable():
        raise UserError(f"{TOKEN} must have at least {SHORTEST_TOKEN} characters, all of them printable ASCII.")
    return token
