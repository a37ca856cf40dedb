"""Which names the server answers to, so that a web page cannot reach it under a name of its own (DNS rebinding)."""

from collections.abc import Collection

from starlette.types import ASGIApp, Receive, Scope, Send

from attain.server import wire

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Hosts:
    """An ASGI app that lets only requests for some hosts through to another."""

    def __init__(self, app: ASGIApp, *, known: Collection[str]) -> None:
        self._app, self._known = app, frozenset(known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] == "http" and (host := host_of(wire.header(scope, b"host"))) not in self._known:
            message = f"This server is not called {host!r}. Its settings' 'hosts' say what it is called."
            await wire.send_json(send, 403, {"error_code": "PERMISSION_DENIED", "message": message})
        else:
            await self._app(scope, receive, send)


def host_of(header: str) -> str:
    """The name in a `Host` header, without the port.

    >>> host_of("LocalHost:5000"), host_of("[::1]:5000"), host_of("[::1]")
    ('localhost', '[::1]', '[::1]')
    """
    name, colon, port = header.lower().rpartition(":")
    return name if colon and port.isdigit() else header.lower()
