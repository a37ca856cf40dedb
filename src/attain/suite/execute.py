"""Do what a plan says with processes here or elsewhere, so that whatever happens, what is finished stays finished."""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from attain.core.errors import UserError
from attain.suite import record
from attain.suite.executor import Executor, Message, Place, Start, Task
from attain.suite.people.report import report_recorded
from attain.suite.plan import Job, ModelRun, Plan
from attain.suite.pool import Pool
from attain.suite.progress import View
from attain.suite.resources import Room
from attain.suite.search import Searching, begin_search, finish_search
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
        workers: how many jobs at once.
        threads: threads of the numeric libraries in each that does not say how many.
        view: what a person sees.
        start: opens what does the jobs; processes of this machine where not given.
    """

    def __init__(self, plan: Plan, uri: str, *, workers: int, threads: int, view: View, start: Start = Pool) -> None:
        self._plan, self._uri, self._store, self._view = plan, uri, open_store(uri), view
        self._workers, self._threads, self._start = workers, threads, start
        self._states = [_State(run) for run in plan.runs]
        self._waiting: deque[tuple[_State, Job]] = deque()
        self._tries: dict[str, int] = {}
        self._searches: list[Searching] = []
        self._sought: dict[str, Searching] = {}  # a trial's key to its search
        self._lost_at: dict[str, set[str]] = {}  # a job's name to where it was lost
        self._begun: dict[Task, tuple[_State, Job | None, str, float]] = {}
        self._asked_again = 0.0

    def run(self) -> Outcome:
        """Do every job that is not finished yet, then score each model.

        Raises:
            KeyboardInterrupt: a person stopped it; its runs are marked, and finished jobs stay finished.
            UserError: a job asks for more than there is, and nothing has run; or there is nothing left to do jobs.
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
        waiting = [(state, job) for state in self._states for job in state.lacks if not self._seeks(state, job)]
        self._waiting.extend(sorted(waiting, key=lambda pair: pair[1].kind != "canary"))
        at_once = len(self._waiting) + sum(one.search.at_once for one in self._searches)
        pool = self._start(min(self._workers, max(at_once, len(plan.runs))), self._threads)
        try:
            self._refuse_too_much(pool)
            with Writer(store) as self._writer, self._view as view:
                self._suite_run = record.begin_suite(
                    store, self._experiment, plan, workers=self._workers, threads=self._threads
                )
                self._writer.attend(self._suite_run)
                trials = sum(one.search.trials for one in self._searches)
                view.begin(len(plan.jobs) + len(plan.runs) + trials, len(done) + len(scored))
                try:
                    self._loop(pool)
                except (KeyboardInterrupt, UserError):
                    pool.stop()
                    self._mark_as_stopped()
                    raise
                return self._finish()
        finally:
            pool.stop()

    def _seeks(self, state: _State, job: Job) -> bool:
        """Whether a fold has to wait for its params; its search is begun."""
        if job.kind == "fold" and job.search:
            self._searches.append(Searching(state.run, job))
            return True
        return False

    def _go_on_searching(self) -> None:
        """Begin trials that can be proposed now; what earlier suites tried is taken from the store."""
        for searching in list(self._searches):
            state = next(state for state in self._states if state.run is searching.run)
            if state.failed:
                self._close(searching)
                continue
            if not searching.run_id:
                tags = record.tags_of(self._plan, state.run)
                begin_search(self._store, self._experiment, self._run_of(state), searching, tags)
                self._writer.attend(searching.run_id)
            while (job := searching.next()) is not None:
                self._sought[job.key] = searching
                if found := self._store.finished_runs([job.key]):
                    self._done_elsewhere(state, job, found[job.key])
                else:
                    self._waiting.append((state, job))
            if searching.over:
                self._choose(state, searching)

    def _choose(self, state: _State, searching: Searching) -> None:
        """Hand the best params to the fold that waits for them."""
        self._searches.remove(searching)
        finish_search(self._store, searching)
        if (params := searching.best) is None:
            name = record.name_of(state.run, searching.fold)
            self._fail(state, f"{name}: no trial of its search could be completed (attain show {searching.run_id})")
            return
        self._waiting.append((state, replace(searching.fold, params=searching.fold.params | params)))

    def _close(self, searching: Searching) -> None:
        self._searches.remove(searching)
        if searching.run_id:
            record.interrupt(self._store, [searching.run_id])

    def _finished(self, state: _State, job: Job, run_id: str) -> None:
        if job.kind == "trial":
            self._sought[job.key].told(self._store, job, run_id)
        else:
            state.finished(job, run_id)

    def _refuse_too_much(self, pool: Executor) -> None:
        """Nothing begins where a job asks for more than any place has: it would wait for ever."""
        for state in self._states:
            if not state.over and (lacking := pool.refused(self._need(state))):
                place = self._plan.place_of_resources(state.run)
                raise self._plan.source.error(f"{state.run.label} asks for {lacking}.", *place)

    def _need(self, state: _State) -> Room:
        return Room.for_job(state.run.resources, self._threads)

    def _loop(self, pool: Executor) -> None:
        while not all(state.over for state in self._states) or self._begun:
            self._go_on_searching()
            while any(self._give(pool, place) for place in pool.idle()):
                pass
            for task, event in pool.events(timeout=0.2):
                self._heard(task, event)

    def _give(self, pool: Executor, place: Place) -> bool:
        """The next thing for a place: score a model whose jobs are complete, else begin a job; whether there is one."""
        for state in self._states:
            at_work = any(begun[0] is state for begun in self._begun.values())
            if not (state.scored or state.failed or state.lacks or at_work) and place.takes(Room(self._threads)):
                message = record.score_message(self._plan, state.run, state.done)
                self._begin(pool, place, state, None, message, Room(self._threads))
                return True
        for _ in range(len(self._waiting)):
            state, job = self._waiting.popleft()
            if not self._suits(place, state, job):
                self._waiting.append((state, job))
            elif self._is_free(state, job):
                message = record.job_message(self._plan, state.run, job)
                self._begin(pool, place, state, job, message, self._need(state))
                return True
        return False

    def _suits(self, place: Place, state: _State, job: Job) -> bool:
        """Whether a job fits a place, and was not lost there before (unless there is no other)."""
        lost = place.where in self._lost_at.get(record.name_of(state.run, job), ()) and self._begun
        return bool(state.failed) or (place.takes(self._need(state)) and not lost)

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
        self._finished(state, job, run_id)
        self._view.ended(record.name_of(state.run, job), "finished", 0.0)

    def _begin(
        self, pool: Executor, place: Place, state: _State, job: Job | None, message: Message, need: Room
    ) -> None:
        name = record.name_of(state.run, job)
        self._view.started(name)
        where = {"store": self._uri, "experiment": self._experiment, "name": name}
        parent = self._run_of(state)
        if job is not None and job.kind == "trial":
            parent = self._sought[job.key].run_id
        task = pool.give(place, where | message | {"parent" if job else "run": parent}, need)
        self._begun[task] = (state, job, name, time.monotonic())

    def _run_of(self, state: _State) -> str:
        """The run of a model, made when its first job begins."""
        if state.run_id is None:
            state.run_id = record.begin_model(self._store, self._experiment, self._suite_run, self._plan, state.run)
            self._writer.attend(state.run_id)
        return state.run_id

    def _heard(self, task: Task, event: Message) -> None:
        if task not in self._begun:
            return
        state, job, name, since = self._begun[task]
        if event["event"] == "progress":
            key, value = list(event["values"].items())[-1]
            self._view.progressed(name, f"{event['step']}: {key} {value:.3g}")
        elif event["event"] == "done":
            del self._begun[task]
            self._ended(state, job, name, event, time.monotonic() - since)
        elif event["event"] == "died":
            del self._begun[task]
            self._lost(task, state, job, name, event, time.monotonic() - since)

    def _ended(self, state: _State, job: Job | None, name: str, event: Message, seconds: float) -> None:
        self._view.ended(name, event["outcome"], seconds)
        if job is not None:
            self._store.release(job.key)
        if job is not None and job.kind == "canary":
            state.canary_run = event["run_id"]
        if event["outcome"] == "failed" and job is not None and job.kind == "trial":
            self._view.said(f"{name}: {event['why']}; the search goes on without it.")
            self._sought[job.key].failed(job)
        elif event["outcome"] == "failed":
            self._fail(state, f"{name}: {event['why']} (attain show {event['run_id']})")
        elif job is None:
            state.scored = True
        else:
            self._finished(state, job, event["run_id"])

    def _lost(self, task: Task, state: _State, job: Job | None, name: str, event: Message, seconds: float) -> None:
        """A worker died: mark its run, and begin the job once more."""
        if job is not None:
            self._store.release(job.key)
            if task.run_id is not None:
                record.interrupt(self._store, [task.run_id])
        if task.where:
            self._lost_at.setdefault(name, set()).add(task.where)
        tried = self._tries[name] = self._tries.get(name, 0) + 1
        sentence = f"{name}: {event['how']}"
        if tried < TRIES:
            self._view.said(f"{sentence}; it is begun once more.")
            if job is not None:  # scoring is begun again by itself
                self._waiting.append((state, job))
            return
        self._view.ended(name, "lost", seconds)
        if job is not None and job.kind == "trial":
            self._view.said(f"{sentence}; the search goes on without it.")
            self._sought[job.key].failed(job)
        else:
            self._fail(state, sentence)

    def _mark_as_stopped(self) -> None:
        """Finished jobs stay finished."""
        self._writer.flush()
        begun = [state.run_id for state in self._states if state.run_id and not state.scored]
        begun += [task.run_id for task in self._begun if task.run_id]  # those that had to be ended at once
        record.interrupt(self._store, [self._suite_run, *begun, *(s.run_id for s in self._searches if s.run_id)])

    def _fail(self, state: _State, sentence: str) -> None:
        state.failed.append(sentence)
        self._view.said(f"Failed: {sentence}")
        self._waiting = deque((other, job) for other, job in self._waiting if other is not state)

    def _report_people(self, finished: Mapping[tuple[str, str], str]) -> None:
        """What people said of the pieces, where the data came with ratings."""
        try:
            if finished and report_recorded(self._store, self._suite_run):
                self._view.said(f"What people said of the pieces: attain ratings report {self._suite_run[:8]}")
        except UserError as error:
            self._view.said(f"No report of the ratings: {error}")

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
        self._report_people(finished)
        return Outcome(self._suite_run, finished, tuple(failed))
