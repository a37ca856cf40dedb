"""What a Dask worker does: hands a job to a process of its own, listens to it, and ends it when nobody wants it.

A thread of a Dask worker cannot be stopped, a process can. The process is kept for the next job of the same suite, for
starting one takes longer than many a job; one that nothing asks for any more ends by itself.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from distributed import get_worker

from attain.core.fingerprint import of_file, of_json
from attain.suite.executor import Message
from attain.suite.pool import Pool
from attain.suite.resources import Room
from attain.tracking.liveness import machine

IDLE_SECONDS = 60.0
"""How long a process waits for another job of its suite."""
LISTEN_SECONDS = 0.1
"""How often a job asks whether anybody still wants it."""
TELL_SECONDS = 0.2
"""The shortest time between two words of a job about its progress."""

_Kind = tuple[str, int]  # the suite's topic, and the threads that a process was started with
_idle: dict[_Kind, list[Pool]] = {}
_lock = threading.Lock()


def do_job(message: Message, topic: str, threads: int, environment: dict[str, str]) -> Message:
    """Do a job; its events go to a topic, each with the job's Dask key.

    Args:
        message: as a worker process reads it.
        topic: to which the suite listens, and no other.
        threads: of the numeric libraries.
        environment: variables for the process.

    Returns:
        Its last event: `done`, `died`, or `stopped` where it was cancelled.
    """
    key = str(get_worker().get_current_task())
    with _process(topic, threads, environment) as pool:
        pool.give(pool.workers[0], message, Room(threads))
        progress, told = Message(), 0.0
        while _is_wanted(key):
            for _, event in pool.events(LISTEN_SECONDS):
                if event["event"] in ("done", "died"):
                    return event
                if event["event"] == "progress":
                    progress = event
                else:
                    get_worker().log_event(topic, {"key": key, **event})
            if progress and time.monotonic() - told > TELL_SECONDS:
                get_worker().log_event(topic, {"key": key, **progress})
                progress, told = Message(), time.monotonic()
        pool.stop()
    get_worker().log_event(topic, {"key": key, "event": "stopped"})
    return {"event": "stopped"}


def look_around(marker: str) -> dict[str, Any]:
    """What a suite must know of a worker before it hands it jobs.

    Args:
        marker: a file in the home of who asks.
    """
    return {
        "machine": machine(),
        "shares_home": Path(marker).is_file(),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "code": code_of_attain(),
    }


def code_of_attain() -> str:
    """Fingerprint of attain's own code, as it lies on disk."""
    package = Path(__file__).resolve().parents[1]
    return of_json({str(path.relative_to(package)): of_file(path) for path in sorted(package.rglob("*.py"))})


def _is_wanted(key: str) -> bool:
    """Whether the scheduler still wants a task; when its client is gone, or has cancelled it, it does not."""
    task = get_worker().state.tasks.get(key)
    return task is not None and task.state in ("executing", "long-running")


@contextmanager
def _process(topic: str, threads: int, environment: dict[str, str]) -> Iterator[Pool]:
    """A process for one job: one that waits, else a new one."""
    kind = (topic, threads)
    with _lock:
        waiting = _idle.get(kind)
        pool = waiting.pop() if waiting else None
    pool = pool or Pool(1, threads, environment=environment)
    try:
        yield pool
    except BaseException:
        pool.stop()
        raise
    if all(worker.process.poll() is None for worker in pool.workers):
        with _lock:
            _idle.setdefault(kind, []).append(pool)
        timer = threading.Timer(IDLE_SECONDS, end_idle, [topic, pool])
        timer.daemon = True
        timer.start()


def end_idle(topic: str, only: Pool | None = None) -> None:
    """End the processes of a suite that wait, or one of them."""
    with _lock:
        ended = []
        for kind in [kind for kind in _idle if kind[0] == topic]:
            ended += [pool for pool in _idle[kind] if only in (None, pool)]
            _idle[kind] = [pool for pool in _idle[kind] if pool not in ended]
    for pool in ended:
        pool.stop()
