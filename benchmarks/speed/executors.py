"""What does a Dask cluster cost a suite? The same suite by processes of this machine and by a local Dask cluster.

First many jobs that do next to nothing, on one worker: how much longer each takes by Dask is what Dask costs a job.
Then few jobs that work, on one worker and on two: what a second worker saves. Every run has a store of its own, begins
with workers that are started already, and must end with the same AUC.

    python benchmarks/speed/executors.py
"""

import argparse
import os
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median

from attain.suite import report
from attain.suite.config import read_suite
from attain.suite.dask_cluster import dask_cluster
from attain.suite.execute import Execution
from attain.suite.executor import Executor, Start
from attain.suite.plan import make_plan
from attain.suite.pool import Pool
from attain.suite.progress import View
from attain.tracking.store import open_store

SUITE = """
suite: executors
datasets: [{{name: simulated, options: {{learners: {learners}, answers: 20}}}}]
split: {{by: learner, folds: {folds}}}
baselines: false
models: [{model}]
metrics: [auc]
replicates: 100
"""
SMALL = SUITE.format(learners=120, folds=60, model="prior_rate")
LARGE = SUITE.format(learners=4000, folds=8, model="{name: bkt, params: {starts: 8}}")


class Clock(View):
    """Takes the time from the first job that ended to the last fold: by then every process has its libraries."""

    def __init__(self) -> None:
        self.ends = list[float]()

    def ended(self, job: str, outcome: str, seconds: float) -> None:
        if "fold" in job:
            self.ends.append(time.perf_counter())


def cluster(kind: str, uri: str, workers: int) -> AbstractContextManager[Start]:
    """What opens the workers of a kind."""
    return dask_cluster(None, uri, workers=workers, threads=1) if kind == "dask" else nullcontext(Pool)


def run(text: str, kind: str, workers: int) -> tuple[float, float, float]:
    """Seconds from the first job that ended to the last, seconds a job of these, and the AUC."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ATTAIN_HOME"] = folder
        path, uri, clock = Path(folder) / "suite.yaml", f"sqlite:///{folder}/attain.db", Clock()
        path.write_text(text)
        plan = make_plan(read_suite(str(path)))
        with cluster(kind, uri, workers) as start:

            def opened(size: int, threads: int) -> Executor:
                return start(workers, threads)

            outcome = Execution(plan, uri, workers=workers, threads=1, view=clock, start=opened).run()
        (table,) = report.tables(open_store(uri), outcome.suite_run)
        auc = table.columns[0].values["auc"].value
        assert auc is not None
    spent = clock.ends[-1] - clock.ends[workers - 1]
    return spent, spent / (len(clock.ends) - workers), auc


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run, in turn; the median counts")
    rounds = parser.parse_args().rounds
    each = {kind: list[float]() for kind in ("local", "dask")}
    for _ in range(rounds):
        for kind, seconds in each.items():
            seconds.append(run(SMALL, kind, 1)[1])
    ours, theirs = median(each["local"]), median(each["dask"])
    print(f"a job that does next to nothing: {ours * 1000:.1f} ms by local processes, {theirs * 1000:.1f} ms by Dask")
    print(f"what Dask costs a job: {(theirs - ours) * 1000:.1f} ms")
    found = {(kind, n): [run(LARGE, kind, n) for _ in range(rounds)] for kind in each for n in (1, 2)}
    assert len({round(auc, 9) for many in found.values() for _, _, auc in many}) == 1, "not the same AUC"
    for (kind, n), many in found.items():
        print(f"8 fits of BKT, {kind}, {n} worker(s): {median(job for _, job, _ in many):.2f} s a job")


if __name__ == "__main__":
    main()
