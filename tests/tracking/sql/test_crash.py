"""A process killed while it writes: every batch that it was told is kept is there as a whole, and none in part."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest

from attain.testing.stores import BACKENDS, NewStore
from attain.tracking.integrity import check_store
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

WRITE = """
import os, sys
from attain.tracking.entities import MetricPoint
from attain.tracking.store import open_database
store = open_database(sys.argv[1])
run = store.create_run("0").run_id
print(run, flush=True)
for batch in range(100_000):
    points = [MetricPoint(key, batch + step / 8, step, batch) for key in "abc" for step in range(5)]
    store.log_batch(run, points, params={f"p{batch}": "x"}, tags={"last": str(batch)})
    os.write(1, b"%d\\n" % batch)
"""


@pytest.mark.slow
@pytest.mark.parametrize("uri", ["sqlite", "postgresql"], indirect=True)
def test_a_batch_is_kept_as_a_whole_or_not_at_all(store: Store, uri: str) -> None:
    draw = random.Random(1)
    for _ in range(4):
        run, told = _killed(uri, after_s=draw.uniform(0.0, 0.15))
        kept = store.get_run(run)
        batches = {int(key[1:]) for key in kept.params}
        assert batches == set(range(len(batches)))
        assert len(batches) in (told, told + 1)  # one more may be kept and not told
        if not batches:
            assert not kept.metrics
            continue
        for key in "abc":
            steps = Counter(point.step for point in store.metric_history(run, key, 50_000).items)
            assert steps == dict.fromkeys(batches, 5)
        assert kept.tags["last"] == str(max(batches))
        assert kept.latest["a"].step == max(batches)
    assert check_store(store, lambda what, count: None) == []


def _killed(uri: str, *, after_s: float) -> tuple[str, int]:
    """The run of a process that was killed, and how many batches it was told are kept."""
    with subprocess.Popen([sys.executable, "-c", WRITE, uri], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        run = process.stdout.readline().strip()
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
        return run, process.stdout.read().count("\n")


MANY = """
import os, sys
from attain.tracking.entities import MetricPoint
from attain.tracking.store import open_database
uri, shared = sys.argv[1:]
def work(worker):
    store = open_database(uri)
    own = store.create_run(store.ensure_experiment("shared").experiment_id).run_id
    for batch in range(20):
        for run in (own, shared):
            points = [MetricPoint(f"m{worker}", batch, step, batch) for step in range(4)]
            store.log_batch(run, points, tags={f"t{worker}": "x"})
    store.close()
children = []
for worker in range(8):
    if not (child := os.fork()):
        try:
            work(worker)
        except BaseException as error:
            print(error, flush=True)
        finally:
            os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_eight_processes_write_at_once_and_none_finds_the_store_locked(new_store: NewStore, backend: str) -> None:
    uri = new_store(backend)
    store = open_database(uri)
    shared = store.create_run("0").run_id
    done = subprocess.run([sys.executable, "-c", MANY, uri, shared], capture_output=True, text=True, check=True)
    assert done.stdout == ""
    runs = store.search_runs([store.ensure_experiment("shared").experiment_id]).items
    assert len(runs) == 8
    for run_id, worker in [*((run.run_id, next(iter(run.metrics))) for run in runs), (shared, "m0"), (shared, "m7")]:
        assert len(store.metric_history(run_id, worker).items) == 80
    assert len(store.get_run(shared).latest) == 8
    store.close()
