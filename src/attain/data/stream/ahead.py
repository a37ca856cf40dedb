"""The next thing is made while the last one is worked on."""

from collections.abc import Iterable, Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
_LOOK_S = 0.2


def ahead(things: Iterable[T]) -> Iterator[T]:
    """The same things in the same order; the next is made by a thread of its own, one at most.

    What making raises is raised here. When this is closed early, the thread ends after the thing it is at.
    """
    made: Queue[tuple[T | None, BaseException | None]] = Queue(maxsize=1)
    stop = Event()

    def put(thing: T | None, error: BaseException | None) -> None:
        while not stop.is_set():
            try:
                made.put((thing, error), timeout=_LOOK_S)
                return
            except Full:
                continue

    def make() -> None:
        try:
            for thing in things:
                put(thing, None)
                if stop.is_set():
                    return
        except BaseException as error:  # noqa: BLE001  # raised again by who takes
            put(None, error)
            return
        put(None, None)

    thread = Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            thing, error = made.get()
            if error is not None:
                raise error
            if thing is None:
                return
            yield thing
            del thing
    finally:
        stop.set()
        thread.join()
