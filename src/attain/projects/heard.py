"""What a script says, on its way to the terminal and to the files of its run, as it comes."""

import codecs
import logging
import threading
import time
from typing import IO, TextIO

from attain.tracking import artifacts
from attain.tracking.errors import Unavailable
from attain.tracking.store_protocol import Store

HEAD, TAIL = 8 << 20, 8 << 20
"""Bytes that are kept of the beginning and of the end of a stream."""
FIRST_S, LONGEST_S, SHARE = 1.0, 60.0, 0.05
"""How long to gather before a file is written anew: a share of the time that the script runs already, within limits.

Every file is a content of its own in the store, and an hour of them a second apart would be large.
"""

_log = logging.getLogger(__name__)


class Heard:
    """One stream of a script: shown as it comes, and remembered."""

    def __init__(self, path: str, shown: TextIO | None) -> None:
        self.path, self._shown = path, shown
        self._lock = threading.Lock()
        self._head, self._tail, self._total = bytearray(), bytearray(), 0
        self._line = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def listen(self, stream: IO[bytes]) -> None:
        """Read until the stream ends."""
        with stream:
            while piece := stream.read1(1 << 16):  # type: ignore[attr-defined]  # a pipe of Popen is a BufferedReader
                self._take(piece)
        if self._line:
            self._show("\n")

    def _take(self, piece: bytes) -> None:
        with self._lock:
            room = HEAD - len(self._head)
            self._head += piece[:room]
            self._tail += piece[room:]
            self._total += len(piece)
            if len(self._tail) > 2 * TAIL:
                del self._tail[:-TAIL]
        self._show(self._decoder.decode(piece))

    def _show(self, text: str) -> None:
        """Show whole lines, so that two streams on one terminal do not cut each other's."""
        self._line += text
        end = max(self._line.rfind("\n"), self._line.rfind("\r")) + 1
        whole, self._line = self._line[:end], self._line[end:]
        if whole and self._shown is not None:
            try:
                self._shown.write(whole)
                self._shown.flush()
            except (BrokenPipeError, ValueError):  # who read our output, such as `head`, has gone
                self._shown = None

    @property
    def total(self) -> int:
        """How many bytes came."""
        return self._total

    def content(self) -> bytes:
        """What is kept of it."""
        with self._lock:
            tail = bytes(self._tail[-TAIL:])
            left = self._total - len(self._head) - len(tail)
            between = f"\n[{left:,} bytes are left out here]\n".encode() if left else b""
            return bytes(self._head) + between + tail

    @property
    def last_line(self) -> str:
        """The last line with something in it; "" for none."""
        lines = [line for line in self.content().decode(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""


class Keeper:
    """Writes streams into the files of a run from time to time, and at the end."""

    def __init__(self, store: Store, run_id: str, streams: tuple[Heard, ...]) -> None:
        self._store, self._run_id, self._streams = store, run_id, streams
        self._written = dict.fromkeys(streams, 0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="attain-heard", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is left."""
        self._stop.set()
        self._thread.join()
        self._write()

    def _work(self) -> None:
        began = time.monotonic()
        while not self._stop.wait(min(LONGEST_S, max(FIRST_S, SHARE * (time.monotonic() - began)))):
            try:
                self._write()
            except Unavailable as error:
                _log.warning("What the script says is not kept for now. %s", error)

    def _write(self) -> None:
        for one in self._streams:
            if (total := one.total) > self._written[one]:
                artifacts.log_bytes(self._store, self._run_id, one.content(), one.path)
                self._written[one] = total
