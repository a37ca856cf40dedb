"""Suites on a real Dask cluster of this machine: as locally; with workers and clients that die; two clients at once."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from attain.core.errors import UserError
from attain.suite import record, report
from attain.suite.config import read_suite
from attain.suite.dask_cluster import dask_cluster
from attain.suite.execute import Execution, Outcome
from attain.suite.plan import make_plan
from attain.suite.progress import View
from attain.tracking.entities import Run
from attain.tracking.store import Store, default_uri, open_store

distributed = pytest.importorskip("distributed")

Write = Callable[..., Path]
PATIENCE = 240
WAITS = """
from pathlib import Path
import os, time
here = Path(__file__).parent
if context.rng is not None and (here / "block").exists() and not (here / "go").exists():
    (here / "waiting").write_text(str(os.getpid()))
    context.report(1, loss=0.25)
    while not (here / "go").exists():
        time.sleep(0.02)
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two worker processes, one job each."""
    quiet = {"dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, **quiet) as cluster:
        yield cluster


def execute(path: Path, cluster: Any, view: View | None = None) -> Outcome:
    plan = make_plan(read_suite(str(path)))
    with dask_cluster(cluster.scheduler_address, default_uri(), workers=2, threads=1) as start:
        return Execution(plan, default_uri(), workers=9, threads=1, view=view or View(), start=start).run()


def locally(path: Path) -> Outcome:
    plan = make_plan(read_suite(str(path)))
    return Execution(plan, default_uri(), workers=1, threads=1, view=View()).run()


def values_of(outcome: Outcome) -> dict[str, float | None]:
    (table,) = report.tables(open_store(), outcome.suite_run)
    return {f"{c.label} {m} {end}": getattr(v, end) for c in table.columns for m, v in c.values.items() for end in ENDS}


ENDS = ("value", "low", "high")


def runs_of(store: Store, kind: str) -> list[Run]:
    experiments = [e.experiment_id for e in store.list_experiments().items]
    return store.search_runs(experiments, f"tags.`{record.KIND}` = '{kind}'", order_by=["start_time ASC"]).items


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def start(path: Path, cluster: Any) -> "subprocess.Popen[str]":
    options = ["--executor", "dask", "--scheduler", cluster.scheduler_address]
    command = [sys.executable, "-m", "attain.cli", "run", str(path), *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        command,
        **pipes,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # type: ignore[arg-type,return-value]
    )


def is_alive(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class Killer(View):
    """Kills the Dask worker that does a job, once the job has told how far it is."""

    def __init__(self, cluster: Any, times: int = 1) -> None:
        self.cluster, self.left, self.heard, self.lines = cluster, times, list[str](), list[str]()

    def progressed(self, job: str, text: str) -> None:
        self.heard.append(text)
        if self.left and (pid := self._worker()):
            self.left -= 1
            (Path.cwd() / "waiting").unlink()
            os.kill(pid, signal.SIGKILL)

    def said(self, text: str) -> None:
        self.lines.append(text)
        if not self.left:
            (Path.cwd() / "go").touch()

    def _worker(self) -> int | None:
        """The parent of the process that waits."""
        waiting = Path.cwd() / "waiting"
        if not waiting.exists() or not waiting.read_text():
            return None
        return int(Path(f"/proc/{waiting.read_text()}/stat").read_text().rpartition(")")[2].split()[1])


def test_a_suite_gives_the_same_numbers_as_locally(
    write_suite: Write, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_suite(models="models: [prior_rate, bkt, pfa]", cohorts="cohorts: [gender]")
    on_dask = execute(path, cluster)
    there = values_of(on_dask)
    monkeypatch.setenv("ATTAIN_HOME", f"{os.environ['ATTAIN_HOME']}-local")
    assert not on_dask.failed
    assert there == values_of(locally(path))


def test_a_search_tries_the_same_params_as_locally(
    write_suite: Write, cluster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = "{guess_by: [skill, item], starts: {low: 1, high: 3}}"
    path = write_suite(models=f"models: [{{name: bkt, search: {{space: {space}, trials: 4, at_once: 2, folds: 2}}}}]")
    there = values_of(execute(path, cluster))
    tried = {run.tags["attain.key"] for run in runs_of(open_store(), "trial")}
    monkeypatch.setenv("ATTAIN_HOME", f"{os.environ['ATTAIN_HOME']}-local")
    assert there == values_of(locally(path))
    assert tried == {run.tags["attain.key"] for run in runs_of(open_store(), "trial")}


def test_a_worker_killed_in_mid_job_costs_that_job_which_is_begun_elsewhere(
    write_suite: Write, write_model: Write, cluster: Any, home: Path
) -> None:
    write_model(WAITS)
    (home / "block").touch()
    killer = Killer(cluster)
    outcome = execute(write_suite(models="models: ['own:Own', prior_rate, bkt]"), cluster, killer)
    assert not outcome.failed
    assert killer.heard, "what a model reports is heard while it works"
    assert any("was lost; it is begun once more" in line for line in killer.lines)
    folds = runs_of(open_store(), "fold")
    assert sorted(run.shown_status for run in folds) == ["finished"] * 6 + ["interrupted"]


def test_a_job_that_loses_every_worker_fails_and_the_others_go_on(
    write_suite: Write, write_model: Write, cluster: Any, home: Path
) -> None:
    write_model(WAITS)
    (home / "block").touch()
    killer = Killer(cluster, times=2)
    split = "split: {by: learner, folds: 2, only: 1}"
    outcome = execute(write_suite(models="models: ['own:Own', prior_rate]", split=split), cluster, killer)
    assert [label for _, label in outcome.finished] == ["prior_rate"]
    assert "was lost" in outcome.failed[0]


def test_a_model_that_ends_its_process_costs_only_itself(write_suite: Write, write_model: Write, cluster: Any) -> None:
    write_model("import os, sys\nprint('no more', file=sys.stderr, flush=True)\nos._exit(9)")
    outcome = execute(write_suite(models="models: ['own:Own', prior_rate]"), cluster)
    assert [label for _, label in outcome.finished] == ["prior_rate"]
    assert "its process ended with status 9: no more" in outcome.failed[0]


def test_a_killed_client_ends_its_jobs_and_the_same_command_goes_on(
    write_suite: Write, write_model: Write, cluster: Any, home: Path
) -> None:
    write_model(WAITS)
    (home / "block").touch()
    path = write_suite(models="models: [prior_rate, 'own:Own']", split="split: {by: learner, folds: 2, only: 1}")
    process = start(path, cluster)
    until(lambda: (home / "waiting").exists() and (home / "waiting").read_text() != "")
    job = int((home / "waiting").read_text())
    store = open_store()
    until(lambda: [r.status for r in runs_of(store, "model") if r.params["model"] == "prior_rate"] == ["FINISHED"])
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    until(lambda: not is_alive(job))
    (home / "go").touch()
    outcome = execute(path, cluster)
    assert not outcome.failed
    statuses = [(run.params["model"], run.shown_status) for run in runs_of(store, "fold")]
    assert sorted(statuses) == [("own:Own", "finished"), ("own:Own", "interrupted"), ("prior_rate", "finished")]


def test_ctrl_c_ends_the_processes_of_jobs(write_suite: Write, write_model: Write, cluster: Any, home: Path) -> None:
    write_model(WAITS)
    (home / "block").touch()
    process = start(write_suite(models="models: ['own:Own']"), cluster)
    until(lambda: (home / "waiting").exists() and (home / "waiting").read_text() != "")
    job = int((home / "waiting").read_text())
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "of 3 jobs are finished; the same command goes on from there." in said
    assert "Traceback" not in said
    until(lambda: not is_alive(job))
    kinds = ("suite", "model", "fold")  # a job that had only just begun marks its run itself, in its own time
    until(lambda: {run.status for kind in kinds for run in runs_of(open_store(), kind)} == {"KILLED"})


def test_two_clients_share_the_work_of_one_suite(write_suite: Write, cluster: Any) -> None:
    path = write_suite(models="models: [prior_rate, bkt, pfa, irt]", split="split: {by: learner, folds: 3}")
    both = [start(path, cluster), start(path, cluster)]
    for process in both:
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
    finished = [run.tags["attain.key"] for run in runs_of(open_store(), "fold") if run.status == "FINISHED"]
    assert len(finished) == len(set(finished)) == 12, "no job is done twice"


def test_a_job_that_no_worker_has_room_for_is_refused_before_anything_runs(write_suite: Write, cluster: Any) -> None:
    path = write_suite(models="models: [prior_rate, {name: bkt, resources: {gpus: 2}}]")
    with pytest.raises(UserError, match=r"tiny.yaml:7: models.1.resources: bkt asks for 2 GPUs where there are none"):
        execute(path, cluster)
    assert not runs_of(open_store(), "suite")


def test_a_scheduler_that_goes_away_ends_the_suite_in_words(
    write_suite: Write, write_model: Write, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attain.suite.dask_executor.AWAY_SECONDS", 0.5)
    write_model(WAITS)
    (home / "block").touch()
    quiet = {"dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=True, **quiet) as short:
        closing = View()
        closing.progressed = lambda job, text: short.close()  # type: ignore[method-assign]
        with pytest.raises(UserError, match=r"The Dask scheduler at .* is gone; what is finished stays finished"):
            execute(write_suite(models="models: ['own:Own']"), short, closing)
    job = int((home / "waiting").read_text())
    until(lambda: not is_alive(job))
