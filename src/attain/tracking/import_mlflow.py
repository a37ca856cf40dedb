"""Taking over what an MLflow store holds: experiments, runs with full histories and files, models, the registry.

It can be stopped and begun again at any moment, and be run again later: runs keep their ids, and of a run that is here
already only what is new is copied.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from attain.core.fingerprint import of_json
from attain.tracking.entities import Experiment, MetricPoint, Run
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.import_files import import_files, kept_files
from attain.tracking.import_models import import_models
from attain.tracking.import_registry import import_registry
from attain.tracking.import_report import ORIGIN_TAG, Counts, Report, noted
from attain.tracking.mlflow_sources.database import DatabaseSource
from attain.tracking.mlflow_sources.folder import FolderSource
from attain.tracking.mlflow_sources.server import ServerSource
from attain.tracking.mlflow_sources.source import Source, Unreadable
from attain.tracking.recovery import PIECE
from attain.tracking.rules import BATCH_PARAMS, BATCH_TAGS, checked_point
from attain.tracking.sql.store import Store

T = TypeVar("T")
Tell = Callable[[Report], None]

STATE_TAG = "attain.origin_state"
"""A hash of what the source showed of a run when it was copied; the same again means that nothing is new."""


def open_source(address: str) -> Source:
    """The MLflow store at an address: of a server, of a folder `mlruns`, or of a SQLite file.

    Raises:
        Invalid: it is none of these.
        NotFound: there is no such folder or file.
    """
    if address.startswith(("http://", "https://")):
        return ServerSource(address)
    if address.startswith("sqlite:///"):
        return DatabaseSource(Path(address.removeprefix("sqlite:///")))
    if "://" in address and not address.startswith("file://"):
        raise Invalid(
            f"{address!r} cannot be imported from. Expected the address of an MLflow server (http://…), a folder "
            "'mlruns' or a SQLite file; for another database, start an MLflow server on it and give its address."
        )
    path = Path(address.removeprefix("file://")).expanduser()
    return DatabaseSource(path) if path.is_file() else FolderSource(path)


def import_mlflow(source: Source, store: Store, tell: Tell) -> Report:
    """Copy everything; what cannot be taken over is named in the report, and the rest goes on.

    Args:
        source: where from.
        store: where to.
        tell: hears of the report as it grows, after each run.
    """
    report = Report()
    copy, taken = _Copy(source, store, report, tell), []
    for experiment in source.experiments():
        report.seen += Counts(experiments=1)
        with noted(report, f"experiment {experiment.name!r}"):
            copy.runs(experiment)
            taken.append(experiment)
    deleted = [model_id for experiment in taken for model_id in copy.models(experiment)]
    import_registry(source, store.registry, report)
    for model_id in deleted:
        store.models.delete(model_id)
    return report


class _Copy:
    """The way of experiments into the store."""

    def __init__(self, source: Source, store: Store, report: Report, tell: Tell) -> None:
        self._source, self._store, self._report, self._tell = source, store, report, tell

    def runs(self, experiment: Experiment) -> None:
        """Copy an experiment with its runs."""
        with self._opened(experiment) as ours:
            self._report.kept += Counts(experiments=1)
            for run in self._source.runs(experiment.experiment_id):
                if isinstance(run, Unreadable):
                    self._report.trouble.append(f"run {run.name!r}: {run.why}")
                    continue
                self._report.seen += _shown(run)
                with noted(self._report, f"run {run.name!r} ({run.run_id})"):
                    self._run(run, ours)
                self._tell(self._report)

    def models(self, experiment: Experiment) -> list[str]:
        """Copy the logged models of an experiment; the ids of those that are deleted there."""
        with self._opened(experiment) as ours:
            return import_models(self._source, self._store, self._report, experiment.experiment_id, ours)

    @contextmanager
    def _opened(self, experiment: Experiment) -> Iterator[str]:
        """The id of the experiment here: made if it is new, active within, deleted afterwards if it is so there."""
        ours = self._store.experiment_named(experiment.name)
        if ours is None:
            made = self._store.create_experiment(experiment.name, tags={**experiment.tags, ORIGIN_TAG: self._origin})
            ours = self._store.experiment(made)
            self._report.added += Counts(experiments=1)
        was_deleted = ours.lifecycle_stage == "deleted"
        if was_deleted:
            if ours.tags.get(ORIGIN_TAG) != self._origin:
                raise Invalid(
                    f"an experiment of this name is deleted here (id {ours.experiment_id}); restore it first."
                )
            self._store.restore_experiment(ours.experiment_id)
        yield ours.experiment_id
        if was_deleted or experiment.lifecycle_stage == "deleted":
            self._store.delete_experiment(ours.experiment_id)

    @property
    def _origin(self) -> str:
        return self._source.origin

    def _run(self, run: Run, experiment_id: str) -> None:
        state = _state(run)
        ours = self._existing(run)
        if ours is None:
            ours = replace(self._begun(run, experiment_id), tags={}, inputs=())
            self._report.added += Counts(runs=1)
        elif ours.lifecycle_stage == "deleted":
            self._store.restore_run(run.run_id)
        if ours.tags.get(STATE_TAG) != state:
            self._texts(run, ours)
            self._points(run)
        else:
            self._report.seen += Counts(points=self._store.count_points(run.run_id))
        import_files(run, self._source, self._store, self._report)
        self._store.update_run(run.run_id, status=run.status, end_time=run.end_time)
        self._store.log_batch(run.run_id, tags={STATE_TAG: state})
        self._check(run)
        if run.lifecycle_stage == "deleted":
            self._store.delete_run(run.run_id)

    def _existing(self, run: Run) -> Run | None:
        try:
            ours = self._store.get_run(run.run_id)
        except NotFound:
            return None
        if ours.tags.get(ORIGIN_TAG) != self._origin:
            raise Invalid(f"there is a run with this id here that was not imported from {self._origin}.")
        return ours

    def _begun(self, run: Run, experiment_id: str) -> Run:
        return self._store.create_run(
            experiment_id,
            run.name or None,
            tags={ORIGIN_TAG: self._origin},
            parent_run_id=run.parent_run_id,
            start_time=run.start_time,
            user_id=run.user_id,
            attended=False,
            run_id=run.run_id,
        )

    def _texts(self, run: Run, ours: Run) -> None:
        """Params, tags and inputs, all or none."""
        with self._store.together():
            for some in _pieces(run.params.items(), BATCH_PARAMS):
                self._store.log_batch(run.run_id, params=dict(some))
            for some in _pieces(run.tags.items(), BATCH_TAGS):
                self._store.log_batch(run.run_id, tags=dict(some))
            self._store.log_inputs(run.run_id, run.inputs)
            self._store.models.link(run.run_id, run.model_inputs, run.model_outputs)
        self._report.added += Counts(
            params=len(run.params.keys() - ours.params.keys()),
            tags=len(run.tags.keys() - ours.tags.keys()),
            inputs=len({(i.name, i.digest) for i in run.inputs} - {(i.name, i.digest) for i in ours.inputs}),
        )

    def _points(self, run: Run) -> None:
        before, seen = self._store.count_points(run.run_id), 0
        for some in _pieces(self._source.points(run), PIECE):
            self._store.add_points([(run.run_id, point) for point in some])
            seen += len(some)
        after = self._store.count_points(run.run_id)
        if after < seen:  # the same point may stand twice in a file, and is one
            seen = len({(p.key, p.timestamp, p.step, str(p.value)) for p in self._source.points(run)})
        self._report.seen += Counts(points=seen)
        self._report.added += Counts(points=after - before)

    def _check(self, run: Run) -> None:
        """Count what is here now, and compare what can be compared."""
        ours = self._store.get_run(run.run_id)
        tags, points = len(ours.tags.keys() & run.tags.keys()), self._store.count_points(run.run_id)
        self._report.kept += replace(_shown(ours), tags=tags, points=points) + kept_files(run, self._store)
        latest = {key: checked_point(point) for key, point in run.latest.items()}
        if {k: _comparable(p) for k, p in latest.items()} != {k: _comparable(p) for k, p in ours.latest.items()}:
            raise Invalid("the latest values of its metrics are not the same here; import it again.")
        if dict(run.params) != dict(ours.params):
            raise Invalid("its params are not the same here.")
        if not set(_links(run)) <= set(_links(ours)):
            raise Invalid("the logged models that it used and made are not the same here.")


def _shown(run: Run) -> Counts:
    """What a run shows without its histories and files."""
    return Counts(runs=1, params=len(run.params), tags=len(run.tags), inputs=len(run.inputs))


def _state(run: Run) -> str:
    latest = sorted((p.key, p.step, p.timestamp, str(p.value)) for p in run.latest.values())
    inputs = [[i.name, i.digest, sorted(i.tags.items())] for i in run.inputs]
    shown = [run.status, run.end_time, run.name, latest, sorted(run.params.items()), sorted(run.tags.items()), inputs]
    return of_json([*shown, sorted(_links(run))])


def _links(run: Run) -> list[tuple[str, str, int]]:
    """Which logged models it used and made."""
    used = [("input", model_id, 0) for model_id in run.model_inputs]
    return used + [("output", made.model_id, made.step) for made in run.model_outputs]


def _comparable(point: MetricPoint) -> tuple[int, int, str]:
    return point.step, point.timestamp, str(point.value)


def _pieces(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` items each."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
