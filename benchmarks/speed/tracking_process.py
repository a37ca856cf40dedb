"""A tracking server as a process: started, asked, measured and ended."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode

Json = dict[str, Any]
TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")
PATIENCE_S = 60.0
"""How long an answer is waited for."""
Name = Literal["attain", "mlflow"]


def command(name: Name, folder: Path, port: int, venv: Path | None, workers: int | None) -> list[str]:
    """What a user types to start a server over an empty SQLite store in a folder; with its own number of workers."""
    options = ["server", "--port", str(port), *(["--workers", str(workers)] if workers else [])]
    if name == "attain":
        return [f"{sysconfig.get_path('scripts')}/attain", *options, "--store", f"sqlite:///{database(name, folder)}"]
    stores = [
        "--backend-store-uri",
        f"sqlite:///{database(name, folder)}",
        "--artifacts-destination",
        f"{folder}/files",
    ]
    return [f"{venv}/bin/mlflow", *options, *stores]


def database(name: Name, folder: Path) -> Path:
    """The SQLite file of a server."""
    return folder / f"{name}.db"


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


class Server:
    """A running server, and one connection to it that is kept.

    Attributes:
        start_s: from the command to the first 200 of `/health`.
        idle_share: how much of a core it takes while nobody asks anything, once it has settled.
    """

    def __init__(self, command: list[str], port: int) -> None:
        self.command, self.port, self.idle_share = command, port, 0.0
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        began, quiet = time.perf_counter(), subprocess.DEVNULL
        self.child = subprocess.Popen(self.command, stdout=quiet, stderr=quiet, start_new_session=True)
        while not self._answers():
            if self.child.poll() is not None:
                sys.exit(f"{self.command[0]} ended before it answered")
            time.sleep(0.005)
        self.start_s = time.perf_counter() - began
        self.connection = self.connect()

    def connect(self) -> http.client.HTTPConnection:
        """Another connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def post(self, path: str, connection: http.client.HTTPConnection | None = None, **body: object) -> Json:
        """The answer to a POST, which must succeed."""
        return self._ask("POST", path, json.dumps(body).encode(), connection or self.connection)

    def get(self, path: str, **query: object) -> Json:
        """The answer to a GET, which must succeed."""
        return self._ask("GET", f"{path}?{urlencode(query)}", None, self.connection)

    def new_run(self, **fields: object) -> str:
        """The id of a new run."""
        run_id: str = self.post("runs/create", None, experiment_id="0", **fields)["run"]["info"]["run_id"]
        return run_id

    def cpu_ms(self) -> float:
        """Used so far by the server and its descendants."""
        return sum(sum(map(int, stat[11:15])) for stat in self._stats().values()) * TICK_MS

    def memory_mib(self) -> float:
        """Proportional memory (PSS) of all its processes."""
        total = 0
        for pid in self._stats():
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024

    def processes(self) -> int:
        """How many processes it is."""
        return len(self._stats())

    def settle(self) -> None:
        """Wait until it is idle (MLflow goes on starting after it answers), then note what it takes being so."""
        deadline = time.perf_counter() + 60
        while time.perf_counter() < deadline and self._share_of_core(1) > 0.05:
            pass
        self.idle_share = self._share_of_core(5)

    def _share_of_core(self, seconds: float) -> float:
        """How much of a core it takes in the next seconds."""
        cpu, began = self.cpu_ms(), time.perf_counter()
        time.sleep(seconds)
        return (self.cpu_ms() - cpu) / 1000 / (time.perf_counter() - began)

    def restart(self) -> None:
        """Start it again: it is busy with a question that nobody waits for any more."""
        self.end(patience_s=0)
        self.start()

    def end(self, patience_s: float = 20) -> None:
        """Stop it, by force if need be."""
        self.connection.close()
        os.killpg(self.child.pid, signal.SIGTERM)
        try:
            self.child.wait(patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()

    def _ask(self, method: str, path: str, body: bytes | None, connection: http.client.HTTPConnection) -> Json:
        connection.request(method, f"/api/2.0/mlflow/{path}", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            sys.exit(f"{method} {path} answered {answer.status}: {content[:500]!r}")
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
