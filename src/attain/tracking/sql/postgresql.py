"""PostgreSQL through psycopg 3: a pool of connections, and what the server's errors mean to a person.

An address is `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`; behind a `?` it may also say `pool_size` (connections
that a process keeps, 5 if not said; as many again are opened when they are all busy) and `pool_timeout` (seconds to
wait for a free one, 30 if not said), and whatever libpq knows, such as `sslmode=require`.
"""

from typing import Any, cast

from sqlalchemy import URL, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from attain.core.errors import UserError
from attain.tracking.errors import Exists, Invalid, Unavailable

POOL_SIZE = 5
POOL_TIMEOUT_S = 30
CONNECT_S = 10
LOCK_S = 30
"""How long a write waits for another's write to the same run to end."""


def open_postgresql(url: URL) -> Engine:
    """An engine for a database; nothing is asked of the server yet.

    Raises:
        Invalid: the driver is not installed, or a setting in the address is not a number.
    """
    settings = {"pool_size": POOL_SIZE, "pool_timeout": POOL_TIMEOUT_S, "connect_timeout": CONNECT_S}
    numbers = {name: _number(url, name, default) for name, default in settings.items()}
    url = url.difference_update_query(settings).set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(
            url,
            hide_parameters=True,  # what was logged stays out of the server's log
            pool_pre_ping=True,
            pool_size=numbers["pool_size"],
            max_overflow=numbers["pool_size"],
            pool_timeout=numbers["pool_timeout"],
            connect_args={"application_name": "attain", "connect_timeout": numbers["connect_timeout"]},
        )
    except ModuleNotFoundError:
        raise Invalid("A store on PostgreSQL needs its driver: pip install 'attain[postgresql]'.") from None
    event.listen(engine, "connect", _prepare)
    return engine


def explained(engine: Engine, error: DBAPIError) -> UserError | None:
    """What an error of the server means to a person (never with the password); None for a mistake of ours."""
    where, cause = f"The store {place(engine.url)!r}", cast(Any, error.orig)  # psycopg may not be installed
    state: str | None = getattr(cause, "sqlstate", None)
    said = " ".join(str(cause).split())
    if state == "23505":
        return Exists(f"Another process has just made the same thing: {cause.diag.message_detail} Choose another name.")
    if state in _PASSING:
        return Unavailable(f"{where} {_PASSING[state]}. Try again.", passing=True)
    if state in _LASTING:
        return Unavailable(f"{where} {_LASTING[state]}: {said}.")
    if state in ("22003", "22021", "22P05") or "cannot contain NUL" in said:
        return Invalid(f"{where} cannot hold a value that was given: {said}.")
    if state is None and (refused := _refused(where, engine.url, said)):
        return refused
    if error.connection_invalidated or ((state or "08")[:2] in ("08", "57") and _is_operational(error)):
        return Unavailable(f"{where} cannot be reached: {_first_line(cause)}. Is the server running?", passing=True)
    return None


_PASSING = {
    "40001": "has changed under this write",
    "23503": "has lost what this write belongs to, while it was written",
    "40P01": "broke off this write, since it and another waited for each other",
    "55P03": f"is locked: another process has been writing for more than {LOCK_S} s",
    "53100": "cannot grow: the server's disk is full",
    "53200": "cannot answer: the server is out of memory",
    "53300": "cannot answer: the server has no free connection",
    "25006": "cannot be written to: the server is read-only now",
    "57P01": "has closed the connection: the server is stopping",
    "57P02": "has closed the connection: the server crashed and starts again",
    "57P03": "cannot answer yet: the server is starting",
}
_LASTING = {"42501": "does not let this user do that", "57014": "broke off the question"}


def _refused(where: str, url: URL, said: str) -> Unavailable | None:
    """Why a connection was not let in."""
    if "password authentication failed" in said or "no password supplied" in said:
        return Unavailable(f"{where} refused the password of user {url.username!r}. Check the address of the store.")
    if "does not exist" in said and "database" in said:
        return Unavailable(f"{where} does not exist on the server. Make it: createdb {url.database}.")
    if "does not exist" in said and "role" in said:
        return Unavailable(f"{where} knows no user {url.username!r}. Make it: createuser {url.username}.")
    if "too many clients" in said or "remaining connection slots" in said:
        return Unavailable(f"{where} {_PASSING['53300']}. Try again.", passing=True)
    return None


def _first_line(cause: BaseException) -> str:
    return str(cause).partition("\n")[0].removeprefix("connection is bad: ").rstrip(".")


def _is_operational(error: DBAPIError) -> bool:
    return type(error).__name__ in ("OperationalError", "InterfaceError")


def place(url: URL) -> str:
    """Where a store is, for people and for names of files: the address without driver, password and settings."""
    return URL.create("postgresql", url.username, None, url.host, url.port, url.database).render_as_string()


def _number(url: URL, name: str, default: int) -> int:
    given = url.query.get(name, str(default))
    if not isinstance(given, str) or not given.isdecimal() or int(given) < 1:
        raise Invalid(f"The tracking address says {name}={given!r}; expected a whole number from 1.")
    return int(given)


def _prepare(connection: Any, _: object) -> None:  # a connection of psycopg, which may not be installed
    connection.execute(f"SET lock_timeout = '{LOCK_S}s'")
    connection.commit()
