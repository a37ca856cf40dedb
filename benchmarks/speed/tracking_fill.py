"""Many runs at once, straight into the tables of our store and of MLflow's: the same runs in both.

Through their servers MLflow would need an hour for 100,000 runs. Both are asked for them through their servers.
"""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

START = 1_700_000_000_000
MODELS, TEAMS = 5, 3

Rows = list[tuple[Any, ...]]  # of text and numbers
Described = tuple[dict[str, float], dict[str, str], dict[str, str]]
Describe = Callable[[int], Described]
"""The metrics, params and tags of the run of a number."""


def run_id(at: int) -> str:
    """The id of run number `at`: as random as real ones are."""
    return hashlib.md5(str(at).encode(), usedforsecurity=False).hexdigest()


def described(at: int) -> Described:
    """Three metrics, params and tags of run number `at`."""
    metrics = {"auc": at * 7919 % 100_003 / 100_003, "loss": float(at), "f1": at * 104_729 % 10_007 / 10_007}
    params = {"model": f"m{at % MODELS}", "rate": str(at % 17 / 100), "seed": str(at)}
    return metrics, params, {"team": f"t{at % TEAMS}", "batch": f"b{at // 50}", "mlflow.runName": f"r{at}"}


def wide(at: int) -> Described:
    """Eight metrics and twelve params of run number `at`."""
    metrics, params, tags = described(at)
    metrics |= {f"metric{k}": (at * (k + 3)) % 1009 / 1009 for k in range(5)}
    return metrics, params | {f"param{k}": str(at % (k + 2)) for k in range(9)}, tags


def fill_ours(file: Path, experiment: int, numbers: range, described: Describe = described) -> None:
    """Put runs into our store."""
    with sqlite3.connect(file) as c:
        c.executemany("INSERT OR IGNORE INTO metric_keys (key) VALUES (?)", [(key,) for key in described(0)[0]])
        keys = dict(c.execute("SELECT key, id FROM metric_keys"))
        (first,) = c.execute("SELECT coalesce(max(id), 0) + 1 FROM runs").fetchone()
        for some in _pieces(numbers):
            ids = {at: first + at - numbers.start for at in some}
            many(c, "runs", [_our_run(ids[at], experiment, at) for at in some])
            points = [(ids[at], keys[k], START, 0, 0, v) for at in some for k, v in described(at)[0].items()]
            many(c, "metrics", points)
            many(c, "latest_metrics", points)
            many(c, "params", [(ids[at], *pair) for at in some for pair in described(at)[1].items()])
            many(c, "tags", [(ids[at], *pair) for at in some for pair in described(at)[2].items()])
    c.close()


def _our_run(number: int, experiment: int, at: int) -> tuple[Any, ...]:
    uri = f"mlflow-artifacts:/{experiment}/{run_id(at)}/artifacts"
    what = (number, run_id(at), experiment, f"r{at}", "FINISHED", START + at, START + at + 1)
    return (*what, "active", 0, "somebody", uri, None, None, None, None)


def fill_mlflow(file: Path, experiment: int, numbers: range, described: Describe = described) -> None:
    """Put runs into MLflow's store."""
    with sqlite3.connect(file) as c:
        for some in _pieces(numbers):
            many(c, "runs", [_their_run(experiment, at) for at in some])
            points = [(k, v, START, run_id(at), 0, 0) for at in some for k, v in described(at)[0].items()]
            many(c, "metrics", points)
            many(c, "latest_metrics", [(k, v, t, step, nan, run) for k, v, t, run, step, nan in points])
            many(c, "params", [(*pair, run_id(at)) for at in some for pair in described(at)[1].items()])
            many(c, "tags", [(*pair, run_id(at)) for at in some for pair in described(at)[2].items()])
    c.close()


def _their_run(experiment: int, at: int) -> tuple[Any, ...]:
    uri = f"mlflow-artifacts:/{experiment}/{run_id(at)}/artifacts"
    source = (run_id(at), f"r{at}", "UNKNOWN", "", "", "somebody", "FINISHED", START + at, START + at + 1, "")
    return (*source, "active", uri, experiment, None)


def many(c: sqlite3.Connection, table: str, rows: Rows) -> None:
    """Insert whole rows."""
    c.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def _pieces(numbers: range) -> Iterator[range]:
    for start in range(numbers.start, numbers.stop, 10_000):
        yield range(start, min(start + 10_000, numbers.stop))
