"""Does the table of metric points stay fast as it grows? The same questions at several sizes, on SQLite and PostgreSQL.

Points come as they do in use: a hundred runs at a time log ten metrics each, interleaved by time. At each size this
prints CPU milliseconds of this process, and elapsed ones in brackets (the server of PostgreSQL is another process), of
a batch of 1,000 points to one run, of one point, of a page of 1,000 points in the middle of an old run's history, and
of a run with its latest values.

    python benchmarks/speed/store_size.py --points 5_000_000
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from attain.testing.postgresql import running_cluster
from attain.tracking.entities import MetricPoint
from attain.tracking.sql.engine import reading, writing
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

KEYS, TOGETHER, STEPS = 10, 100, 500
BLOCK = KEYS * TOGETHER * STEPS
"""Points of the hundred runs that are logged at the same time."""
REPEATS = 30

FILL = {
    "postgresql": """
        INSERT INTO metrics SELECT :first + r, k, s, s, false, s / 3.0 FROM generate_series(1, :steps) s,
        generate_series(1, :runs) r, generate_series(1, :keys) k ORDER BY s, r, k
    """,
    "sqlite": """
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :steps * :runs * :keys)
        INSERT INTO metrics SELECT :first + 1 + (i / :keys) % :runs, 1 + i % :keys, 1 + i / (:keys * :runs),
        1 + i / (:keys * :runs), false, (1 + i / (:keys * :runs)) / 3.0 FROM n
    """,
}
RUNS = """
    INSERT INTO runs (id, run_id, experiment, name, status, start_time, lifecycle_stage,
    deleted_with_experiment, user_id, artifact_uri)
    VALUES (:id, :run_id, 0, 'n', 'FINISHED', 1, 'active', false, '', '')
"""
LATEST = """
    INSERT INTO latest_metrics (run, key, timestamp, step, value, is_nan)
    SELECT run, key, timestamp, step, value, is_nan FROM metrics WHERE run > :first AND step = :steps
"""


def grow(store: Store, blocks: range) -> None:
    with writing(store._engine) as c:
        for block in blocks:
            first = block * TOGETHER
            ids = range(first + 1, first + TOGETHER + 1)
            c.execute(text(RUNS), [{"id": i, "run_id": f"{i:032x}"} for i in ids])
            sizes = {"first": first, "steps": STEPS, "runs": TOGETHER, "keys": KEYS}
            c.execute(text(FILL[c.dialect.name]), sizes)
            c.execute(text(LATEST), {"first": first, "steps": STEPS})
            if c.dialect.name == "postgresql":
                c.execute(text("SELECT setval('runs_id_seq', max(id)) FROM runs"))


def timed(ask: Callable[[int], object]) -> str:
    ask(0)
    cpu, elapsed = time.process_time(), time.perf_counter()
    for number in range(1, REPEATS + 1):
        ask(number)
    cpu, elapsed = time.process_time() - cpu, time.perf_counter() - elapsed
    return f"{cpu / REPEATS * 1e3:6.2f} ({elapsed / REPEATS * 1e3:6.2f})"


def measure(store: Store, total: int) -> list[str]:
    run, n_runs = store.create_run("0").run_id, total // (KEYS * STEPS)

    def batch(number: int) -> None:
        store.log_batch(run, [MetricPoint(f"k{i % KEYS + 1}", i, number, number * 1000 + i) for i in range(1_000)])

    def old(number: int) -> str:
        return f"{1 + number * 7919 % n_runs:032x}"

    return [
        timed(batch),
        timed(lambda number: store.log_batch(run, [MetricPoint("k1", 0.5, 10**6 + number, 10**6 + number)])),
        timed(lambda number: store.metric_history(old(number), "k3", 1_000)),
        timed(lambda number: store.get_run(old(number))),
    ]


def size_of(store: Store) -> int:
    pages = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    with reading(store._engine) as c:
        query = pages if c.dialect.name == "sqlite" else "SELECT pg_total_relation_size('metrics')"
        return int(c.execute(text(query)).scalar_one())


def report(name: str, store: Store, points: int) -> None:
    with writing(store._engine) as c:
        c.execute(text("INSERT INTO metric_keys (key) VALUES (:key)"), [{"key": f"k{i + 1}"} for i in range(KEYS)])
    print(f"\n{name}: ms of CPU (elapsed)\n{'points':>12} {'MiB':>7} {'fill s':>7}", end="")
    print("".join(f"{title:>18}" for title in ("batch of 1,000", "one point", "page of history", "a run")))
    blocks, done = points // BLOCK, 0
    for upto in sorted({max(1, blocks // 10), max(1, blocks // 2), blocks}):
        start = time.perf_counter()
        grow(store, range(done, upto))
        if store._engine.dialect.name == "postgresql":
            with store._engine.connect() as c:
                c.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM (ANALYZE) metrics"))
        took, done = time.perf_counter() - start, upto
        total = upto * BLOCK
        print(f"{total:>12,} {size_of(store) / 2**20:>7,.0f} {took:>7.1f}", end="", flush=True)
        print("".join(f"{cell:>18}" for cell in measure(store, total)), flush=True)
        with writing(store._engine) as c:
            c.execute(text("DELETE FROM runs WHERE id > :last"), {"last": upto * TOGETHER})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=5_000_000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if given.only != "postgresql":
            store = open_database(f"sqlite:///{Path(folder) / 'attain.db'}")
            report("SQLite", store, given.points)
            store.close()
        if given.only != "sqlite":
            with running_cluster() as address:
                store = open_database(address.format(database="postgres"))
                report("PostgreSQL", store, given.points)
                store.close()


if __name__ == "__main__":
    main()
