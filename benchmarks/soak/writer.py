"""One client of the soak test (`tracking_server.py`): logs to runs until it is told to stop, notes what it was told.

    python writer.py mlflow|attain URL NOTES RATE

It says `ready`, then reads the time (s since 1970) at which it stops from its standard input. The file NOTES has a JSON
list a line: `["try", run, kind, number]` before something is sent, and the same with `"kept"` once the client library
says that it is.
"""

import json
import os
import random
import sys
import time
from contextlib import suppress
from typing import Protocol

METRICS = 5
PARAM_EVERY, TAG_EVERY, FILE_EVERY, RUN_EVERY = 10, 5, 100, 400
"""In batches of points: how often the rest is logged, and after how many a run ends."""


class Client(Protocol):
    """What each kind of client does; `Refused` is raised by it where it gave up."""

    refused: type[Exception]

    def start(self) -> str: ...
    def points(self, run: str, number: int) -> None: ...
    def param(self, run: str, number: int) -> None: ...
    def tag(self, run: str, number: int) -> None: ...
    def file(self, run: str, number: int) -> None: ...
    def end(self, run: str, number: int) -> None: ...


class OfMlflow:
    """The plain `mlflow` client, with the patience that it has by itself."""

    def __init__(self, url: str) -> None:
        from mlflow import MlflowClient
        from mlflow.entities import Metric
        from mlflow.exceptions import MlflowException

        self._client, self._metric, self.refused = MlflowClient(url), Metric, MlflowException

    def start(self) -> str:
        return str(self._client.create_run("0").info.run_id)

    def points(self, run: str, number: int) -> None:
        now = time.time_ns() // 1_000_000
        points = [self._metric(f"m{at}", value_of(number, at), now, number) for at in range(METRICS)]
        self._client.log_batch(run, metrics=points)

    def param(self, run: str, number: int) -> None:
        self._client.log_param(run, f"p{number}", str(number))

    def tag(self, run: str, number: int) -> None:
        self._client.set_tag(run, "last", str(number))

    def file(self, run: str, number: int) -> None:
        self._client.log_text(run, text_of(run, number), f"f{number}.txt")

    def end(self, run: str, number: int) -> None:
        self._client.set_terminated(run)


class OfAttain:
    """Our client, with its journal."""

    def __init__(self, url: str) -> None:
        import attain
        from attain.core.errors import UserError

        self._attain, self.refused = attain, UserError
        attain.set_tracking_uri(url)

    def start(self) -> str:
        return self._attain.start_run().run_id

    def points(self, run: str, number: int) -> None:
        self._attain.log_metrics({f"m{at}": value_of(number, at) for at in range(METRICS)}, step=number)

    def param(self, run: str, number: int) -> None:
        self._attain.log_param(f"p{number}", number)

    def tag(self, run: str, number: int) -> None:
        self._attain.set_tag("last", number)

    def file(self, run: str, number: int) -> None:
        self._attain.log_text(text_of(run, number), f"f{number}.txt")

    def end(self, run: str, number: int) -> None:
        self._attain.end_run()


class Notes:
    """The file of what was tried and what was kept; each line is written at once."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def add(self, *fields: str | int) -> None:
        os.write(self._file, json.dumps(fields).encode() + b"\n")


def value_of(number: int, metric: int) -> float:
    return number + metric / 8


def text_of(run: str, number: int) -> str:
    return f"{run} {number}\n" * 50


def work(client: Client, notes: Notes, until: float, rate: float) -> None:
    draw = random.Random(os.getpid())
    while time.time() < until:
        run = None
        with suppress(client.refused):
            run = client.start()
        if run is None:
            continue
        number = 0
        while time.time() < until and number < RUN_EVERY:
            once(client, notes, "points", run, number)
            for kind, every in (("param", PARAM_EVERY), ("tag", TAG_EVERY), ("file", FILE_EVERY)):
                if number % every == 0:
                    once(client, notes, kind, run, number)
            number += 1
            time.sleep(draw.expovariate(rate) if rate else 0)
        once(client, notes, "end", run, number)


def once(client: Client, notes: Notes, kind: str, run: str, number: int) -> None:
    """Log one thing; a client that gives up is no fault of the server, but must not have been told otherwise."""
    notes.add("try", run, kind, number)
    with suppress(client.refused):
        getattr(client, kind)(run, number)
        notes.add("kept", run, kind, number)


if __name__ == "__main__":
    kind, url, path, pace = sys.argv[1:]
    chosen: Client = {"mlflow": OfMlflow, "attain": OfAttain}[kind](url)
    print("ready", flush=True)
    work(chosen, Notes(path), float(sys.stdin.readline()), float(pace))
