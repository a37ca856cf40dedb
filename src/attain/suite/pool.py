"""Worker processes that take one job at a time: a worker that dies costs its one job.

Parent and worker speak lines of JSON over pipes, so a job is plain data and nothing is pickled. When the parent is
gone, however it went, the pipe closes and the worker stops at once.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from attain.suite.executor import Message
from attain.suite.resources import Room, this_machine

STOP_SECONDS = 5.0
"""How long a worker may take to leave in good order."""

DRAIN_SECONDS = 2.0
"""How long to read on what an ended process had said."""

_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)


@dataclass(eq=False)
class Worker:
    """One process; `need` is what its job takes, None when it is idle."""

    process: "subprocess.Popen[str]"
    pool: "Pool"
    n_threads: int
    need: Room | None = None
    run_id: str | None = None
    last_words: list[str] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    @property
    def where(self) -> str:
        """Here: all workers of a pool are alike."""
        return ""

    def takes(self, need: Room) -> bool:
        """Whether what the other workers leave is enough for a job."""
        return not self.pool.left.lacks(need)

    def close(self) -> None:
        """Let go of the pipes of a process that has ended; one that a child of it still holds closes with the child."""
        for thread in self.threads:
            thread.join(DRAIN_SECONDS)
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # a job that it never read
            self.process.stdin.close()


class Pool:
    """A fixed number of worker processes.

    Args:
        size: how many.
        threads: how many threads the numeric libraries of each may use, where a job does not say it.
        environment: variables that the processes get beside our own.
    """

    def __init__(self, size: int, threads: int = 1, *, environment: Mapping[str, str] | None = None) -> None:
        self._threads, self._environment = threads, environment or {}
        machine = this_machine()
        self.room = Room(max(machine.threads, size * threads), machine.memory_gb, machine.gpus)
        self._events: queue.Queue[tuple[Worker, Message]] = queue.Queue()
        self.workers = [self._start(threads) for _ in range(size)]

    @property
    def left(self) -> Room:
        """What the jobs at work leave of this machine."""
        left = self.room
        for worker in self.workers:
            left = left if worker.need is None else left.without(worker.need)
        return left

    def refused(self, need: Room) -> str:
        """See `Executor.refused`."""
        lacking = self.room.lacks(need)
        return f"{lacking} on this machine" if lacking else ""

    def idle(self) -> list[Worker]:
        """Workers without a job."""
        return [worker for worker in self.workers if worker.need is None]

    def give(self, worker: Worker, job: Message, need: Room) -> Worker:
        """Hand a job to an idle worker; one that is already dead is reported by `events`.

        Threads are a matter of how a process was started, so a worker with another number of them is replaced.
        """
        if worker.n_threads != need.threads:
            fresh = self._start(need.threads)
            self.workers[self.workers.index(worker)] = fresh
            _end([worker])
            worker = fresh
        worker.need, worker.run_id = need, None
        assert worker.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            worker.process.stdin.write(json.dumps(job) + "\n")
            worker.process.stdin.flush()
        return worker

    def events(self, timeout: float) -> Iterator[tuple[Worker, Message]]:
        """What workers said within `timeout` seconds: see `Executor.events`.

        A lost worker is replaced; its job is not given to the new one.
        """
        try:
            worker, message = self._events.get(timeout=timeout)
        except queue.Empty:
            return
        if worker not in self.workers:  # it was replaced
            return
        if message["event"] == "died":
            worker.close()
            self.workers[self.workers.index(worker)] = self._start(self._threads)
            words = f": {worker.last_words[-1]}" if worker.last_words else ""
            message = {"event": "died", "how": f"its process ended with status {message['code']}{words}"}
        elif message["event"] == "started":
            worker.run_id = message["run_id"]
        elif message["event"] == "done":
            worker.need = None
        yield worker, message

    def stop(self) -> None:
        """End every worker: in good order where it answers within seconds, at once where it does not."""
        _end(self.workers)

    def _start(self, threads: int) -> Worker:
        environment = os.environ | self._environment | {name: str(threads) for name in _THREAD_VARIABLES}
        process = subprocess.Popen(
            [sys.executable, "-m", "attain.suite.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
        )
        worker = Worker(process, self, threads)
        for target in (self._listen, _keep_last_lines, self._watch):
            worker.threads.append(threading.Thread(target=target, args=(worker,), daemon=True))
            worker.threads[-1].start()
        return worker

    def _listen(self, worker: Worker) -> None:
        assert worker.process.stdout is not None
        with worker.process.stdout as lines:
            for line in lines:
                try:
                    self._events.put((worker, json.loads(line)))
                except ValueError:  # half a line of a worker that was killed
                    worker.last_words.append(line.rstrip())

    def _watch(self, worker: Worker) -> None:
        """Say when the process ends; its pipe may stay open, held by a child that it left behind."""
        code = worker.process.wait()
        worker.threads[0].join(DRAIN_SECONDS)
        self._events.put((worker, {"event": "died", "code": code}))


def _end(workers: list[Worker]) -> None:
    for worker in workers:
        if worker.process.poll() is None:
            worker.process.send_signal(signal.SIGTERM)
    for worker in workers:
        try:
            worker.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            worker.process.wait()
        worker.close()


def _keep_last_lines(worker: Worker) -> None:
    """Drain what the worker prints, so that it never blocks, and keep the end of it for a message."""
    assert worker.process.stderr is not None
    with worker.process.stderr as lines:
        for line in lines:
            worker.last_words.append(line.rstrip())
            del worker.last_words[:-20]
