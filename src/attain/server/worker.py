"""Where the work of requests is done: off the event loop; for SQLite by one thread that commits many writes at once."""

import asyncio
import queue
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from attain.core.errors import UserError
from attain.tracking.errors import Unavailable

T = TypeVar("T")

MOST_TOGETHER = 64
"""Writes that one transaction takes at most, so that none waits long."""


class Writes(Protocol):
    """A place that requests write to."""

    @property
    def single_writer(self) -> bool:
        """Whether it has one writer at a time, so that writes gain from being done `together`."""
        ...

    def together(self) -> AbstractContextManager[None]:
        """Make one transaction of all that this thread writes within; each part can be refused alone."""
        ...


@dataclass(frozen=True)
class _Job(Generic[T]):
    """Something to do, and where its outcome is waited for."""

    work: Callable[[], T]
    outcome: "asyncio.Future[T]"
    loop: asyncio.AbstractEventLoop


@dataclass(frozen=True)
class _Done:
    job: "_Job[Any]"  # of any result
    result: object = None
    error: BaseException | None = None


class Worker:
    """Does what requests ask of the store.

    Reads go to a few threads. Writes to SQLite, which has one writer at a time, go to one thread; what waits there is
    written in one transaction, each in a savepoint of its own, and answered once that is kept. Other databases take
    several writers, and group their commits themselves.
    """

    def __init__(self, store: Writes, threads: int) -> None:
        self._store = store
        self._pool = ThreadPoolExecutor(threads, "attain-work")
        self._waiting: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()  # jobs of any result
        self._writer: threading.Thread | None = None
        if store.single_writer:
            self._writer = threading.Thread(target=self._write_on, name="attain-write", daemon=True)
            self._writer.start()

    async def read(self, work: Callable[[], T]) -> T:
        """What some work gives that may take time but writes nothing to the store."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def write(self, work: Callable[[], T]) -> T:
        """What some work gives that writes to the store, once that is kept."""
        if self._writer is None:
            return await self.read(work)
        loop = asyncio.get_running_loop()
        job: _Job[T] = _Job(work, loop.create_future(), loop)
        self._waiting.put(job)
        result: T = await job.outcome
        return result

    def close(self) -> None:
        """Finish what waits, then end the threads."""
        self._waiting.put(None)
        if self._writer is not None:
            self._writer.join()
        self._pool.shutdown()

    def _write_on(self) -> None:
        going = True
        while going:
            jobs = [self._waiting.get()]
            while jobs[-1] is not None and len(jobs) < MOST_TOGETHER and not self._waiting.empty():
                jobs.append(self._waiting.get())
            going = jobs[-1] is not None
            if wanted := [job for job in jobs if job is not None]:
                _tell(self._together(wanted) if len(wanted) > 1 else [_done(wanted[0])])

    def _together(self, jobs: list[_Job[Any]]) -> list[_Done]:
        """Do jobs in one transaction; where that breaks, each in its own."""
        try:
            with self._store.together():
                return [_done(job, breaking=True) for job in jobs]
        except Exception:  # noqa: BLE001 - whatever it was, nothing is kept; alone, each job meets its own error again
            return [_done(job) for job in jobs]


def _done(job: _Job[Any], *, breaking: bool = False) -> _Done:
    """Do a job; `breaking` raises what is more than a refusal."""
    try:
        return _Done(job, job.work())
    except UserError as error:
        if breaking and isinstance(error, Unavailable):
            raise
        return _Done(job, error=error)
    except Exception as error:
        if breaking:
            raise
        return _Done(job, error=error)


def _tell(done: list[_Done]) -> None:
    """Hand outcomes to the event loops that wait for them."""
    for loop in {one.job.loop for one in done}:
        loop.call_soon_threadsafe(_settle, [one for one in done if one.job.loop is loop])


def _settle(done: list[_Done]) -> None:
    for one in done:
        if one.job.outcome.done():  # nobody waits any more
            continue
        if one.error is not None:
            one.job.outcome.set_exception(one.error)
        else:
            one.job.outcome.set_result(one.result)
