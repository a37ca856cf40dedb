"""Writing metrics without waiting for the store, and without losing any."""

import logging
import os
import threading
import time
import weakref
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from attain.tracking.entities import MetricPoint, Status
from attain.tracking.errors import Unavailable
from attain.tracking.journal import Ending, Entry, Journal, Point
from attain.tracking.liveness import now_ms
from attain.tracking.recovery import FOLDER, PIECE, end_runs
from attain.tracking.rules import checked_point
from attain.tracking.store_protocol import Store

GATHER_S = 0.2
FULL = 1_000
RETRY_S = 1.0
BEAT_S = 10.0
LONGEST_JOURNAL = 32 << 20

_log = logging.getLogger(__name__)


class Writer:
    """Metrics of this process on their way to the store; safe to use from several threads.

    A point is in a journal on disk before `log` returns. A thread writes the points to the store about every 0.2 s
    and says every 10 s that the attended runs live. While the store is locked or away, it holds on and tries again
    every second; `log` and `end` do not wait for it.

    A process that is killed loses nothing: the next `open_store` takes its journal in.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._forget()
        _survive_fork(self)

    def _forget(self) -> None:
        """The state of a writer that has written nothing yet."""
        self._journal: Journal | None = None
        self._thread: threading.Thread | None = None
        self._points: list[Point] = []
        self._endings: list[Ending] = []
        self._away = False
        self._attended: set[str] = set()
        self._lock = threading.Lock()  # journal, points, endings, attended
        self._flushing = threading.Lock()  # one batch at a time; taken before _lock
        self._some, self._hurry, self._stop = threading.Event(), threading.Event(), threading.Event()

    def log(self, run_id: str, points: Sequence[MetricPoint]) -> None:
        """Add points to a run; they outlive this process once this returns.

        Raises:
            Invalid: a point breaks a rule; none is logged.
            Unavailable: the journal cannot be written; none is logged.
        """
        checked = [(run_id, checked_point(point)) for point in points]
        if not checked:
            return
        with self._lock:
            self._started()
            self._note(checked)
            self._points += checked
            long = self._journal is not None and self._journal.size > LONGEST_JOURNAL
            if len(self._points) >= FULL:
                self._hurry.set()
        if long and not self._away:
            self._try_flush()

    def attend(self, run_id: str) -> None:
        """Say that a run lives, now and from time to time, until `leave`."""
        self._store.heartbeat([run_id])
        with self._lock:
            self._started()
            self._attended.add(run_id)

    def leave(self, run_id: str) -> None:
        """Write what is left and say no longer that a run lives; its owner has set its status or will."""
        with self._lock:
            self._attended.discard(run_id)
        self.flush()

    def end(self, run_id: str, status: Status) -> None:
        """Write what is left of a run and how it ended; while the store is away both wait in the journal.

        Raises:
            Unavailable: the store will not take it later either, e.g. because it is read-only.
        """
        try:
            self.leave(run_id)
            self._store.heartbeat([])  # a server that is away says so here at once, and is not waited for
            self._store.update_run(run_id, status=status)
        except Unavailable as error:
            if not error.passing:
                raise
            ending = Ending(run_id, status, now_ms())
            with self._lock:
                self._started()
                self._note([ending])
                self._endings.append(ending)
            _log.warning("The end of run %s waits in the journal. %s", run_id, error)

    def flush(self) -> None:
        """Write every point that was logged so far to the store.

        Raises:
            Unavailable: the store cannot be written to; the points stay in the journal and are tried again.
        """
        with self._flushing:
            with self._lock:
                batch, endings = list(self._points), list(self._endings)
            for start in range(0, len(batch), PIECE):
                if lost := self._store.add_points(batch[start : start + PIECE]):
                    _log.error("Metrics were logged to runs that do not exist: %s", ", ".join(sorted(lost)))
            if endings:
                self._store.heartbeat([])  # as in `end`
                end_runs(self._store, endings)
            with self._lock:
                del self._points[: len(batch)]
                del self._endings[: len(endings)]
                if not self._points and not self._endings:
                    self._some.clear()
                    self._hurry.clear()
                    if self._journal is not None:
                        self._journal.clear()

    def close(self) -> None:
        """Write what is left and end the thread; the writer can be used again afterwards."""
        with self._lock:
            thread, self._thread = self._thread, None
            self._attended.clear()
            for event in (self._stop, self._some, self._hurry):
                event.set()
        if thread is not None:
            thread.join()
        self._try_flush()
        with self._lock:
            if self._points or self._endings:
                assert self._journal is not None
                _log.warning(
                    "%d metric points wait in %s; the next start takes them in.", len(self._points), self._journal.path
                )
            if self._journal is not None:
                self._journal.close()
            self._journal, self._points, self._endings = None, [], []
            for event in (self._stop, self._some, self._hurry):
                event.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _note(self, entries: Sequence[Entry]) -> None:
        """Put entries on disk, for the thread to write to the store; the lock is held."""
        if self._journal is None:
            self._journal = Journal(self._store.folder / FOLDER, self._store.name)
        self._journal.append(entries)
        self._some.set()

    def _started(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="attain-writer", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        beat_at = time.monotonic() + BEAT_S
        while not self._stop.is_set():
            self._some.wait(max(0.0, beat_at - time.monotonic()))
            self._hurry.wait(GATHER_S)
            if self._stop.is_set():
                return
            if not self._try_flush():
                self._stop.wait(RETRY_S)
            if time.monotonic() >= beat_at:
                self._beat()
                beat_at = time.monotonic() + BEAT_S

    def _beat(self) -> None:
        with self._lock:
            runs = sorted(self._attended)
        if runs:
            try:
                self._store.heartbeat(runs)
            except Unavailable as error:
                _log.warning("A sign of life of %d runs could not be written. %s", len(runs), error)

    def _try_flush(self) -> bool:
        try:
            self.flush()
        except Unavailable as error:
            if not self._away:
                _log.warning("Metrics stay in the journal for now. %s", error)
            self._away = True
            return False
        if self._away:
            _log.info("The store is back; what was in the journal is written.")
        self._away = False
        return True


def _survive_fork(writer: Writer) -> None:
    """A forked child starts with an empty writer of its own; the parent's points and runs are the parent's."""
    kept = weakref.ref(writer)

    def before() -> None:
        if (living := kept()) is not None:
            living._flushing.acquire()
            living._lock.acquire()

    def in_parent() -> None:
        if (living := kept()) is not None:
            living._lock.release()
            living._flushing.release()

    def in_child() -> None:
        if (living := kept()) is not None:
            if living._journal is not None:
                living._journal.forget_in_child()
            living._forget()

    os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=in_child)
