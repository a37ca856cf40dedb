"""How many requests were answered and how long that took, in Prometheus' text form.

Written here, since a library would bring registries and collectors for what is two counters a route. Each worker keeps
its own numbers and tells them with its process id, so that a scraper that meets another worker each time still sees
counters that only grow.
"""

import os
from collections import Counter

_HEAD = {
    "attain_requests_total": "Requests answered, by route and status.",
    "attain_request_seconds_total": "Seconds from the first byte of requests to the last of their answers, by route.",
}


class Counts:
    """What one worker has answered; used by its event loop alone."""

    def __init__(self) -> None:
        self._answered: Counter[tuple[str, int]] = Counter()
        self._seconds: dict[str, float] = {}

    def add(self, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is the path with its parts' names, never with what somebody sent."""
        self._answered[route, status] += 1
        self._seconds[route] = self._seconds.get(route, 0.0) + seconds

    def text(self) -> str:
        """All counters, for Prometheus."""
        worker = os.getpid()
        answered = [
            f'attain_requests_total{{worker="{worker}",route="{route}",status="{status}"}} {count}'
            for (route, status), count in sorted(self._answered.items())
        ]
        seconds = [
            f'attain_request_seconds_total{{worker="{worker}",route="{route}"}} {spent:.6f}'
            for route, spent in sorted(self._seconds.items())
        ]
        lines = []
        for name, rows in zip(_HEAD, (answered, seconds), strict=True):
            lines += [f"# HELP {name} {_HEAD[name]}", f"# TYPE {name} counter", *rows]
        return "\n".join([*lines, ""])
