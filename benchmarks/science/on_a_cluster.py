"""Does a suite end with the same numbers on a Dask cluster that loses a worker in mid-job? BKT against DKT.

    ATTAIN_DATA=... python benchmarks/science/on_a_cluster.py [SUITE]

Runs the suite (`bkt_vs_dkt_quick` by default, on real answers) by processes of this machine, then on a cluster of two
workers, one of which is killed as soon as a job of DKT reports from its fit. Prints what was lost, and every value that
differs.
"""

import argparse
import logging
import os
import signal
import tempfile
import time
from pathlib import Path

import distributed

from attain.suite import report
from attain.suite.config import read_suite
from attain.suite.dask_cluster import dask_cluster
from attain.suite.execute import Execution, Outcome
from attain.suite.executor import Start
from attain.suite.plan import make_plan
from attain.suite.pool import Pool
from attain.suite.progress import View
from attain.tracking.store import open_store


class Killer(View):
    """Kills a worker while a job is trained on it."""

    def __init__(self, cluster: distributed.LocalCluster, word: str) -> None:
        self.cluster, self.word, self.killed, self.lines = cluster, word, 0, list[str]()

    def progressed(self, job: str, text: str) -> None:
        if self.killed or self.word not in job:
            return
        busy = [nanny.process.pid for nanny in self.cluster.workers.values() if _at_work(nanny.process.pid)]
        if busy:
            self.killed = busy[0]
            print(f"killing worker {self.killed} while {job!r} is at {text!r}", flush=True)
            os.kill(self.killed, signal.SIGKILL)

    def said(self, text: str) -> None:
        self.lines.append(text)


def _at_work(pid: int) -> bool:
    """Whether a worker has a process that does a job."""
    return any(file.read_text().split() for file in Path(f"/proc/{pid}/task").glob("*/children"))


def run(suite: str, start: Start, view: View) -> tuple[Outcome, dict[str, float | None], float]:
    """The outcome, all values with their intervals by data set, model and metric, and the seconds."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ATTAIN_HOME"] = folder
        uri, began = f"sqlite:///{folder}/attain.db", time.perf_counter()
        outcome = Execution(make_plan(read_suite(suite)), uri, workers=2, threads=1, view=view, start=start).run()
        tables = report.tables(open_store(uri), outcome.suite_run)
        values = {
            f"{table.dataset} {column.label} {metric} {end}": getattr(value, end)
            for table in tables
            for column in table.columns
            for metric, value in column.values.items()
            for end in ("value", "low", "high")
        }
        return outcome, values, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", nargs="?", default="bkt_vs_dkt_quick")
    parser.add_argument("--during", default="dkt", help="kill while a job of this model reports")
    given = parser.parse_args()
    there, local, seconds = run(given.suite, Pool, View())
    print(
        f"by processes of this machine: {len(there.finished)} models, {len(local)} values, {seconds:.0f} s", flush=True
    )
    quiet = {"dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ATTAIN_HOME"] = folder
        with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **quiet) as cluster:
            killer = Killer(cluster, given.during)
            with dask_cluster(
                cluster.scheduler_address, f"sqlite:///{folder}/attain.db", workers=2, threads=1
            ) as start:
                outcome, on_dask, seconds = run(given.suite, start, killer)
    print(f"on a cluster of two, one killed: {len(outcome.finished)} models, {len(on_dask)} values, {seconds:.0f} s")
    print(*(line for line in killer.lines if "lost" in line), sep="\n")
    differ = [name for name in local.keys() | on_dask.keys() if local.get(name) != on_dask.get(name)]
    print(*(f"{name}: {local.get(name)} {on_dask.get(name)}" for name in sorted(differ)), sep="\n")
    if there.failed or outcome.failed or differ or not killer.killed:
        raise SystemExit(f"not the same: {len(differ)} values differ, failed: {there.failed + outcome.failed}")
    print(f"all {len(local)} values are the same")


if __name__ == "__main__":
    main()
