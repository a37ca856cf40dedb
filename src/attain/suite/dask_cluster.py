"""A Dask cluster for a suite: one that is there, or one of this machine for as long as the suite runs."""

import logging
import os
import sys
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attain.core.errors import UserError
from attain.core.places import home
from attain.suite.executor import Executor, Start
from attain.tracking.liveness import machine

if TYPE_CHECKING:
    from distributed import Client

CONNECT_SECONDS = 10
HANDED_ON = ("ATTAIN_ARTIFACTS", "ATTAIN_PREPARED")
"""Variables of ours that say where things lie, for jobs elsewhere too."""


@contextmanager
def dask_cluster(address: str | None, uri: str, *, workers: int, threads: int) -> Iterator[Start]:
    """What opens an executor on a cluster.

    Args:
        address: of a scheduler, such as `tcp://10.0.0.1:8786`; None for a cluster of this machine.
        uri: of the store that jobs write to.
        workers: processes of a cluster of this machine.
        threads: of each of them.

    Raises:
        UserError: Dask is not installed, or the scheduler cannot be reached.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise UserError("`--executor dask` needs Dask; install attain[dask].") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters is said in our own words
    if address is not None:
        with _connected(Client, address) as client, _marker() as marker:
            yield _start(client, uri, marker)
        return
    kept = {"processes": True, "dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
    with (
        LocalCluster(n_workers=workers, threads_per_worker=threads, **kept) as cluster,
        Client(cluster, set_as_default=False) as client,
        _marker() as marker,
    ):
        yield _start(client, uri, marker)


@contextmanager
def _marker() -> Iterator[Path]:
    """A file in our home: a worker that sees it has the same home."""
    folder = home().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    marker = folder / f".here-{uuid.uuid4().hex}"
    marker.touch()
    try:
        yield marker
    finally:
        marker.unlink(missing_ok=True)


@contextmanager
def _connected(kind: Any, address: str) -> "Iterator[Client]":  # distributed is optional
    from distributed.comm.addressing import parse_host_port
    from distributed.comm.registry import get_backend

    try:
        scheme, separator, rest = address.rpartition("://")
        get_backend(scheme if separator else "tcp")
        parse_host_port(rest, 8786)
    except ValueError as error:
        raise UserError(f"--scheduler {address!r} is not an address ({error}); write tcp://HOST:8786.") from None
    try:
        client = kind(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except OSError:
        raise UserError(
            f"No Dask scheduler answers at {address!r}. Start one with `dask scheduler`; its log says its address."
        ) from None
    with client:
        yield client


def _start(client: "Client", uri: str, marker: Path) -> Start:
    from attain.suite.dask_executor import DaskExecutor
    from attain.suite.dask_job import code_of_attain

    ours = {"python": f"{sys.version_info.major}.{sys.version_info.minor}", "code": code_of_attain()}

    def refuses(where: str, facts: Mapping[str, Any]) -> str:
        for what, name in (("python", "Python"), ("code", "attain")):
            if facts[what] != ours[what]:
                return f"it has another {name} than this process; results would not be the same. Install one for all."
        return _cannot_write(uri, facts)

    def environment(facts: Mapping[str, Any]) -> dict[str, str]:
        handed = {name: os.environ[name] for name in HANDED_ON if os.environ.get(name)}
        return handed | ({"ATTAIN_HOME": str(home().absolute())} if facts["shares_home"] else {})

    def start(size: int, threads: int) -> Executor:
        return DaskExecutor(client, size, refuses=refuses, marker=str(marker), environment=environment)

    return start


def _cannot_write(uri: str, facts: Mapping[str, Any]) -> str:
    """Why a worker could not keep what it makes in the store, in words; "" where it can."""
    if uri.startswith(("http://", "https://")) or facts["machine"] == machine():
        return ""
    if uri.startswith("sqlite"):
        return (
            "it is on another machine, and the store is a SQLite file, which machines cannot share safely. "
            "Keep runs in PostgreSQL or behind `attain server` (--store URI)."
        )
    kept = os.environ.get("ATTAIN_ARTIFACTS", "")
    if "://" in kept or facts["shares_home"] or (kept and Path(kept).is_absolute()):
        return ""
    return f"it is on another machine, without {str(home())!r}, where artifacts lie. Set ATTAIN_ARTIFACTS to a bucket."
