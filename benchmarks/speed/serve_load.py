"""A served tracer under load: answers of many learners at a fixed rate, each kept before it is replied to.

    python benchmarks/speed/serve_load.py --model bkt --rate 200 --seconds 20

The server is `attain serve` with one process over SQLite; this process is the other one. Requests begin at their own
times, whether or not earlier ones are answered, and an answer that is late makes the next one late too: times are from
the moment at which a request was due (no coordinated omission). Before, some answers are sent that do not count. At
the end the server is killed with SIGKILL, started again, and must know every answer that it replied to; otherwise the
exit status is 1. So it is where p50 or p95 miss their goals, unless `--no-goals`.
"""

import argparse
import http.client
import json
import os
import queue
import socket
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from attain.data import catalogue
from attain.data.load import load
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS

GOALS_MS = {50: 2.0, 95: 10.0}
CONNECTIONS = 16
WARM_UP = 400


def main() -> int:
    """Fit, serve, ask, tell."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--model", default="bkt", help="a tracer with its usual params")
    parser.add_argument("--rate", type=float, default=200, help="answers a second")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--learners", type=int, default=1000)
    parser.add_argument("--no-goals", action="store_true", help="exit 0 however slow it is")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        items = _fitted(asked.model, folder / asked.model)
        with _Server(folder / asked.model, folder) as server:
            waited, sent = _load(server.port, items, asked.rate, asked.seconds, asked.learners)
            cpu_ms = server.cpu_ms() / (len(waited) + WARM_UP)
            server.process.kill()
        with _Server(folder / asked.model, folder) as server:
            kept = _kept(server.port, sent)
    found = {at: float(np.percentile(waited, at)) for at in (50, 95, 99, 100)}
    said = ", ".join(f"p{at} {value:.2f} ms" for at, value in found.items())
    print(f"{asked.model}: {len(waited):,} answers at {asked.rate:g} a second: {said}; {cpu_ms:.2f} ms CPU an answer")
    print(f"after SIGKILL: {kept:,} of {sum(sent.values()):,} answers that were replied to are known")
    missed = [at for at, goal in GOALS_MS.items() if found[at] > goal]
    print("; ".join(f"p{at} <= {goal:g} ms: {'missed' if at in missed else 'met'}" for at, goal in GOALS_MS.items()))
    return int(kept != sum(sent.values()) or (bool(missed) and not asked.no_goals))


def _fitted(name: str, folder: Path) -> list[str]:
    """Fit the model to simulated learners and save it; the names of the items."""
    log = load("simulated").log
    model = MODELS.get(name).create()
    model.fit(log, FitContext(np.random.default_rng(0)))
    folder.mkdir()
    model.save(folder)
    catalogue.write(catalogue.of_log(log), folder)
    return list(catalogue.of_log(log))


class _Server:
    """`attain serve` as a user types it."""

    def __init__(self, model: Path, home: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        words = [f"{sysconfig.get_path('scripts')}/attain", "serve", str(model), "--port", str(self.port)]
        environment = os.environ | {"ATTAIN_HOME": str(home), "OMP_NUM_THREADS": "1"}
        self.process = subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL)

    def __enter__(self) -> "_Server":
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if _Client(self.port).get("/ping") == 200:
                    return self
            except OSError:
                time.sleep(0.05)
        raise SystemExit("The server did not start within 60 s.")

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    def cpu_ms(self) -> float:
        """What the server used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


class _Client:
    """A connection that is kept."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> int:
        self._connection.request("GET", path)
        return self._answer()[0]

    def known(self, learner: str) -> int:
        """How many answers of a learner the server knows."""
        self._connection.request("GET", f"/learners/{learner}/mastery")
        status, body = self._answer()
        return int(json.loads(body)["answers"]) if status == 200 else 0

    def answer(self, learner: str, body: bytes) -> None:
        headers = {"Content-Type": "application/json"}
        self._connection.request("POST", f"/learners/{learner}/interactions", body, headers)
        status, content = self._answer()
        if status != 200:
            raise SystemExit(f"An answer was refused: {status} {content.decode()}")

    def _answer(self) -> tuple[int, bytes]:
        answer = self._connection.getresponse()
        return answer.status, answer.read()


def _load(
    port: int, items: list[str], rate: float, seconds: float, learners: int
) -> tuple[list[float], dict[str, int]]:
    """Send answers; how long each was waited for, in ms, and how many each learner gave."""
    rng, total = np.random.default_rng(0), WARM_UP + int(rate * seconds)
    who, what, right = rng.integers(0, learners, total), rng.integers(0, len(items), total), rng.integers(0, 2, total)
    due: queue.SimpleQueue[tuple[int, float] | None] = queue.SimpleQueue()
    waited: list[float] = []
    sent: dict[str, int] = {}

    def send() -> None:
        client = _Client(port)
        while (job := due.get()) is not None:
            number, begins = job
            body = {"id": str(number), "item": items[what[number]], "correct": int(right[number])}
            client.answer(f"l{who[number]}", json.dumps(body).encode())
            if number >= WARM_UP:
                waited.append((time.perf_counter() - begins) * 1000)

    threads = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    begin = time.perf_counter()
    for number in range(total):
        begins = begin + number / rate
        if (pause := begins - time.perf_counter()) > 0:
            time.sleep(pause)
        due.put((number, begins))
        sent[f"l{who[number]}"] = sent.get(f"l{who[number]}", 0) + 1
    for _ in threads:
        due.put(None)
    for thread in threads:
        thread.join()
    return waited, sent


def _kept(port: int, sent: dict[str, int]) -> int:
    client = _Client(port)
    return sum(client.known(learner) for learner in sent)


if __name__ == "__main__":
    sys.exit(main())
