"""MLflow's REST protocol: finds the route of a request, reads it, lets it be done, answers."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import unquote

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from attain.core.errors import UserError
from attain.server import wire
from attain.server.access_hook import Access
from attain.server.carry_out import carried_out
from attain.server.counts import ROUTE, USER
from attain.server.rest.call import Call, Reply, Route
from attain.server.upload import Body
from attain.server.worker import Worker
from attain.tracking.sql.store import Store

MOST_OF_STRANGERS = 64 << 10
"""Bytes of a body that are read, where access is controlled, before it is known who sends them."""

PREFIXES = ("/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/", "/api/3.0/mlflow/", "/ajax-api/3.0/mlflow/")


@dataclass(frozen=True)
class Table:
    """Routes by path, found by one look-up; those with parts in their path by trying each."""

    plain: Mapping[str, Mapping[str, Route]]
    parted: tuple[tuple[re.Pattern[str], Route], ...]

    def find(self, method: str, path: str) -> tuple[Route | None, dict[str, str], list[str]]:
        """The route, the parts of the path, and the methods that the path has at all."""
        if (ways := self.plain.get(path)) is not None:
            return ways.get(method), {}, list(ways)
        allowed = []
        for pattern, route in self.parted:
            if match := pattern.fullmatch(path):
                if route.method == method:
                    return route, {name: unquote(part) for name, part in match.groupdict().items()}, []
                allowed.append(route.method)
        return None, {}, allowed


def table(routes: Iterable[tuple[str, Route]]) -> Table:
    """A table of routes, each with the prefix of its path."""
    plain: dict[str, dict[str, Route]] = {}
    parted = []
    for prefix, route in routes:
        if "{" not in route.path:
            plain.setdefault(prefix + route.path, {})[route.method] = route
            continue
        parts = re.split(r"\{(\w+)\}", prefix + route.path)
        pattern = "".join(f"(?P<{part}>[^/]+)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
        parted.append((re.compile(pattern), route))
    return Table(plain, tuple(parted))


class Protocol:
    """The ASGI app of the routes of a table; what lies elsewhere goes on to another app."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        table: Table,
        store: Store,
        worker: Worker,
        access: Access | None,
        most_body: int,
    ) -> None:
        self._app, self._table, self._store, self._worker = app, table, store, worker
        self._access, self._most_body = access, most_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route, parts, allowed = self._table.find(scope["method"], scope["path"])
        if route is not None:
            await self._answer(scope, receive, send, route, parts)
        elif allowed:
            message = f"{scope['path']} takes {', '.join(allowed)}, not {scope['method']}."
            await wire.send_json(send, 405, {"error_code": "BAD_REQUEST", "message": message})
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, route: Route, parts: Mapping[str, str]) -> None:
        status, scheme, scope[ROUTE] = 200, None, route.path
        try:
            call = await self._asked(scope, receive, route, parts)
            scope[USER] = call.user
            reply = await self._done(route, call)
        except Exception as error:  # noqa: BLE001 - the border of the server: whatever it is, the client is answered
            status, reply, scheme = wire.explained(error)
        await wire.send_json(send, status, reply, scheme)

    async def _asked(self, scope: Scope, receive: Receive, route: Route, parts: Mapping[str, str]) -> Call:
        """The request, read, and let through with the name of who asks."""
        if self._access is not None and wire.is_longer(scope, MOST_OF_STRANGERS):
            await self._recognised(scope, receive, route, self._access)
        values, repeated = wire.from_query(scope["query_string"])
        if scope["method"] != "GET" or not values:
            body = await wire.read_body(scope, receive, self._most_body)
            if body or scope["method"] not in ("GET", "DELETE"):
                values, repeated = wire.from_json(body, wire.header(scope, b"content-type")), {}
        call = Call(self._store, {**values, **parts} if parts else values, repeated)
        if (access := self._access) is None:
            return call
        request = HTTPConnection(scope)
        return replace(call, user=await self._worker.read(lambda: access.check(request, route, call)))

    async def _recognised(self, scope: Scope, receive: Receive, route: Route, access: Access) -> None:
        """Refuse a stranger's long body, which would be held in memory and read as JSON at length."""
        try:
            await self._worker.read(partial(access.recognise, HTTPConnection(scope), route))
        except UserError:
            await Body(receive).drain(scope)
            raise

    async def _done(self, route: Route, call: Call) -> Reply:
        """What the handler gives, as who asks may see it."""
        work = partial(carried_out, route, call, self._access)
        return await (self._worker.write if route.writes else self._worker.read)(work)
