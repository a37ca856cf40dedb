"""HTTP for talking to a tracking server: connections are kept; there is patience with a server that is away."""

import contextlib
import http.client
import json
import logging
import os
import socket
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from attain.tracking.errors import Exists, Invalid, NotFound, Unavailable
from attain.tracking.login import Login

_log = logging.getLogger(__name__)

T = TypeVar("T")
Json = dict[str, Any]
Connection = http.client.HTTPConnection
Content = bytes | BinaryIO | None

PATIENCE_S = 60.0
"""How long a call that may be repeated goes on asking a server that is away or busy."""
CONNECT_S = 10.0
ANSWER_S = 120.0
IDLE_S = 3.0
"""A connection that lay still for longer is opened anew: servers close idle ones, and a request could get lost."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0
BUSY = (408, 429, 500, 502, 503, 504)

_ERRORS: dict[str, type[NotFound | Exists]] = {"RESOURCE_DOES_NOT_EXIST": NotFound, "RESOURCE_ALREADY_EXISTS": Exists}


class Http:
    """One server.

    Args:
        uri: `http://host:port` or `https://…`, perhaps with a path that all requests begin with.
        login: what is shown to it.
        patience_s: how long to go on asking while the server is away or busy; `PATIENCE_S` if not given.

    Attributes:
        address: the address without name and password.
    """

    def __init__(self, uri: str, login: Login, *, patience_s: float | None = None) -> None:
        parts = urlsplit(uri)
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
            raise Invalid(f"The address {uri!r} is not one of a server; expected e.g. 'http://127.0.0.1:5000'.")
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        self._prefix = parts.path.rstrip("/")
        self.address = f"{parts.scheme}://{host}{f':{port}' if port else ''}{self._prefix}"
        self._scheme, self._host, self._port, self._login = parts.scheme, parts.hostname, port, login
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._idle: list[_Idle] = []
        weakref.finalize(self, _close_all, self._idle)

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, object] | None = None,
        query: Mapping[str, object] | None = None,
        *,
        repeat: bool = True,
        patience_s: float | None = None,
    ) -> Json:
        """Ask, and give the JSON that came back.

        Args:
            method: the HTTP method.
            path: from `/`, as it stands in the address (encoded).
            body: sent as JSON.
            query: fields of the query; those that are None are left out.
            repeat: the server may get this twice without harm. False: it is sent again only if it surely never
                arrived.
            patience_s: another patience for this call.

        Raises:
            Invalid, NotFound, Exists: what the server refused.
            Unavailable: it is away, broken, or wants another login.
        """
        content = None if body is None else json.dumps(body, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json"} if content is not None else {}
        where = _with_query(path, query)
        ask = partial(self._asked, method, where, content, headers)
        text = self._until(ask, repeat=repeat, patience_s=patience_s)
        try:
            found = json.loads(text or b"{}")
        except ValueError:
            raise Unavailable(f"{self.address} did not answer with JSON to {path}; is it a tracking server?") from None
        if not isinstance(found, dict):
            raise Unavailable(f"{self.address} answered {path} with JSON that is no object.")
        return found

    def put(self, path: str, content: bytes | BinaryIO, size: int) -> None:
        """Send a file of `size` bytes, from where the stream stands, piece by piece."""
        start = content.tell() if not isinstance(content, bytes) else 0

        def again() -> bytes | BinaryIO:
            if not isinstance(content, bytes):
                content.seek(start)
            return content

        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        self._until(lambda: self._asked("PUT", path, again(), headers))

    def open(self, path: str, query: Mapping[str, object] | None = None) -> BinaryIO:
        """The body of an answer, for reading piece by piece; the caller closes it."""

        def ask() -> BinaryIO:
            connection = self._connected()
            try:
                answer = self._answered(connection, "GET", _with_query(path, query), None, {})
            except BaseException:
                connection.close()
                raise
            if connection.sock:  # the answer has a handle of its own, and alone decides now when it ends
                connection.sock.close()
            return answer

        return self._until(ask)

    def close(self) -> None:
        """Close the connections that nobody uses now."""
        _close_all(self._idle)

    def _until(self, ask: Callable[[], T], *, repeat: bool = True, patience_s: float | None = None) -> T:
        """What `ask` gives; it is asked again, less and less often, until it works or patience is at an end."""
        own = PATIENCE_S if self._patience_s is None else self._patience_s
        patience_s = own if patience_s is None else patience_s
        deadline, pause = time.monotonic() + patience_s, FIRST_PAUSE_S
        while True:
            try:
                return ask()
            except _NotNow as error:
                if deadline - time.monotonic() <= pause or not (repeat or error.unsent):
                    raise Unavailable(str(error), passing=True) from error.__cause__
                if pause == FIRST_PAUSE_S:
                    _log.warning("%s Trying again for up to %.0f s.", error, patience_s)
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _asked(self, method: str, path: str, content: Content, headers: Mapping[str, str]) -> bytes:
        """Ask once; the whole answer. The connection is kept for the next question."""
        connection = self._connected()
        try:
            with self._answered(connection, method, path, content, headers) as answer:
                text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise _NotNow(f"The server {self.address} broke off its answer ({_words(error)}).") from error
        except BaseException:
            connection.close()
            raise
        with self._lock:
            self._idle.append(_Idle(connection, os.getpid(), time.monotonic()))
        return text

    def _answered(
        self, connection: Connection, method: str, path: str, content: Content, headers: Mapping[str, str]
    ) -> http.client.HTTPResponse:
        """An answer of success. Raises `_NotNow` where it is worth asking again."""
        try:
            connection.request(method, self._prefix + path, content, {**self._login.header(), **headers})
            answer = connection.getresponse()
            if answer.status < 300:
                return answer
            with answer:
                text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise _NotNow(f"The server {self.address} does not answer ({_words(error)}).") from error
        if answer.status in BUSY:
            raise _NotNow(f"The server {self.address} cannot do this now (status {answer.status}): {_said(text)}")
        raise self._refusal(answer.status, text, path)

    def _connected(self) -> Connection:
        """A connection that lay still only shortly, else a new one; a forked child takes none of its parent's."""
        with self._lock:
            known = self._idle.pop() if self._idle else None
        if known is not None:
            if known.pid == os.getpid() and known.connection.sock and time.monotonic() - known.since < IDLE_S:
                return known.connection
            known.connection.close()
            return self._connected()
        kind = http.client.HTTPSConnection if self._scheme == "https" else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=CONNECT_S)
        try:
            connection.connect()
        except OSError as error:
            raise _NotNow(f"The server {self.address} cannot be reached ({_words(error)}).", unsent=True) from error
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sock.settimeout(ANSWER_S)
        return connection

    def _refusal(self, status: int, text: bytes, path: str) -> Invalid | NotFound | Exists | Unavailable:
        said = _said(text)
        if status == 401:
            return Unavailable(
                f"The server {self.address} wants another login: {said} Set ATTAIN_TRACKING_TOKEN, or "
                "ATTAIN_TRACKING_USERNAME and ATTAIN_TRACKING_PASSWORD."
            )
        if status == 403:
            return Unavailable(f"The server {self.address} does not allow this: {said}")
        code = _field(text, "error_code")
        if not code:
            return Unavailable(f"{self.address} answered {path} with status {status}; is it a tracking server?")
        known: type[Invalid | NotFound | Exists] = _ERRORS.get(code, Invalid)
        return known(said)


@dataclass(frozen=True)
class _Idle:
    """A connection that nobody uses, of which process, and since when (monotonic, s)."""

    connection: Connection
    pid: int
    since: float


def _close_all(idle: list[_Idle]) -> None:
    with contextlib.suppress(IndexError):  # another thread may take one meanwhile
        while True:
            idle.pop().connection.close()


class _NotNow(Exception):  # noqa: N818 - never leaves this module
    """It did not work this time; `unsent`: the server surely got nothing."""

    def __init__(self, message: str, *, unsent: bool = False) -> None:
        super().__init__(message)
        self.unsent = unsent


def _with_query(path: str, query: Mapping[str, object] | None) -> str:
    asked = urlencode({k: v for k, v in (query or {}).items() if v is not None}, doseq=True)
    return f"{path}?{asked}" if asked else path


def encoded(path: str) -> str:
    """A path of names joined by `/`, as a part of an address.

    >>> encoded("plots/a b%.svg")
    'plots/a%20b%25.svg'
    """
    return quote(path, safe="/")


def _words(error: BaseException) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__


def _said(text: bytes) -> str:
    return _field(text, "message") or text[:200].decode(errors="replace") or "it gave no reason."


def _field(text: bytes, name: str) -> str:
    try:
        found = json.loads(text)
    except ValueError:
        return ""
    return str(found.get(name, "")) if isinstance(found, dict) else ""
