"""The process that does jobs: reads one as a line of JSON, does it, says what happened, waits for the next."""

import json
import os
import queue
import signal
import sys
import threading
from types import FrameType
from typing import Any, TextIO

from attain.core.errors import UserError
from attain.suite.canary import run_canary
from attain.suite.fold import run_fold
from attain.suite.score import run_score
from attain.suite.trial import run_trial

_DOES = {"canary": run_canary, "fold": run_fold, "score": run_score, "trial": run_trial}


def main() -> None:
    """Work until the parent closes the pipe."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what a model prints must not end in the channel
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which tells us
    signal.signal(signal.SIGTERM, _interrupt)
    jobs: queue.Queue[dict[str, Any]] = queue.Queue()  # JSON
    threading.Thread(target=_read, args=(jobs,), daemon=True).start()
    try:
        while True:
            _do(jobs.get(), channel)
    except KeyboardInterrupt:
        sys.exit(130)


def _do(job: dict[str, Any], channel: TextIO) -> None:
    def say(event: str, **values: object) -> None:
        channel.write(json.dumps({"event": event, **values}) + "\n")

    what = job.pop("do")
    try:
        ended = _DOES[what](job, say)
    except UserError as error:  # such as a full disk: this job cannot be done, and the words say why
        ended = {"run_id": job.get("run", job.get("parent")), "outcome": "failed", "why": str(error)}
    say("done", **ended)


def _read(jobs: "queue.Queue[dict[str, Any]]") -> None:
    for line in sys.stdin:
        jobs.put(json.loads(line))
    os._exit(1)  # the parent is gone; whatever was logged is in the journal


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
