"""Who attends a run, and whether that process still lives."""

import functools
import getpass
import hashlib
import os
import socket
import time
from pathlib import Path

STALE_MS = 60_000
"""A process of another machine that has not been heard of for so long is taken for dead."""


def now_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


@functools.cache
def machine() -> str:
    """A name for the set of processes that share our process numbers: this host, since its last start.

    Hashed, so that a store that is passed on tells nobody what a computer is called.
    """
    boot = Path("/proc/sys/kernel/random/boot_id")
    namespace = Path("/proc/self/ns/pid")
    parts = [socket.gethostname()]
    parts += [boot.read_text().strip()] if boot.exists() else []
    parts += [str(namespace.readlink())] if namespace.exists() else []
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def this_process() -> str:
    """This process as `machine.pid.start`; no other process ever has the same name."""
    return f"{machine()}.{os.getpid()}.{_started(os.getpid())}"


def this_user() -> str:
    """The name of who runs this process; empty where the system does not know it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an unknown uid, as in some containers
        return ""


def is_gone(process: str | None, heartbeat: int | None, now: int) -> bool:
    """Whether the process that attended something is dead, as far as can be known from here.

    On its own machine the process itself is asked, however old the heartbeat is (it may hang, or the
    machine may have slept). From elsewhere only the heartbeat (ms) counts. What nobody attends is never gone.
    """
    if process is None:
        return False
    where, pid, started = process.split(".")
    if where == machine():
        return _started(int(pid)) != started
    return heartbeat is not None and now - heartbeat > STALE_MS


def _started(pid: int) -> str:
    """When a process began (clock ticks since boot); empty where there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return "" if Path("/proc/self").exists() else _asked(pid)
    state, *fields = stat[stat.rindex(")") + 2 :].split()
    return "" if state in "ZX" else fields[18]


def _asked(pid: int) -> str:
    """Where there is no /proc: `alive` or empty."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return "alive"
