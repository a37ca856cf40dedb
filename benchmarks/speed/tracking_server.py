"""Our tracking server and a real MLflow server side by side: the same requests, the same raw HTTP client, in one run.

    python -m venv /somewhere && /somewhere/bin/pip install mlflow==3.17.2
    python benchmarks/speed/tracking_server.py --mlflow-venv /somewhere            # runs: 1,000; a few minutes
    python benchmarks/speed/tracking_server.py --mlflow-venv /somewhere --runs 10000 --workers 4

Both keep SQLite and begin empty. Times are what the client waits; CPU is what the server and its children use, which
also counts on a busy machine. Both must answer the same (what was found, in which order, with which values), else the
exit status is 1. Without `--mlflow-venv` ours alone is measured.
"""

import argparse
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
START = 1_700_000_000_000
OURS = "import typer; from attain.cli.server import server; typer.run(server)"
BATCH = 1_000


@dataclass
class Side:
    """What one server needed (ms of the client's time, ms of CPU, each a request unless said), and what it answered."""

    times: dict[str, tuple[float, float]] = field(default_factory=dict)
    facts: dict[str, float] = field(default_factory=dict)
    answers: dict[str, object] = field(default_factory=dict)


class Server:
    """A running server, and one connection to it that is kept."""

    def __init__(self, command: list[str], port: int) -> None:
        self.port, began = port, time.perf_counter()
        self.child = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        while not self._answers():
            assert self.child.poll() is None, f"{command[0]} ended before it answered"
            time.sleep(0.02)
        self.start_s = time.perf_counter() - began
        self.connection = self.connect()

    def connect(self) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def post(self, path: str, connection: http.client.HTTPConnection | None = None, **body: object) -> Json:
        return self._ask("POST", path, json.dumps(body).encode(), connection or self.connection)

    def get(self, path: str, **query: object) -> Json:
        return self._ask("GET", f"{path}?{urlencode(query)}", None, self.connection)

    def cpu_ms(self) -> float:
        """Used so far by the server and its descendants."""
        return sum(sum(map(int, stat[11:15])) for stat in self._stats().values()) * TICK_MS

    def memory_mib(self) -> float:
        """Proportional memory of all its processes."""
        total = 0
        for pid in self._stats():
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024

    def end(self) -> None:
        self.connection.close()
        os.killpg(self.child.pid, signal.SIGTERM)
        try:
            self.child.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()

    def processes(self) -> int:
        return len(self._stats())

    def _ask(self, method: str, path: str, body: bytes | None, connection: http.client.HTTPConnection) -> Json:
        connection.request(method, f"/api/2.0/mlflow/{path}", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content[:500]
        reply: Json = json.loads(content)
        return reply

    def _answers(self) -> bool:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("GET", "/health")
            return connection.getresponse().read() == b"OK"
        except (OSError, http.client.HTTPException):
            return False

    def _stats(self) -> dict[int, list[str]]:
        """The fields of /proc/PID/stat behind the name, of the server and its descendants (its session)."""
        found = {}
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                stat = path.read_text().rpartition(") ")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(stat[3]) == self.child.pid:
                found[int(path.parent.name)] = stat
        return found


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--mlflow-venv", type=Path, help="a virtual environment with mlflow in it")
    parser.add_argument("--runs", type=int, default=1_000, help="runs that are searched")
    parser.add_argument("--points", type=int, default=100_000, help="points of the long history")
    parser.add_argument("--repeat", type=int, default=100, help="small requests of each kind")
    parser.add_argument("--workers", type=int, default=1, help="of both servers")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    sides = {"attain": measured(ours, chosen)}
    if chosen.mlflow_venv:
        sides["mlflow"] = measured(mlflow, chosen)
    if chosen.json:
        print(json.dumps({name: {"times": side.times, "facts": side.facts} for name, side in sides.items()}, indent=2))
    else:
        show(sides)
    return compare(sides)


def ours(folder: Path, port: int, chosen: argparse.Namespace) -> list[str]:
    options = ["--port", str(port), "--workers", str(chosen.workers), "--store", f"sqlite:///{folder}/attain.db"]
    return [sys.executable, "-c", OURS, *options]


def mlflow(folder: Path, port: int, chosen: argparse.Namespace) -> list[str]:
    options = ["--host", "127.0.0.1", "--port", str(port), "--workers", str(chosen.workers)]
    stores = ["--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "files")]
    return [str(chosen.mlflow_venv / "bin" / "mlflow"), "server", *options, *stores]


def measured(command: Callable[[Path, int, argparse.Namespace], list[str]], chosen: argparse.Namespace) -> Side:
    """One side, from its start to its end."""
    side = Side()
    with tempfile.TemporaryDirectory() as name, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        taken.close()
        server = Server(command(Path(name), port, chosen), port)
        try:
            time.sleep(1)
            side.facts |= {"start-up, s": server.start_s, "idle memory, MiB": server.memory_mib()}
            side.facts["processes"] = server.processes()
            small_writes(server, side, chosen.repeat)
            batches(server, side)
            loop(server, side)
            searches(server, side, chosen.runs)
            long_history(server, side, chosen.points)
            writers(server, side)
        finally:
            server.end()
    return side


@contextmanager
def clocked(server: Server, side: Side, name: str, count: int) -> Iterator[None]:
    cpu, began = server.cpu_ms(), time.perf_counter()
    yield
    wall = (time.perf_counter() - began) * 1000
    side.times[name] = (wall / count, (server.cpu_ms() - cpu) / count)


def small_writes(server: Server, side: Side, repeat: int) -> None:
    for at in range(20):  # both may first load what they need
        server.post("runs/create", experiment_id="0", start_time=START + at)
    runs = []
    with clocked(server, side, "create run", repeat):
        for at in range(repeat):
            runs.append(server.post("runs/create", experiment_id="0", start_time=START + at, run_name=f"r{at}"))
    ids = [run["run"]["info"]["run_id"] for run in runs]
    with clocked(server, side, "log one metric", repeat):
        for at in range(repeat):
            server.post("runs/log-metric", run_id=ids[0], key="loss", value=at / 7, timestamp=START + at, step=at)
    with clocked(server, side, "log one param", repeat):
        for at in range(repeat):
            server.post("runs/log-parameter", run_id=ids[0], key=f"p{at}", value=str(at))
    with clocked(server, side, "set one tag", repeat):
        for at in range(repeat):
            server.post("runs/set-tag", run_id=ids[0], key=f"t{at}", value=str(at))
    with clocked(server, side, "finish run", repeat):
        for run_id in ids:
            server.post("runs/update", run_id=run_id, status="FINISHED", end_time=START)
    with clocked(server, side, "get run", repeat):
        for _ in range(repeat):
            found = server.get("runs/get", run_id=ids[0])["run"]
    side.answers["get run"] = told(found)


def batches(server: Server, side: Side) -> None:
    for keys in (10, BATCH):
        run_id = server.post("runs/create", experiment_id="0", start_time=START)["run"]["info"]["run_id"]
        bodies = [[metric(f"k{at % keys}", at / 3, round_ * BATCH + at) for at in range(BATCH)] for round_ in range(11)]
        server.post("runs/log-batch", run_id=run_id, metrics=bodies[0])
        with clocked(server, side, f"log-batch of 1,000, {keys:,} keys", 10):
            for body in bodies[1:]:
                server.post("runs/log-batch", run_id=run_id, metrics=body)
        side.answers[f"batch {keys}"] = told(server.get("runs/get", run_id=run_id)["run"])["metrics"]


def loop(server: Server, side: Side) -> None:
    """What a training loop of 1,000 steps costs, in all."""
    run_id = server.post("runs/create", experiment_id="0", start_time=START)["run"]["info"]["run_id"]
    with clocked(server, side, "loop of 1,000 steps (in all)", 1):
        for step in range(1_000):
            server.post("runs/log-metric", run_id=run_id, key="loss", value=1 / (step + 1), timestamp=START, step=step)


def searches(server: Server, side: Side, count: int) -> None:
    experiment = server.post("experiments/create", name="searched")["experiment_id"]
    for at in range(count):
        run = server.post("runs/create", experiment_id=experiment, start_time=START + at, run_name=f"r{at}")
        server.post(
            "runs/log-batch",
            run_id=run["run"]["info"]["run_id"],
            metrics=[metric("auc", (at * 7919 % count) / count, 0), metric("loss", at, 0)],
            params=[{"key": "model", "value": f"m{at % 5}"}],
            tags=[{"key": "team", "value": f"t{at % 3}"}],
        )
    questions: dict[str, Json] = {
        "by metric, 100 of them": {"filter": "metrics.auc > 0.5", "order_by": ["metrics.auc DESC"], "max_results": 100},
        "by tag and param, 100 of them": {"filter": "tags.team = 't1' AND params.model = 'm2'", "max_results": 100},
        "a page of 1,000": {"max_results": 1_000},
    }
    for name, question in questions.items():
        label = f"search {count:,} runs {name}"
        with clocked(server, side, label, 5):
            for _ in range(5):
                found = server.post("runs/search", experiment_ids=[experiment], **question).get("runs", [])
        side.answers[label] = [(run["info"]["run_name"], told(run)) for run in found]


def long_history(server: Server, side: Side, count: int) -> None:
    run_id = server.post("runs/create", experiment_id="0", start_time=START)["run"]["info"]["run_id"]
    for start in range(0, count, BATCH):
        points = [metric("loss", (at * 31 % 1009) / 7, at) for at in range(start, start + BATCH)]
        server.post("runs/log-batch", run_id=run_id, metrics=points)
    label = f"history of {count:,} points"
    with clocked(server, side, label, 1):
        found, token = [], None
        while token != "":
            more = {"page_token": token} if token else {}
            page = server.get("metrics/get-history", run_id=run_id, metric_key="loss", max_results=25_000, **more)
            found += page["metrics"]
            token = page.get("next_page_token", "")
    side.answers[label] = [(one["step"], one["value"]) for one in found]


def writers(server: Server, side: Side, count: int = 16, each: int = 40) -> None:
    """Batches of five metrics from 16 clients at once."""
    runs = [server.post("runs/create", experiment_id="0")["run"]["info"]["run_id"] for _ in range(count)]

    def write(run_id: str) -> None:
        connection = server.connect()
        for step in range(each):
            points = [metric(f"m{at}", step, step) for at in range(5)]
            server.post("runs/log-batch", connection, run_id=run_id, metrics=points)
        connection.close()

    threads = [threading.Thread(target=write, args=(run_id,)) for run_id in runs]
    with clocked(server, side, "batch of 5, 16 writers at once", count * each):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    side.facts["batches a second, 16 writers"] = 1000 / side.times["batch of 5, 16 writers at once"][0]
    server.connection = server.connect()  # the other has been idle for so long that the server may have closed it
    kept = [told(server.get("runs/get", run_id=run_id)["run"])["metrics"] for run_id in runs]
    side.answers["writers"] = kept


def metric(key: str, value: float, step: int) -> Json:
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


def show(sides: dict[str, Side]) -> None:
    both = "mlflow" in sides
    print(f"{'':44}{'attain ms (CPU)':>22}" + (f"{'MLflow ms (CPU)':>22}{'ratio (CPU)':>16}" if both else ""))
    for name, (wall, cpu) in sides["attain"].times.items():
        line = f"{name:44}{f'{wall:.2f} ({cpu:.2f})':>22}"
        if both:
            their_wall, their_cpu = sides["mlflow"].times[name]
            ratio = f"{their_wall / wall:.1f} ({their_cpu / max(cpu, 0.01):.1f})"
            line += f"{f'{their_wall:.2f} ({their_cpu:.2f})':>22}{ratio:>16}"
        print(line)
    for name, value in sides["attain"].facts.items():
        line = f"{name:44}{value:>22.1f}"
        if both:
            theirs = sides["mlflow"].facts[name]
            more_is_better = name.startswith("batches")
            line += f"{theirs:>22.1f}{value / theirs if more_is_better else theirs / value:>16.1f}"
        print(line)


def compare(sides: dict[str, Side]) -> int:
    """0 if both answered the same."""
    if "mlflow" not in sides:
        return 0
    answers = sides["attain"].answers
    different = [name for name, answer in answers.items() if answer != sides["mlflow"].answers[name]]
    print(f"The answers differ: {', '.join(different)}" if different else f"All {len(answers)} answers are the same.")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
