"""A script as a process: in a group of its own, so that it can be stopped with all that it has started."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType

from attain.core.errors import UserError
from attain.projects.heard import Heard

GRACE_S = 5.0
"""How long a script that was told to stop may take."""
DRAIN_S = 2.0
"""How long to read on when it has ended."""


class TooLongError(Exception):
    """The script took too long and was stopped."""


def carry_out(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    streams: tuple[Heard, Heard],
    *,
    timeout_s: float | None,
) -> int:
    """Run a command to its end; its exit status, negative for the signal that ended it.

    Whatever it has started in its group ends with it. It reads nothing.

    Raises:
        UserError: it cannot be started.
        TooLongError: it took too long.
        KeyboardInterrupt: it was stopped from outside: by Ctrl-C, or because this process was told to end.
    """
    with _told_to_end():
        process = _started(command, folder, environment)
        guard = _guard(process.pid)
        stop = [signal.SIGTERM, signal.SIGKILL]
        readers: list[threading.Thread] = []
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            for heard, stream in zip(streams, (process.stdout, process.stderr), strict=True):
                readers.append(threading.Thread(target=heard.listen, args=(stream,), daemon=True))
                readers[-1].start()
            return process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise TooLongError from None
        except KeyboardInterrupt:
            stop.insert(0, signal.SIGINT)
            raise
        finally:
            _stop(process, stop)
            guard.communicate(b"all has ended")
            for reader in readers:
                reader.join(DRAIN_S)


def _started(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise UserError(f"{command[0]!r} cannot be started: {error.strerror}.") from None


_GUARD = "import os, signal, sys; sys.stdin.buffer.read(1) or os.killpg(int(sys.argv[1]), signal.SIGKILL)"


def _guard(group: int) -> "subprocess.Popen[bytes]":
    """A process that ends the group of the script if this process is killed without a chance to do so itself."""
    command = [sys.executable, "-I", "-S", "-c", _GUARD, str(group)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)


def _stop(process: "subprocess.Popen[bytes]", signals: Sequence[signal.Signals]) -> None:
    """End the group, each time less gently; whoever asks for it once more while it takes its time gets the last way."""
    for how in signals:
        if not _is_alive(process):
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, how)
        try:
            until = time.monotonic() + GRACE_S
            while _is_alive(process) and time.monotonic() < until:
                time.sleep(0.02)
        except KeyboardInterrupt:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return


def _is_alive(process: "subprocess.Popen[bytes]") -> bool:
    """Whether anything of the group is there; asking reads the status of the process itself where it has ended."""
    process.poll()
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


@contextlib.contextmanager
def _told_to_end() -> Iterator[None]:
    """A process that is told to end stops its script first, as at Ctrl-C; signals come to the main thread alone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {one: signal.signal(one, stop) for one in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for one, what in before.items():
            signal.signal(one, what)
