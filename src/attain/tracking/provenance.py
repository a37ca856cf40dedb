"""How a run came about: command, code with its uncommitted changes, packages, machine."""

import functools
import json
import os
import platform
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from attain.tracking.environment import LOCK_PATH, environment, installed, lock, plain
from attain.tracking.git import Code, code_of
from attain.tracking.liveness import machine, this_user
from attain.tracking.snapshot import Snapshot, snapshot

DIFF_PATH = "code/uncommitted.diff"
UNTRACKED_PATH = "code/untracked.txt"
ENVIRONMENT_PATH = "environment.txt"
BUNDLE_PATH = "code/tree.bundle"
PROVENANCE_PATH = "provenance.json"
FORMAT = 1
"""Of `provenance.json`; raised when older readers would not understand it."""

_THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Provenance:
    """What is known of how this process came about.

    Attributes:
        command: what was typed, as a shell would take it.
        entry: the script or module, relative to the working folder where it lies below it.
        code: the state of the git repository; None outside one, or without git.
        packages: `name==version` of every installed package, by name.
        cpu: the processor's model.
        cpus: how many processors this process may use.
        threads: the variables that limit the threads of numeric libraries, those that are set.
        machine: a hash that is the same for all processes of this machine since its start.
    """

    command: str
    entry: str
    code: Code | None
    packages: tuple[str, ...]
    cpu: str
    cpus: int
    machine: str
    user: str
    threads: Mapping[str, str] = field(default_factory=dict)
    tree: Snapshot | None = None
    """The code itself, as it can be had again."""
    environment: Mapping[str, Any] = field(default_factory=dict)  # JSON

    @property
    def facts(self) -> dict[str, Any]:  # JSON
        """All that a repetition needs, beside the bundle of code and the lock."""
        return {
            "format": FORMAT,
            "command": self.command,
            "code": None if self.tree is None else self.tree.facts | {"kept": bool(self.tree.bundle)},
            "environment": {"cpu": self.cpu, "cpus": self.cpus, **self.environment},
        }

    @property
    def tags(self) -> dict[str, str]:
        """What stands beside a run for searching; MLflow's names where it has one."""
        tags = {
            "mlflow.user": self.user,
            "mlflow.source.name": self.entry,
            "mlflow.source.type": "LOCAL",
            "attain.command": self.command,
            "attain.python": platform.python_version(),
            "attain.platform": platform.platform(),
            "attain.cpu": self.cpu,
            "attain.cpus": str(self.cpus),
            "attain.machine": self.machine,
            "attain.threads": " ".join(f"{name}={value}" for name, value in self.threads.items()) or "not limited",
        }
        if self.code is not None:
            tags["mlflow.source.git.commit"] = self.code.commit
            tags["mlflow.source.git.branch"] = self.code.branch
            tags["attain.git.dirty"] = str(self.code.dirty).lower()
        if self.tree is not None:
            tags["attain.git.tree"] = self.tree.tree
        return {name: value for name, value in tags.items() if value}

    @property
    def files(self) -> dict[str, bytes]:
        """What is kept with a run as artifacts: packages, uncommitted changes, the code as it can be had again."""
        head = f"# Python {platform.python_version()} on {platform.platform()}"
        files = {ENVIRONMENT_PATH: "\n".join([head, *self.packages, ""]).encode()}
        if self.code is not None and self.code.diff:
            files[DIFF_PATH] = self.code.diff
        if self.code is not None and self.code.untracked:
            files[UNTRACKED_PATH] = "\n".join([*self.code.untracked, ""]).encode()
        if self.tree is not None and self.tree.bundle:
            files[BUNDLE_PATH] = self.tree.bundle
        if self.environment:
            files[PROVENANCE_PATH] = json.dumps(self.facts, indent=1).encode()
            if locked := lock(self.environment["packages"]):
                files[LOCK_PATH] = locked
        return files


@functools.cache
def capture(folder: Path) -> Provenance:
    """The provenance of this process, with the git repository around `folder`; looked up once."""
    return capture_now(folder)


def capture_now(folder: Path) -> Provenance:
    """`capture` as things are now, for a process that runs code more than once."""
    return Provenance(
        command=shlex.join(sys.orig_argv),
        entry=_entry(folder),
        code=code_of(folder),
        packages=_packages(),
        cpu=_cpu(),
        cpus=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        machine=machine(),
        user=this_user(),
        threads={name: os.environ[name] for name in _THREAD_VARIABLES if name in os.environ},
        tree=snapshot(folder),
        environment=environment(),
    )


def _entry(folder: Path) -> str:
    given = Path(sys.argv[0] if sys.argv and sys.argv[0] else sys.executable)
    try:
        return given.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return given.name


def _packages() -> tuple[str, ...]:
    found = {plain(name): f"{name}=={version}" for _, name, version in installed()}
    return tuple(found[name] for name in sorted(found))


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor()
    match = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return match.group(1) if match else platform.processor()
