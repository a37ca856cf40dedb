"""What the two tracking servers are asked to do, and what each of them needed and answered."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracking_fill import START, fill_mlflow, fill_ours
from tracking_process import Json, Name, Server

BATCH = 1_000
FILL: dict[Name, Callable[[Path, int, range], None]] = {"attain": fill_ours, "mlflow": fill_mlflow}

QUESTIONS: dict[str, Json] = {
    "page of 1,000": {"max_results": 1_000},
    "by tag": {"filter": "tags.team = 't1'", "max_results": 100},
    "by rare tag": {"filter": "tags.batch = 'b7'", "max_results": 100},
    "by tag and param": {"filter": "tags.team = 't1' AND params.model = 'm2'", "max_results": 100},
    "by rare metric": {"filter": "metrics.auc > 0.999", "max_results": 100},
    "by metric": {"filter": "metrics.auc > 0.5", "order_by": ["metrics.auc DESC"], "max_results": 100},
}


@dataclass
class Side:
    """What one server needed (ms of the client's time, ms of CPU, each a request unless said), and what it answered."""

    times: dict[str, tuple[float, float]] = field(default_factory=dict)
    facts: dict[str, float] = field(default_factory=dict)
    answers: dict[str, object] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)
    """What was not answered in `PATIENCE_S`."""


@contextmanager
def clocked(server: Server, side: Side, name: str, count: int) -> Iterator[None]:
    """Note what `count` requests take, beyond what the server takes anyway."""
    cpu, began = server.cpu_ms(), time.perf_counter()
    try:
        yield
    finally:
        note(server, side, name, count, cpu, began)


def note(server: Server, side: Side, name: str, count: int, cpu: float, began: float) -> None:
    """Note what `count` requests took since `began`, when the server had used `cpu`."""
    wall = (time.perf_counter() - began) * 1000
    spent = server.cpu_ms() - cpu - server.idle_share * wall
    side.times[name] = (wall / count, max(spent, 0.0) / count)
    print(f"{name}: {wall / count:.2f} ms", file=sys.stderr, flush=True)


def repeated(server: Server, side: Side, name: str, ask: Callable[[], Json], most_s: float = 4.0) -> Json | None:
    """Ask once to warm up, then so often that the clock of CPU time (10 ms) is fine enough; the last answer.

    Once is enough where it takes long; None where it takes longer than anybody waits.
    """
    try:
        with clocked(server, side, name, 1):
            answer = ask()
    except TimeoutError:
        side.late.add(name)
        server.restart()
        return None
    count = min(60, int(most_s / (side.times[name][0] / 1000)))
    if count > 1:
        with clocked(server, side, name, count):
            for _ in range(count):
                answer = ask()
    return answer


def warm_up(server: Server, count: int = 50) -> None:
    """Requests of every kind: both load and prepare things when they are first asked."""
    for at in range(count):
        run_id = server.new_run(start_time=START + at, run_name="warm")
        server.post("runs/log-metric", run_id=run_id, key="warm", value=at, timestamp=START, step=at)
        server.post("runs/log-parameter", run_id=run_id, key="p", value="1")
        server.post("runs/set-tag", run_id=run_id, key="t", value="1")
        server.post("runs/log-batch", run_id=run_id, metrics=[metric("warm", at, at)])
        server.post("runs/update", run_id=run_id, status="FINISHED", end_time=START)
        server.get("runs/get", run_id=run_id)
    server.post("runs/search", experiment_ids=["0"], filter="metrics.warm > 1 AND tags.t = '1'", max_results=10)
    server.get("metrics/get-history", run_id=run_id, metric_key="warm", max_results=10)


def small_writes(server: Server, side: Side, repeat: int) -> None:
    """One thing a request."""
    ids: list[str] = []

    def each(name: str, ask: Callable[[int], object]) -> None:
        with clocked(server, side, name, repeat):
            for at in range(repeat):
                ask(at)

    each("create run", lambda at: ids.append(server.new_run(start_time=START + at, run_name=f"r{at}")))
    first, when = ids[0], START
    each(
        "log one metric",
        lambda at: server.post("runs/log-metric", run_id=first, key="loss", value=at / 7, timestamp=when + at, step=at),
    )
    each("log one param", lambda at: server.post("runs/log-parameter", run_id=first, key=f"p{at}", value=str(at)))
    each("set one tag", lambda at: server.post("runs/set-tag", run_id=first, key=f"t{at}", value=str(at)))
    each("finish run", lambda at: server.post("runs/update", run_id=ids[at], status="FINISHED", end_time=when))
    each("get run", lambda at: server.get("runs/get", run_id=ids[at]))
    side.answers["get run"] = [told(server.get("runs/get", run_id=run_id)["run"]) for run_id in ids]


def batches(server: Server, side: Side) -> None:
    """Metrics by the thousand."""
    for keys in (10, BATCH):
        run_id = server.new_run(start_time=START)
        bodies = [[metric(f"k{at % keys}", at / 3, turn * BATCH + at) for at in range(BATCH)] for turn in range(11)]
        server.post("runs/log-batch", run_id=run_id, metrics=bodies[0])
        with clocked(server, side, f"log-batch of 1,000, {keys:,} keys", 10):
            for body in bodies[1:]:
                server.post("runs/log-batch", run_id=run_id, metrics=body)
        side.answers[f"batch {keys}"] = told(server.get("runs/get", run_id=run_id)["run"])["metrics"]


def loop(server: Server, side: Side) -> None:
    """What a training loop of 1,000 steps costs, in all."""
    run_id = server.new_run(start_time=START)
    with clocked(server, side, "loop of 1,000 steps (in all)", 1):
        for step in range(1_000):
            server.post("runs/log-metric", run_id=run_id, key="loss", value=1 / (step + 1), timestamp=START, step=step)


def searches(server: Server, side: Side, name: Name, file: Path, sizes: list[int]) -> None:
    """Questions to one experiment that grows."""
    experiment, there = server.post("experiments/create", name="searched")["experiment_id"], 0
    for size in sizes:
        FILL[name](file, int(experiment), range(there, size))
        there, server.connection = size, server.connect()  # the other may be closed, so long was it idle
        for what, question in QUESTIONS.items():
            label = f"search {size:,} runs, {what}"
            asked = {"experiment_ids": [experiment], **question}
            found = repeated(server, side, label, lambda asked=asked: server.post("runs/search", **asked))  # type: ignore[misc]
            if found is not None:
                side.answers[label] = [(run["info"]["run_id"], told(run)) for run in found.get("runs", [])]


def long_history(server: Server, side: Side, count: int) -> None:
    """Every point of one metric, in pages as the client asks for them."""
    run_id = server.new_run(start_time=START)
    for start in range(0, count, BATCH):
        points = [metric("loss", (at * 31 % 1009) / 7, at) for at in range(start, start + BATCH)]
        server.post("runs/log-batch", run_id=run_id, metrics=points)

    def whole() -> Json:
        found, token = [], ""
        while True:
            more = {"page_token": token} if token else {}
            asked: Json = {"run_id": run_id, "metric_key": "loss", "max_results": 25_000, **more}
            page = server.get("metrics/get-history", **asked)
            found += page["metrics"]
            if not (token := page.get("next_page_token", "")):
                return {"points": found}

    label = f"history of {count:,} points"
    if (found := repeated(server, side, label, whole)) is not None:
        side.answers[label] = [(one["step"], one["value"]) for one in found["points"]]


def at_once(server: Server, side: Side, clients: int, each: int) -> None:
    """Batches of five metrics from several clients at once."""
    runs = [server.new_run() for _ in range(clients)]

    def write(run_id: str) -> None:
        connection = server.connect()
        for step in range(each):
            points = [metric(f"m{at}", step, step) for at in range(5)]
            server.post("runs/log-batch", connection, run_id=run_id, metrics=points)
        connection.close()

    threads = [threading.Thread(target=write, args=(run_id,)) for run_id in runs]
    label = f"batch of 5, {clients} clients at once"
    with clocked(server, side, label, clients * each):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    side.facts[f"batches a second, {clients} clients"] = 1000 / side.times[label][0]
    server.connection = server.connect()  # the other has been idle for so long that the server may have closed it
    side.answers[label] = [told(server.get("runs/get", run_id=run_id)["run"])["metrics"] for run_id in runs]


def metric(key: str, value: float, step: int) -> Json:
    """A point as it is sent."""
    return {"key": key, "value": value, "timestamp": START + step, "step": step}


def told(run: Json) -> dict[str, Any]:
    """What a run says, without the ids that differ between servers."""
    data = run["data"]
    return {
        "status": run["info"]["status"],
        "metrics": sorted((one["key"], one["value"], one["step"]) for one in data.get("metrics", [])),
        "params": sorted((one["key"], one["value"]) for one in data.get("params", [])),
        "tags": sorted((t["key"], t["value"]) for t in data.get("tags", []) if not t["key"].startswith("mlflow.")),
    }
