"""The search of one fold: which trials may begin, what became of them, and which was best."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from attain.charts.search import draw_history, draw_importance
from attain.charts.style import save
from attain.core import fingerprint
from attain.suite.plan import Job, ModelRun
from attain.suite.search_config import Search
from attain.suite.study import Trial, best_of, importance, propose, values_of
from attain.suite.trial import STATE, VALUE
from attain.tracking import artifacts
from attain.tracking.entities import KEY_TAG, MetricPoint
from attain.tracking.liveness import now_ms
from attain.tracking.store import Store

TRIALS = "trials.json"
"""Artifact of a search's run: every trial with its params, its steps, and what became of it."""


@dataclass(eq=False)
class Searching:
    """A search under way.

    Attributes:
        run: the model's.
        fold: the job that waits for the params.
        trials: what became of trials, by number.
        run_id: of the search's own run; empty until it has begun.
    """

    run: ModelRun
    fold: Job
    trials: dict[int, Trial] = field(default_factory=dict)
    run_id: str = ""
    _jobs: dict[int, Job] = field(default_factory=dict)

    @property
    def search(self) -> Search:
        """What the suite says of it."""
        assert self.run.search is not None
        return self.run.search

    @property
    def direction(self) -> str:
        """`max` or `min`."""
        return str(self.fold.search["direction"])

    @property
    def over(self) -> bool:
        """Whether every trial is done."""
        return len(self.trials) == self.search.trials

    @property
    def best(self) -> dict[str, Any] | None:
        """The params of the best trial; None where no trial could be completed."""
        number = best_of(self.direction, self.trials)
        return None if number is None else dict(self.trials[number].params)

    def next(self) -> Job | None:
        """The next trial's job, once all is known that it is proposed from; None where it must wait or none is left."""
        number = len(self._jobs)
        known = range(number - self.search.at_once + 1)
        if number >= self.search.trials or any(before not in self.trials for before in known):
            return None
        seen = [self.trials[before] for before in known]
        under_way = [Trial(self._chosen(self._jobs[n])) for n in range(max(0, len(known)), number)]
        proposed = propose(self.search, self.direction, [*seen, *under_way], number, self.fold.fold, self.fold.seed)
        params = values_of(self.search, proposed)
        asked = {**self.fold.search, "seen": [asdict(t) for t in seen] if self.search.pruning != "none" else []}
        shown = [{name: value for name, value in one.items() if name != "run_id"} for one in asked["seen"]]
        key = fingerprint.of_json({"trial": number, "of": self.fold.key, "params": params, "seen": shown})
        job = replace(self.fold, key=key, kind="trial", params=self.fold.params | params, search=asked, trial=number)
        self._jobs[number] = job
        return job

    def told(self, store: Store, job: Job, run_id: str) -> None:
        """A trial's run is finished."""
        steps = [point.value for point in store.metric_history(run_id, VALUE).items]
        state = store.get_run(run_id).tags[STATE]
        self.trials[job.trial] = Trial(self._chosen(job), steps, state, run_id)

    def failed(self, job: Job) -> None:
        """A trial could not be done; the search goes on without it."""
        self.trials[job.trial] = Trial(self._chosen(job), state="failed")

    def _chosen(self, job: Job) -> dict[str, Any]:
        return {name: job.params[name] for name in self.search.space}


def begin_search(store: Store, experiment: str, parent: str, searching: Searching, tags: Mapping[str, str]) -> str:
    """The search's own run, under that of its model."""
    name = f"{searching.run.label} · {searching.run.dataset.name} · search of fold {searching.fold.fold}"
    said = searching.search.model_dump(mode="json")
    params = {f"search.{key}": json.dumps(value) for key, value in said.items()} | {"fold": str(searching.fold.fold)}
    made = store.create_run(
        experiment, name, tags={**tags, "attain.kind": "search"}, params=params, parent_run_id=parent
    )
    searching.run_id = made.run_id
    return made.run_id


def finish_search(store: Store, searching: Searching) -> None:
    """Keep the trials, what was chosen from how many, and two figures; mark the run as finished."""
    number, run_id = best_of(searching.direction, searching.trials), searching.run_id
    trials = [searching.trials[n] for n in sorted(searching.trials)]
    text = json.dumps([asdict(trial) for trial in trials], indent=1)
    artifacts.log_bytes(store, run_id, text.encode(), TRIALS)
    if number is None:
        store.update_run(run_id, status="FAILED")
        return
    points = [MetricPoint("best", trials[number].steps[-1], now_ms()), MetricPoint("trials", len(trials), now_ms())]
    chosen = {f"best.{name}": str(value) for name, value in trials[number].params.items()}
    store.log_batch(run_id, metrics=points, params=chosen, tags={KEY_TAG: f"search {searching.fold.key}"[:250]})
    shares = importance(searching.search, searching.direction, trials)
    with tempfile.TemporaryDirectory() as scratch:
        folder, metric = Path(scratch), str(searching.fold.search["metric"])
        steps = {n: t.steps[-1] for n, t in enumerate(trials) if t.state == "complete"}
        pruned = {n: t.steps[-1] for n, t in enumerate(trials) if t.state == "pruned"}
        figure = draw_history(steps, pruned, metric=metric, direction=searching.direction, model=searching.run.label)
        save(figure, folder, "history")
        if shares:
            save(draw_importance(shares, metric=metric, n_trials=len(steps)), folder, "importance")
            artifacts.log_bytes(store, run_id, json.dumps(shares, indent=1).encode(), "importance.json")
        artifacts.log_artifacts(store, run_id, folder, "figures")
    store.update_run(run_id, status="FINISHED")
