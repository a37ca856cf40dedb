"""What the fluent verbs share in a process: the store, the writer, the experiment, the runs that are open."""

import contextlib
import os
import sys
import threading
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import replace
from types import TracebackType
from typing import Self

from attain.tracking.entities import MetricPoint, Run, RunData, RunInfo, Status
from attain.tracking.errors import Invalid, Unavailable
from attain.tracking.follow import Follower, wanted
from attain.tracking.liveness import now_ms
from attain.tracking.store import default_uri, open_store
from attain.tracking.store_protocol import Store
from attain.tracking.writer import Writer

RUN_ID = "ATTAIN_RUN_ID"
"""The variable with the id of a run that another process began for this one to log into, and will end."""

_stack: ContextVar[tuple[str, ...]] = ContextVar("attain_active_runs", default=())
"""Ids of the open runs around the present code, the innermost last; every thread and task has its own."""


class ActiveRun:
    """An open run; as a context manager it ends the run, as failed if an exception goes through."""

    def __init__(self, session: "Session", run: Run, *, lent: bool = False) -> None:
        self._session, self._run = session, run
        self.run_id, self.experiment_id, self.name = run.run_id, run.experiment_id, run.name
        self.pid, self.lent = os.getpid(), lent

    def __repr__(self) -> str:
        return f"<ActiveRun {self.name} {self.run_id}>"

    @property
    def info(self) -> RunInfo:
        """What the run is: as it was started, and how this process ended it."""
        return self._run.info

    @property
    def data(self) -> RunData:
        """What was logged to it so far, read from the store."""
        return self._session.read(self.run_id).data

    def note_end(self, status: Status, now: int) -> None:
        """The run has ended, at `now` in ms."""
        self._run = replace(self._run, status=status, end_time=now)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.end(self.run_id, status_after(error))


def status_after(error: BaseException | None) -> Status:
    """How a run ended that this exception (or none) ended."""
    if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
        return "FINISHED"
    return "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED"


class Session:
    """The state behind the fluent verbs. There is one a process; everything opens at first use."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._uri: str | None = None
        self._opened: tuple[Store, Writer] | None = None
        self._follower: Follower | None = None
        self._open: dict[str, ActiveRun] = {}
        self._experiment_id: str | None = None
        self._had: set[str] = set()
        self._lent_experiment = ""
        os.register_at_fork(after_in_child=self._renew_lock)

    @property
    def uri(self) -> str:
        """The address of the store in use."""
        return self._uri or default_uri()

    @property
    def store(self) -> Store:
        """The store, opened now if it was not."""
        return self._both()[0]

    @property
    def writer(self) -> Writer:
        """The writer of the store."""
        return self._both()[1]

    @property
    def experiment_id(self) -> str:
        """Where new runs go: the experiment that was set, else that of a lent run, else `Default`."""
        return self._experiment_id or self._lent_experiment or "0"

    def use_store(self, uri: str | None) -> None:
        """Change to another store; None for the default one."""
        with self._lock:
            if self._open:
                raise Invalid(f"{next(iter(self._open.values()))!r} is open; end it before changing the store.")
            self._close()
            self._uri, self._experiment_id = uri, None

    def use_experiment(self, experiment_id: str) -> None:
        """Put new runs into another experiment."""
        self._experiment_id = experiment_id

    def active(self) -> ActiveRun | None:
        """The innermost open run of this thread or task."""
        open_here = [run_id for run_id in _stack.get() if run_id in self._open]
        return self._open[open_here[-1]] if open_here else None

    def read(self, run_id: str) -> Run:
        """A run as it stands now, with everything that this process has logged to it."""
        self.writer.flush()
        return self.store.get_run(run_id)

    def log(self, run_id: str, points: Sequence[MetricPoint]) -> None:
        """Log points of metrics; see `Writer.log`."""
        self.writer.log(run_id, points)
        if self._follower is not None:
            self._follower.note(run_id, points)

    @property
    def lent(self) -> str:
        """The id of the run that `ATTAIN_RUN_ID` names; "" for none."""
        return os.environ.get(RUN_ID, "")

    def has_had(self, run_id: str) -> bool:
        """Whether a run has been the active one of this process before."""
        return run_id in self._had

    def push(self, run: Run) -> ActiveRun:
        """Make a run the active one, and say from time to time that it lives; of a lent one its owner says that."""
        active = ActiveRun(self, run, lent=run.run_id == self.lent)
        if active.lent:
            self._lent_experiment = run.experiment_id
        else:
            self.writer.attend(run.run_id)
        self._had.add(run.run_id)
        with self._lock:
            self._open[run.run_id] = active
            if self._follower is None:
                self._follower = wanted(self.store)
            if self._follower is not None:
                self._follower.begin(run)
        _stack.set((*_stack.get(), run.run_id))
        return active

    def end(self, run_id: str, status: Status) -> None:
        """Write what is left of an open run and give it its end; nothing if it has ended already.

        A forked child may log to the runs of its parent, but does not end them.
        """
        _stack.set(tuple(one for one in _stack.get() if one != run_id))
        with self._lock:
            ended = self._open.pop(run_id, None)
        if ended is None or ended.pid != os.getpid():
            return
        if not ended.lent:
            self.writer.end(run_id, status)
        else:
            with contextlib.suppress(Unavailable):  # what is left waits in the journal, as at any end
                self.writer.flush()
        ended.note_end(status, now_ms())
        if self._follower is not None:
            self._follower.end(run_id)

    def finish(self) -> None:
        """At the end of the process: end what is open (as failed if the script died of an exception), close all."""
        status = _status_of_script()
        with contextlib.ExitStack() as each:
            each.callback(self._close)
            for run_id in list(self._open):
                each.callback(self.end, run_id, status)

    def _both(self) -> tuple[Store, Writer]:
        with self._lock:
            if self._opened is None:
                store = open_store(self.uri)
                self._opened = (store, Writer(store))
            return self._opened

    def _close(self) -> None:
        with self._lock:
            if self._opened is not None:
                store, writer = self._opened
                writer.close()
                if self._follower is not None:
                    self._follower.close()
                store.close()
            self._opened = self._follower = None

    def _renew_lock(self) -> None:
        """In a forked child the lock might be held by a thread that the child does not have; nobody follows there."""
        self._lock, self._follower = threading.RLock(), None


def _status_of_script() -> Status:
    """The interpreter keeps the exception that ended a script; at a prompt it says nothing about the runs."""
    interactive = hasattr(sys, "ps1") or bool(sys.flags.interactive)
    return status_after(None if interactive else getattr(sys, "last_value", None))
