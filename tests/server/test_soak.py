"""The soak test of `benchmarks/soak`, in short; and that it would notice what is lost."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from attain.testing.stores import BACKENDS
from attain.tracking.artifacts import log_bytes
from attain.tracking.entities import MetricPoint
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

SOAK = Path(__file__).parents[2] / "benchmarks" / "soak"


@pytest.mark.slow
@pytest.mark.parametrize(("backend", "workers"), list(zip(BACKENDS, ("1", "2"), strict=True)))
def test_a_server_killed_again_and_again_loses_nothing_that_clients_were_told_is_kept(
    backend: str, workers: str, request: pytest.FixtureRequest
) -> None:
    if backend == "postgresql":
        request.getfixturevalue("cluster")  # skips, or fails, where there is none
    command = [sys.executable, str(SOAK / "tracking_server.py"), "--store", backend, "--workers", workers]
    options = ["--minutes", "0.17", "--kills", "2", "--writers", "4"]
    done = subprocess.run([*command, *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Nothing was lost.\n")
    counts = dict(line.rsplit(maxsplit=1) for line in done.stdout.splitlines() if line[-1].isdigit())
    assert int(counts["  points acknowledged"].replace(",", "")) > 100


@pytest.fixture
def verdict(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(SOAK)
    import verdict

    return verdict


@pytest.fixture
def store(tmp_path: Path, fresh: Path) -> Store:
    (tmp_path / "attain.db").write_bytes(fresh.read_bytes())
    return open_database(f"sqlite:///{tmp_path / 'attain.db'}")


LOGGED = ("points", "param", "tag", "file", "end")


@pytest.mark.parametrize("lost", [None, *LOGGED, "half", "twice", "nobody's"])
def test_it_notices_what_is_lost_or_there_twice(verdict: ModuleType, store: Store, tmp_path: Path, lost: str) -> None:
    run = store.create_run("0").run_id
    points = [MetricPoint(f"m{at}", 3 + at / 8, 1, 3) for at in range(5)]
    if lost != "points":
        store.log_batch(run, points[: 4 if lost == "half" else 5])
    if lost in ("twice", "nobody's"):
        store.log_batch(run, [MetricPoint("m0", 3.0, 2, 3 if lost == "twice" else 4)])
    store.log_batch(run, params={} if lost == "param" else {"p3": "3"}, tags={} if lost == "tag" else {"last": "3"})
    if lost != "file":
        log_bytes(store, run, verdict.text_of(run, 3).encode(), "f3.txt")
    if lost != "end":
        store.update_run(run, status="FINISHED")
    notes = tmp_path / "0.notes"
    lines = [json.dumps([what, run, kind, 3]) for kind in LOGGED for what in ("try", "kept")]
    notes.write_text("\n".join(lines))
    found = verdict.compare(f"sqlite:///{tmp_path / 'attain.db'}", [notes])
    assert bool(found.faults) == (lost is not None)
    store.close()
