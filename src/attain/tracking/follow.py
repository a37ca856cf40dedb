"""Sending the runs of this process on to an MLflow server while they go on, without making them wait."""

import logging
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from attain.tracking.entities import MetricPoint, Run
from attain.tracking.errors import Exists, Invalid, NotFound, Unavailable
from attain.tracking.rules import checked_point
from attain.tracking.sink import Sink
from attain.tracking.store_protocol import Store

SINK = "ATTAIN_SINK"
"""The variable with the address of an MLflow server that runs are sent to as they go on."""
PAUSE_S = 5.0
"""How long points are gathered; also how long to wait before a server that is away is tried again."""
CLOSE_S = 10.0
"""How long the end of the process waits for what is still to be sent."""
MOST_POINTS = 100_000
"""Points of a run that wait in memory; if there are more, its histories are read from the store when it ends."""

_log = logging.getLogger(__name__)
_Trouble = (Unavailable, Invalid, NotFound, Exists)


@dataclass
class _Followed:
    """What is still to be sent of a run.

    Attributes:
        complete: every point of the run has been in `points`.
        points: those that the server does not have yet.
        ended: the run has ended here.
        warned: that it could not be sent was said already.
    """

    complete: bool
    points: list[MetricPoint] = field(default_factory=list)
    ended: bool = False
    warned: bool = False


def wanted(store: Store, environment: Mapping[str, str] = os.environ) -> "Follower | None":
    """What follows the runs of a store, if `ATTAIN_SINK` names a server; a wrong address is a warning."""
    if not (uri := environment.get(SINK, "")):
        return None
    try:
        return Follower(Sink(store, uri, patience_s=0.0))
    except Invalid as error:
        _log.warning("Runs are not sent on. %s: %s", SINK, error)
        return None


class Follower:
    """Runs of this process on their way to a sink; safe to use from several threads.

    A thread sends every 5 s what is new of each run. No call waits for the server; only `close` does, for 10 s at most.
    What a server that is away has missed is sent when it is back, by this process or later by `attain export mlflow`.
    """

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._runs: dict[str, _Followed] = {}
        self._lock = threading.Lock()
        self._wake = threading.Condition(self._lock)
        self._hurry = self._closing = self._away = False
        self._thread = threading.Thread(target=self._work, name="attain-sink", daemon=True)
        self._thread.start()

    def begin(self, run: Run) -> None:
        """Follow a run from now on; points that it has already are sent when it ends."""
        with self._lock:
            new = not run.latest and run.run_id not in self._runs
            self._runs[run.run_id] = _Followed(complete=new)

    def note(self, run_id: str, points: Sequence[MetricPoint]) -> None:
        """These points were logged; those of runs that are not followed are left out."""
        with self._lock:
            if (run := self._runs.get(run_id)) is None:
                return
            run.points += [checked_point(point) for point in points]
            if len(run.points) > MOST_POINTS:
                run.points, run.complete = [], False

    def end(self, run_id: str) -> None:
        """A run has ended: what is left of it is sent soon."""
        with self._wake:
            if (run := self._runs.get(run_id)) is not None:
                run.ended = self._hurry = True
                self._wake.notify()

    def close(self) -> None:
        """Send what is left, as far as that goes within 10 s, and stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        self._thread.join(CLOSE_S)
        with self._lock:
            left = sorted(self._runs)
        if left:
            _log.warning(
                "%d runs are not wholly on %s. `attain export mlflow %s %s` sends the rest.",
                len(left),
                self._sink.address,
                self._sink.address,
                " ".join(left[:3]) + (" …" if len(left) > 3 else ""),
            )

    def _work(self) -> None:
        closing = False
        while not closing:
            with self._wake:
                self._wait()
                closing, self._hurry = self._closing, False
                runs = list(self._runs)
            for run_id in runs:
                if not self._try(run_id):
                    break

    def _wait(self) -> None:
        """Until it is time again, or at once if a run has ended; a server that is away gets its pause. Lock held."""
        until = time.monotonic() + PAUSE_S
        while not self._closing and (self._away or not self._hurry) and (left := until - time.monotonic()) > 0:
            self._wake.wait(left)

    def _try(self, run_id: str) -> bool:
        """Send what is new of a run; whether it is worth going on with the next."""
        run = self._runs[run_id]
        try:
            self._send(run_id, run)
        except _Trouble as error:
            if not run.warned:
                _log.warning("Run %s is not sent to %s for now. %s", run_id, self._sink.address, error)
            run.warned, self._away = True, isinstance(error, Unavailable)
            return not self._away
        if run.warned:
            _log.info("Run %s is sent to %s again.", run_id, self._sink.address)
        run.warned = self._away = False
        return True

    def _send(self, run_id: str, run: _Followed) -> None:
        with self._lock:
            points, ended = run.points, run.ended
            run.points = []
        try:
            self._sink.follow(run_id, points)
            if ended:
                self._sink.send(run_id, followed=run.complete)
        except _Trouble:
            with self._lock:
                run.points = points + run.points
            raise
        with self._lock:
            if ended and self._runs[run_id] is run:  # it may have been taken up again meanwhile
                del self._runs[run_id]
