"""How many requests were answered and how long that took, in Prometheus' text form.

Written here, since a library would bring registries and collectors for what is two counters a route. Each worker keeps
its own numbers and tells them with its process id, so that a scraper that meets another worker each time still sees
counters that only grow.
"""

import logging
import os
import time
from collections import Counter
from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROUTE, USER = "attain.route", "attain.user"
"""Where whatever answers a request notes in its scope the route (with the names of its parts) and who asks."""

OTHER = "other"
"""The route of what lies nowhere, and the method that nobody knows: what strangers send must not become a label."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_HEAD = {
    "attain_requests_total": "Requests answered, by route and status.",
    "attain_request_seconds_total": "Seconds from the first byte of requests to the last of their answers, by route.",
}
_requests = logging.getLogger("attain.server.requests")


class Counts:
    """What one worker has answered; used by its event loop alone."""

    def __init__(self) -> None:
        self._answered: Counter[tuple[str, str, int]] = Counter()
        self._seconds: dict[tuple[str, str], float] = {}

    def add(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is the path with its parts' names, never with what somebody sent."""
        self._answered[method, route, status] += 1
        self._seconds[method, route] = self._seconds.get((method, route), 0.0) + seconds

    def text(self) -> str:
        """All counters, for Prometheus."""
        worker = f'worker="{os.getpid()}"'
        answered = [
            f'attain_requests_total{{{worker},method="{method}",route="{route}",status="{status}"}} {count}'
            for (method, route, status), count in sorted(self._answered.items())
        ]
        seconds = [
            f'attain_request_seconds_total{{{worker},method="{method}",route="{route}"}} {spent:.6f}'
            for (method, route), spent in sorted(self._seconds.items())
        ]
        lines = []
        for name, rows in zip(_HEAD, (answered, seconds), strict=True):
            lines += [f"# HELP {name} {_HEAD[name]}", f"# TYPE {name} counter", *rows]
        return "\n".join([*lines, ""])


class Counted:
    """An ASGI app that counts and logs what another answers: all of it, refusals too.

    Args:
        app: the other.
        counts: where to count.
        pages: paths that name a route by themselves.
    """

    def __init__(self, app: ASGIApp, *, counts: Counts, pages: Collection[str]) -> None:
        self._app, self._counts, self._pages = app, counts, frozenset(pages)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request be answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500  # what is sent where no answer begins

        async def sending(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            self._add(scope, status, time.perf_counter() - began)

    def _add(self, scope: Scope, status: int, spent: float) -> None:
        route = scope.get(ROUTE) or (scope["path"] if scope["path"] in self._pages else OTHER)
        method = scope["method"] if scope["method"] in METHODS else OTHER
        self._counts.add(method, route, status, spent)
        _requests.info("%s %s %d %.1f ms %s", method, route, status, spent * 1000, scope.get(USER, ""))
