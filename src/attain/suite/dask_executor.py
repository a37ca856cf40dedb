"""Jobs on the workers of a Dask cluster, as `attain.suite.executor` has it.

Each job is sent to one worker and no other, so that Dask never moves or repeats it by itself: a lost worker costs the
jobs it was doing, and the suite decides what becomes of them.
"""

import contextlib
import logging
import queue
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from attain.core.errors import UserError
from attain.suite import dask_job
from attain.suite.executor import Message
from attain.suite.pool import STOP_SECONDS
from attain.suite.resources import GB, Room

if TYPE_CHECKING:
    from distributed import Client, Future

logger = logging.getLogger(__name__)

AWAY_SECONDS = 10.0
"""How long a scheduler may be out of reach before a suite gives up."""


@dataclass(frozen=True)
class DaskPlace:
    """A worker of the cluster with what is free there."""

    executor: "DaskExecutor"
    where: str
    left: Room

    def takes(self, need: Room) -> bool:
        """See `Place.takes`."""
        return not self.executor.is_full and not self.left.lacks(need)


@dataclass(eq=False)
class DaskTask:
    """A job at a worker."""

    where: str
    need: Room
    future: "Future[Message]"
    run_id: str | None = None
    said: dict[str, Any] = field(default_factory=dict)


class DaskExecutor:
    """A client of a scheduler.

    Args:
        client: which hands out jobs.
        size: how many jobs at once, at most.
        refuses: why a worker cannot be used, given what it said of itself; "" where it can.
        marker: a file in our home.
        environment: variables for the processes that do jobs, given what the worker said.
    """

    def __init__(
        self,
        client: "Client",
        size: int,
        *,
        refuses: Callable[[str, Mapping[str, Any]], str],
        marker: str,
        environment: Callable[[Mapping[str, Any]], dict[str, str]],
    ) -> None:
        self._client, self._size, self._refuses, self._marker = client, size, refuses, marker
        self._environment, self._address = environment, str(client.scheduler_info(n_workers=0)["address"])
        self._topic = f"attain-{uuid.uuid4().hex}"
        self._tasks: dict[str, DaskTask] = {}
        self._known: dict[str, dict[str, str] | None] = {}  # address to its environment; None where it is refused
        self._events: queue.Queue[tuple[str, Message]] = queue.Queue()
        self._there: Mapping[str, Any] = {}
        self._heard_of = time.monotonic()
        client.subscribe_topic(self._topic, self._hear)
        reasons = [reason for reason in self._meet() if reason]
        if reasons:
            raise UserError(reasons[0])
        if not self._rooms():
            raise UserError(f"The Dask scheduler at {self._address} has no workers. Start some, then run this again.")

    @property
    def is_full(self) -> bool:
        """Whether as many jobs are handed out as may be."""
        return len(self._tasks) >= self._size

    def refused(self, need: Room) -> str:
        """See `Executor.refused`."""
        rooms = sorted(self._rooms().values(), key=lambda room: (room.gpus, room.threads, room.memory_gb))
        lacking = [room.lacks(need) for room in rooms]
        return f"{lacking[-1]} on the largest of the workers of {self._address}" if all(lacking) else ""

    def idle(self) -> Sequence[DaskPlace]:
        """Workers with something free, the emptiest first."""
        if self.is_full or self._client.status != "running":
            return []
        self._meet()
        left = self._rooms()
        for task in self._tasks.values():
            if task.where in left:
                left[task.where] = left[task.where].without(task.need)
        places = [DaskPlace(self, where, room) for where, room in left.items() if room.threads > 0]
        return sorted(places, key=lambda place: -place.left.threads)

    def give(self, place: DaskPlace, job: Message, need: Room) -> DaskTask:
        """See `Executor.give`."""
        key = f"attain-{uuid.uuid4().hex}"
        future = self._client.submit(
            dask_job.do_job,
            job,
            self._topic,
            need.threads,
            self._known[place.where],
            key=key,
            workers=[place.where],
            allow_other_workers=False,
            pure=False,
            retries=0,
        )
        task = self._tasks[key] = DaskTask(place.where, need, future)
        future.add_done_callback(self._ended)
        return task

    def events(self, timeout: float) -> Iterator[tuple[DaskTask, Message]]:
        """See `Executor.events`.

        Raises:
            UserError: the scheduler is gone.
        """
        if not self._is_connected():
            time.sleep(timeout)  # what jobs say is heard when the scheduler is back
            return
        self._look_for_lost()
        try:
            key, message = self._events.get(timeout=timeout)
        except queue.Empty:
            return
        task = self._tasks.get(key)
        if task is None:
            return
        if message["event"] == "started":
            task.run_id = message["run_id"]
        elif message["event"] in ("done", "died"):
            del self._tasks[key]
            task.future.release()
        yield task, message

    def stop(self) -> None:
        """See `Executor.stop`; processes that do not answer within seconds end with their worker's next look."""
        begun = {key for key, task in self._tasks.items() if task.run_id is not None}
        with contextlib.suppress(Exception):  # a scheduler that is gone has nothing to cancel
            self._client.cancel([task.future for task in self._tasks.values()], asynchronous=False)
            end = time.monotonic() + STOP_SECONDS
            while begun and (left := end - time.monotonic()) > 0:
                with contextlib.suppress(queue.Empty):
                    key, message = self._events.get(timeout=left)
                    if message["event"] == "stopped":
                        begun.discard(key)
            self._tasks.clear()
            self._client.run(dask_job.end_idle, self._topic, on_error="ignore")
        self._tasks.clear()

    def _rooms(self) -> dict[str, Room]:
        """What each worker has in all."""
        return {
            where: Room(
                facts["nthreads"],
                facts["memory_limit"] / GB if facts["memory_limit"] else float("inf"),
                int(facts["resources"].get("GPU", 0)),
            )
            for where, facts in self._workers().items()
            if self._known.get(where) is not None
        }

    def _workers(self) -> Mapping[str, Any]:
        """What the scheduler knows of each worker, by address; while it is away, what it last said.

        It is asked itself: what `Client.scheduler_info` gives may be a copy without workers, refreshed in between.
        """
        if (scheduler := self._client.scheduler) is not None:
            with contextlib.suppress(OSError):
                self._there = self._client.sync(scheduler.identity, n_workers=-1)["workers"]
        return self._there

    def _meet(self) -> list[str]:
        """Ask workers that are new who they are; why each of them cannot be used, "" where it can."""
        new = [where for where in self._workers() if where not in self._known]
        if not new:
            return []
        found = self._client.run(dask_job.look_around, self._marker, workers=new, on_error="return")
        reasons = []
        for where, facts in found.items():
            if isinstance(facts, OSError):  # it left again
                continue
            reason = f"it cannot run attain ({facts})" if isinstance(facts, Exception) else self._refuses(where, facts)
            reasons.append(f"Dask worker {where}: {reason}" if reason else "")
            self._known[where] = None if reason else self._environment(facts)
            if reason:
                logger.warning("%s It gets no jobs.", reasons[-1])
        return reasons

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        _, message = event
        self._events.put((message.pop("key"), message))

    def _ended(self, future: "Future[Message]") -> None:
        key = str(future.key)
        if future.status == "finished":
            self._events.put((key, future.result()))
        elif future.status == "error":
            self._events.put((key, {"event": "died", "how": f"Dask could not do it: {future.exception()}"}))
        else:
            self._events.put((key, {"event": "died", "how": "the Dask scheduler forgot it"}))

    def _is_connected(self) -> bool:
        status = self._client.status
        if status == "running":
            self._heard_of = time.monotonic()
        elif status == "closed" or time.monotonic() - self._heard_of > AWAY_SECONDS:
            raise UserError(f"The Dask scheduler at {self._address} is gone; what is finished stays finished.")
        return status == "running"

    def _look_for_lost(self) -> None:
        there = self._workers()
        for key, task in self._tasks.items():
            if task.where not in there and not task.future.done():
                self._events.put((key, {"event": "died", "how": f"Dask worker {task.where} was lost"}))
                task.future.cancel()
