"""Do what a plan says with local processes, so that whatever happens, what is finished stays finished."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from attain.suite import record
from attain.suite.plan import Job, ModelRun, Plan
from attain.suite.pool import Message, Pool, Worker
from attain.suite.progress import View
from attain.tracking.store import open_store
from attain.tracking.writer import Writer

TRIES = 2
"""How often a job is begun whose worker dies, before it counts as failed."""
PATIENCE_SECONDS = 2.0
"""How long to wait before asking again for a job that another suite is doing."""


@dataclass(eq=False)
class _State:
    """How far the run of one model is."""

    run: ModelRun
    run_id: str | None = None
    done: dict[str, str] = field(default_factory=dict)  # job key to its finished run
    failed: list[str] = field(default_factory=list)
    canary_run: str | None = None
    scored: bool = False

    @property
    def lacks(self) -> list[Job]:
        """Jobs still to be done: none of the folds where the model is scored already."""
        wanted = self.run.all_jobs if not self.scored else [job for job in self.run.all_jobs if job.kind == "canary"]
        return [job for job in wanted if job.key not in self.done]

    def finished(self, job: Job, run_id: str) -> None:
        """A job is done, by a run."""
        self.done[job.key] = run_id
        if job.kind == "canary":
            self.canary_run = run_id

    @property
    def over(self) -> bool:
        """Whether nothing is left to do."""
        return bool(self.failed) or (self.scored and not self.lacks)


@dataclass(frozen=True)
class Outcome:
    """What became of a suite.

    Attributes:
        suite_run: id of the suite's own run.
        finished: model runs by label of data set and model.
        failed: one sentence for each model that failed.
    """

    suite_run: str
    finished: Mapping[tuple[str, str], str]
    failed: tuple[str, ...]


class Execution:
    """One execution of a plan.

    Args:
        plan: what to do.
        uri: address of the store.
        workers: how many processes.
        threads: threads of the numeric libraries in each.
        view: what a person sees.
    """

    def __init__(self, plan: Plan, uri: str, *, workers: int, threads: int, view: View) -> None:
        self._plan, self._uri, self._store, self._view = plan, uri, open_store(uri), view
        self._workers, self._threads = workers, threads
        self._states = [_State(run) for run in plan.runs]
        self._waiting: deque[tuple[_State, Job]] = deque()
        self._tries: dict[str, int] = {}
        self._begun: dict[Worker, tuple[_State, Job | None, str, float]] = {}
        self._asked_again = 0.0

    def run(self) -> Outcome:
        """Do every job that is not finished yet, then score each model.

        Raises:
            KeyboardInterrupt: a person stopped it; its runs are marked, and finished jobs stay finished.
        """
        plan, store = self._plan, self._store
        self._experiment = store.ensure_experiment(plan.source.suite.suite).experiment_id
        done = store.finished_runs([job.key for job in plan.jobs])
        scored = store.finished_runs([plan.key_of(run) for run in plan.runs])
        for state in self._states:
            state.run_id = scored.get(plan.key_of(state.run))
            state.scored = state.run_id is not None
            for job in state.run.all_jobs:
                if job.key in done:
                    state.finished(job, done[job.key])
        waiting = [(state, job) for state in self._states for job in state.lacks]
        self._waiting.extend(sorted(waiting, key=lambda pair: pair[1].kind != "canary"))
        with Writer(store) as self._writer, self._view as view:
            self._suite_run = record.begin_suite(store, self._experiment, plan)
            self._writer.attend(self._suite_run)
            view.begin(len(plan.jobs) + len(plan.runs), len(done) + len(scored))
            pool = Pool(min(self._workers, max(len(self._waiting), len(plan.runs))), threads=self._threads)
            try:
                self._loop(pool)
            except KeyboardInterrupt:
                pool.stop()
                self._writer.flush()
                record.interrupt(
                    store, [self._suite_run, *(s.run_id for s in self._states if s.run_id and not s.scored)]
                )
                raise
            finally:
                pool.stop()
            return self._finish()

    def _loop(self, pool: Pool) -> None:
        while not all(state.over for state in self._states) or self._begun:
            for worker in pool.idle():
                self._give(pool, worker)
            for worker, event in pool.events(timeout=0.2):
                self._heard(worker, event)

    def _give(self, pool: Pool, worker: Worker) -> None:
        """The next thing for an idle worker: score a model whose jobs are complete, else begin a job."""
        for state in self._states:
            at_work = any(begun[0] is state for begun in self._begun.values())
            if not (state.scored or state.failed or state.lacks or at_work):
                self._begin(pool, worker, state, None, record.score_message(self._plan, state.run, state.done))
                return
        for _ in range(len(self._waiting)):
            state, job = self._waiting.popleft()
            if self._is_free(state, job):
                self._begin(pool, worker, state, job, record.job_message(self._plan, state.run, job))
                return

    def _is_free(self, state: _State, job: Job) -> bool:
        """Whether the job is ours to do: not failed with its model, and not being done by another suite."""
        if state.failed:
            return False
        if self._store.claim(job.key, self._run_of(state)):
            elsewhere = self._store.finished_runs([job.key])  # by another suite, since we looked
            if not elsewhere:
                return True
            self._store.release(job.key)
            self._done_elsewhere(state, job, elsewhere[job.key])
            return False
        self._waiting.append((state, job))
        if time.monotonic() - self._asked_again > PATIENCE_SECONDS:
            self._asked_again = time.monotonic()
            if elsewhere := self._store.finished_runs([job.key]):
                self._waiting.remove((state, job))
                self._done_elsewhere(state, job, elsewhere[job.key])
        return False

    def _done_elsewhere(self, state: _State, job: Job, run_id: str) -> None:
        state.finished(job, run_id)
        self._view.ended(record.name_of(state.run, job), "finished", 0.0)

    def _begin(self, pool: Pool, worker: Worker, state: _State, job: Job | None, message: Message) -> None:
        name = record.name_of(state.run, job)
        self._begun[worker] = (state, job, name, time.monotonic())
        self._view.started(name)
        where = {"store": self._uri, "experiment": self._experiment, "name": name}
        pool.give(worker, where | message | {"parent" if job else "run": self._run_of(state)})

    def _run_of(self, state: _State) -> str:
        """The run of a model, made when its first job begins."""
        if state.run_id is None:
            state.run_id = record.begin_model(self._store, self._experiment, self._suite_run, self._plan, state.run)
            self._writer.attend(state.run_id)
        return state.run_id

    def _heard(self, worker: Worker, event: Message) -> None:
        if worker not in self._begun:
            return
        state, job, name, since = self._begun[worker]
        if event["event"] == "progress":
            key, value = list(event["values"].items())[-1]
            self._view.progressed(name, f"{event['step']}: {key} {value:.3g}")
        elif event["event"] == "done":
            del self._begun[worker]
            self._ended(state, job, name, event, time.monotonic() - since)
        elif event["event"] == "died":
            del self._begun[worker]
            self._lost(worker, state, job, name, event, time.monotonic() - since)

    def _ended(self, state: _State, job: Job | None, name: str, event: Message, seconds: float) -> None:
        self._view.ended(name, event["outcome"], seconds)
        if job is not None:
            self._store.release(job.key)
        if job is not None and job.kind == "canary":
            state.canary_run = event["run_id"]
        if event["outcome"] == "failed":
            self._fail(state, f"{name}: {event['why']} (attain show {event['run_id']})")
        elif job is None:
            state.scored = True
        else:
            state.finished(job, event["run_id"])

    def _lost(self, worker: Worker, state: _State, job: Job | None, name: str, event: Message, seconds: float) -> None:
        """A worker died: mark its run, and begin the job once more."""
        if job is not None:
            self._store.release(job.key)
            if worker.run_id is not None:
                record.interrupt(self._store, [worker.run_id])
        tried = self._tries[name] = self._tries.get(name, 0) + 1
        words = f": {worker.last_words[-1]}" if worker.last_words else ""
        sentence = f"{name}: its process ended with status {event['code']}{words}"
        if tried < TRIES and job is not None:
            self._view.said(f"{sentence}; it is begun once more.")
            self._waiting.append((state, job))
            return
        self._view.ended(name, "lost", seconds)
        self._fail(state, sentence)

    def _fail(self, state: _State, sentence: str) -> None:
        state.failed.append(sentence)
        self._view.said(f"Failed: {sentence}")
        self._waiting = deque((other, job) for other, job in self._waiting if other is not state)

    def _finish(self) -> Outcome:
        failed = []
        for state in self._states:
            failed += state.failed
            if state.failed and state.run_id is not None:
                self._store.update_run(state.run_id, status="FAILED")
        names = {(s.run.dataset.name, s.run.label): s for s in self._states}
        finished = {name: s.run_id for name, s in names.items() if s.scored and s.run_id and not s.failed}
        self._writer.flush()
        record.keep_canaries(self._store, self._suite_run, {n: s.canary_run for n, s in names.items() if s.canary_run})
        record.finish_suite(self._store, self._suite_run, self._plan, finished, failed)
        return Outcome(self._suite_run, finished, tuple(failed))
