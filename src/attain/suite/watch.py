"""A suite that runs by itself when its data change: by content, once what is written has come to rest, once for all.

What was done is kept in the store, as a run whose key is the content and the suite: so it does not matter who watches,
how often, or under what name the files lie. A failure is tried again later, and stops nothing.
"""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from attain.core.errors import UserError
from attain.core.fingerprint import of_json
from attain.suite.record import KIND, SUITE
from attain.tracking import artifacts
from attain.tracking.entities import KEY_TAG
from attain.tracking.store import Store
from attain.tracking.writer import Writer

CONTENT, PLACE, MADE = "attain.watch.content", "attain.watch.path", "attain.watch.suite_run"
PATIENCE_S, MOST_PATIENCE_S = 60.0, 3600.0
"""How long a failure waits before it is tried again: twice as long each time, up to the latter."""
Signs = tuple[object, ...]
"""What is found out at each look, to tell whether something may have changed."""
What = Literal["waiting", "settling", "nothing new", "busy", "ran", "failed"]
Work = Callable[[], str]
"""Runs the suite on the data as they are; the id of its run."""

_log = logging.getLogger(__name__)


class Watched(Protocol):
    """Data that may change: files, an address, a table."""

    @property
    def name(self) -> str:
        """How people and the store call it: without a password, a key or whatever else opens doors."""
        ...

    def signs(self) -> Signs:
        """What may have changed; empty where there is nothing yet."""
        ...

    def content(self) -> str:
        """The fingerprint of what is there."""
        ...

    def put(self) -> None:
        """See to it that what `content` told of lies where the suite reads it."""
        ...


@dataclass(frozen=True)
class Event:
    """What a look at the data came to.

    Attributes:
        what: `waiting` for the data to be there, `settling` while it is being written, `nothing new`, `busy` where
            another process is at work on the same content, `ran`, or `failed`.
        said: a sentence for people.
        suite_run: the run of the suite, where it ran.
    """

    what: What
    said: str
    suite_run: str = ""


class Watch:
    """Looks at data, and has a suite run once for each content.

    Args:
        watched: the data.
        suite: name of the suite, and of its experiment.
        text: gives the suite's text as it is now: other text, other run.
        work: runs the suite.
        store: where is kept what was done.
    """

    def __init__(self, watched: Watched, suite: str, text: Callable[[], str], work: Work, store: Store) -> None:
        self._watched, self._suite, self._text, self._work, self._store = watched, suite, text, work, store
        self._before: Signs | None = None
        self._known: tuple[Signs, str] | None = None
        self._tried: dict[str, tuple[int, float]] = {}  # key to how often it failed, and when to try again

    def look(self, now: float, *, settled: bool = False) -> Event:
        """Look once, and run the suite if there is new content at rest.

        Args:
            now: in seconds, from any start.
            settled: whether the data count as at rest though this is the first look; else two looks must see the same.
        """
        try:
            signs = self._watched.signs()
            if not signs:
                self._before = None
                return Event("waiting", f"{self._watched.name} is not there yet, or is empty.")
            rested, self._before = settled or signs == self._before, signs
            if not rested:
                return Event("settling", f"{self._watched.name} has changed; waiting until it is at rest.")
            return self._at_rest(signs, now)
        except OSError as error:
            return Event("failed", f"Cannot read {str(error.filename or self._watched.name)!r}: {error.strerror}.")
        except UserError as error:
            return Event("failed", str(error))

    def _at_rest(self, signs: Signs, now: float) -> Event:
        if self._known is None or self._known[0] != signs:
            content = self._watched.content()
            if self._watched.signs() != signs:
                return Event(
                    "settling", f"{self._watched.name} has changed while it was read; waiting until it is at rest."
                )
            self._known = (signs, content)
        content = self._known[1]
        key = of_json({"watch": self._suite, "content": content, "suite": self._text()})
        if key in self._store.finished_runs([key]):
            return Event("nothing new", f"{self._watched.name}: this content was run already.")
        tries, again = self._tried.get(key, (0, now))
        if now < again:
            return Event("nothing new", f"{self._watched.name}: this content failed; it is tried again later.")
        if self._store.claimed([key]):
            return Event("busy", f"{self._watched.name}: another process is at work on this content.")
        event = self._run(key, content)
        if event.what == "failed":
            self._tried[key] = (tries + 1, now + min(PATIENCE_S * 2**tries, MOST_PATIENCE_S))
        return event

    def _run(self, key: str, content: str) -> Event:
        store = self._store
        experiment = store.ensure_experiment(self._suite).experiment_id
        tags = {KIND: "watch", SUITE: self._suite, KEY_TAG: key, CONTENT: content, PLACE: self._watched.name}
        run = store.create_run(experiment, f"watch {self._watched.name}", tags=tags)
        if not store.claim(key, run.run_id):
            store.update_run(run.run_id, status="KILLED")
            return Event("busy", f"{self._watched.name}: another process is at work on this content.")
        with Writer(store) as writer:
            writer.attend(run.run_id)
            try:
                self._watched.put()
                suite_run = self._work()
            except KeyboardInterrupt:
                store.update_run(run.run_id, status="KILLED")
                raise
            except UserError as error:
                return self._failed(run.run_id, str(error))
            except Exception as error:  # noqa: BLE001  # whatever goes wrong with one content, the next may go well
                _log.exception("The suite %r failed.", self._suite)
                artifacts.log_bytes(store, run.run_id, traceback.format_exc().encode(), "error.txt")
                return self._failed(run.run_id, f"{type(error).__name__}: {error}")
        store.log_batch(run.run_id, tags={MADE: suite_run})
        store.update_run(run.run_id, status="FINISHED")
        return Event(
            "ran", f"{self._watched.name}: the suite {self._suite!r} ran (attain show {suite_run[:8]}).", suite_run
        )

    def _failed(self, run_id: str, why: str) -> Event:
        self._store.log_batch(run_id, tags={"attain.failed": why[:5000]})
        self._store.update_run(run_id, status="FAILED")
        return Event("failed", f"{self._watched.name}: {why} It is tried again later, and on a change.")
