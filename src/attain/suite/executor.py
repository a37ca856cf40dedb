"""Where jobs are done: the seam between what a suite does next, and the processes that do it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from attain.suite.resources import Room

Message = dict[str, Any]  # JSON


class Place(Protocol):
    """Somewhere a job can be begun now."""

    @property
    def where(self) -> str:
        """Which machine or worker it is, so that a lost job can be begun elsewhere."""

    def takes(self, need: Room) -> bool:
        """Whether a job fits into what is free there."""


class Task(Protocol):
    """A job that was handed out."""

    run_id: str | None
    """The run that it began."""

    @property
    def where(self) -> str:
        """Where it is done."""


class Executor(Protocol):
    """Hands jobs out and hears of them; one that is lost there costs no other."""

    def refused(self, need: Room) -> str:
        """Why a job could never be begun here, in words; "" where it could."""

    def idle(self) -> Sequence[Place]:
        """Places where something is free."""

    def give(self, place: Any, job: Message, need: Room) -> Task:  # each executor has its own places
        """Hand a job to a place that takes it."""

    def events(self, timeout: float) -> Iterator[tuple[Task, Message]]:
        """What was heard within `timeout` seconds.

        Jobs' own events, and for a lost one `{"event": "died", "how": …}` with a half sentence that says how.
        """

    def stop(self) -> None:
        """End whatever is still being done."""


Start = Callable[[int, int], Executor]
"""Opens an executor for at most so many jobs at once, with so many threads where a job does not say how many."""
