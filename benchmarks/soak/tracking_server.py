"""Does the server lose anything when it is killed, again and again, while clients write? Exits with 1 if it does.

    python benchmarks/soak/tracking_server.py                                  # SQLite, 8 writers, 5 minutes, 3 kills
    python benchmarks/soak/tracking_server.py --store postgresql --workers 2   # a throw-away PostgreSQL
    python benchmarks/soak/tracking_server.py --store postgresql://me@host/empty --minutes 60 --kills 40

Half of the writers are the plain `mlflow` client, half are ours; each is a process. The server's whole process group is
killed (SIGKILL) at random moments and started again a moment later. At the end every point, param, tag, file and end
of a run that a client was told is kept must be there, once and with its value; a batch that nobody was told of may be
there as a whole or not at all; and `attain store check` must find nothing.
"""

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from verdict import Found, compare

from attain.testing.postgresql import running_cluster
from attain.tracking.store import open_store

ATTAIN = [sys.executable, "-m", "attain.cli"]
WRITER = Path(__file__).with_name("writer.py")
AWAY_S = (0.2, 3.0)
"""How long the server stays away after a kill, at least and at most."""
GIVE_UP_S = 240.0
"""How long after the end a writer may still be at work, with the patience of its library."""


class Server:
    """The server, which can be killed and started again at the same address."""

    def __init__(self, store: str, workers: int, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        self._command = [*ATTAIN, "server", "--port", str(port), "--store", store, "--workers", str(workers)]

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(self._command, stdout=log, stderr=log, start_new_session=True)
        while not self._answers():
            if self._child.poll() is not None:
                raise SystemExit(f"The server did not start:\n{self._log.read_text()}")
            time.sleep(0.05)

    def end(self, sign: int) -> None:
        """Send a signal, if it still runs: SIGKILL to all its processes, another to the one that leads them."""
        if self._child.poll() is not None:
            return
        if sign == signal.SIGKILL:
            os.killpg(self._child.pid, sign)
        else:
            self._child.send_signal(sign)
        self._child.wait()

    def _answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
            return bool(answer.status == 200)
        return False


def main() -> int:
    chosen = options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        os.environ["ATTAIN_HOME"] = str(folder / "home")
        store = stack.enter_context(address(chosen.store, folder))
        server = Server(store, chosen.workers, folder / "server.log")
        server.start()
        try:
            killed_at = attack(server, chosen, folder)
            open_store(server.url).close()  # the next client to start sends what a journal still holds
            server.end(signal.SIGTERM)
        finally:
            server.end(signal.SIGKILL)
        whole = subprocess.run([*ATTAIN, "store", "check", "--store", store], capture_output=True, text=True)
        found = compare(store, sorted(folder.glob("*.notes")))
        return told(chosen, killed_at, found, whole, folder)


def attack(server: Server, chosen: argparse.Namespace, folder: Path) -> list[float]:
    """Let clients write, and kill the server meanwhile; after how many seconds that was."""
    draw = random.Random(chosen.seed)
    writers = [writer(server.url, number, chosen.rate, folder) for number in range(chosen.writers)]
    for one in writers:
        assert one.stdout
        assert one.stdout.readline() == "ready\n"
    begun, length = time.time(), chosen.minutes * 60
    for one in writers:
        assert one.stdin
        one.stdin.write(f"{begun + length}\n")
        one.stdin.flush()
    moments = sorted(draw.uniform(0.1, 0.9) * length for _ in range(chosen.kills))
    for moment in moments:
        time.sleep(max(0.0, begun + moment - time.time()))
        server.end(signal.SIGKILL)
        time.sleep(draw.uniform(*AWAY_S))
        server.start()
    for one in writers:
        status = one.wait(length + GIVE_UP_S)
        assert status == 0, f"a writer ended with status {status}"
    return moments


def writer(url: str, number: int, rate: float, folder: Path) -> "subprocess.Popen[str]":
    """A client; the even ones are MLflow's, the odd ones ours."""
    kind = ("mlflow", "attain")[number % 2]
    command = [sys.executable, str(WRITER), kind, url, str(folder / f"{number}-{kind}.notes"), str(rate)]
    with (folder / "writers.log").open("ab") as log:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=folder
        )


@contextmanager
def address(store: str, folder: Path) -> Iterator[str]:
    """The address of the store that is meant; a throw-away PostgreSQL lives as long as this is open."""
    if store == "postgresql":
        with running_cluster() as cluster:
            yield cluster.format(database="postgres")
    else:
        yield f"sqlite:///{folder / 'attain.db'}" if store == "sqlite" else store


def told(
    chosen: argparse.Namespace,
    killed_at: list[float],
    found: Found,
    whole: "subprocess.CompletedProcess[str]",
    folder: Path,
) -> int:
    """Print what was found; the exit status."""
    times = ", ".join(f"{moment:.1f} s" for moment in killed_at)
    print(f"{chosen.writers} writers, {chosen.minutes:g} minutes, store {chosen.store}, killed at {times}")
    for name, count in found.counts.items():
        print(f"  {name:34}{count:>10,}")
    print(f"  attain store check: {whole.stdout.strip() or whole.stderr.strip()}")
    for fault in found.faults[:20]:
        print(f"  FAULT {fault}")
    fine = not found.faults and whole.returncode == 0
    if not fine:
        print((folder / "writers.log").read_text()[-3_000:], (folder / "server.log").read_text()[-3_000:], sep="\n")
    print("Nothing was lost." if fine else f"{len(found.faults):,} faults.")
    return 0 if fine else 1


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--store", default="sqlite", help="`sqlite`, `postgresql`, or the address of an empty store")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1, help="processes of the server")
    parser.add_argument("--rate", type=float, default=20.0, help="batches a second and writer; 0: as many as it can")
    parser.add_argument("--seed", type=int, default=None)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
