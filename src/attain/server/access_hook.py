"""Where access control takes part in a request; the server runs the same without it."""

from collections.abc import Sequence
from typing import Protocol

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from attain.core.errors import UserError
from attain.server.rest.call import Call, Reply, Route


class Unauthenticated(UserError):  # noqa: N818 - the name says what is wrong
    """Nobody knows who asks: answered with 401 UNAUTHENTICATED.

    Attributes:
        scheme: what the answer's `WWW-Authenticate` says, if anything.
    """

    def __init__(self, message: str, scheme: str | None = None) -> None:
        super().__init__(message)
        self.scheme = scheme


class Denied(UserError):  # noqa: N818
    """Who asks may not do this: answered with 403 PERMISSION_DENIED."""


class Access(Protocol):
    """Decides who may do what. Called in threads, several at once, never in the one that writes to SQLite."""

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """The pages to sign in and out, for which nobody is asked who they are."""

    def recognise(self, request: HTTPConnection, route: Route) -> None:
        """Refuse a request of nobody known, before its body is read; see `check`, which does so too.

        Raises:
            Unauthenticated: nobody knows who asks.
        """

    def check(self, request: HTTPConnection, route: Route, call: Call) -> str:
        """Who asks, by name, if they may do this; called before the handler.

        Args:
            request: its headers, cookies and client address.
            route: what is asked of the server.
            call: the values that came, with `user` still empty.

        Raises:
            Unauthenticated: nobody knows who asks.
            Denied: they may not do this.
            NotFound: what they ask about is not there.
        """

    def may(self, request: HTTPConnection, route: Route, call: Call) -> bool:
        """Whether `check` would let this through, as far as rights decide; nothing is written down.

        Raises:
            Unauthenticated: nobody knows who asks.
        """

    def after(self, route: Route, call: Call, reply: Reply) -> Reply:
        """The reply as they may see it; called in the same transaction as a handler that writes.

        Here a list loses what they may not read, and who makes an experiment becomes its manager.
        """
