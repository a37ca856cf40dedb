"""The store: one object in front of the modules, each call one transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine

from attain.tracking.access import Access
from attain.tracking.blobs import Blobs
from attain.tracking.blobs_local import LocalBlobs
from attain.tracking.entities import (
    ArtifactInfo,
    DatasetInput,
    DatasetUse,
    Experiment,
    MetricPoint,
    Page,
    Run,
    Status,
    View,
)
from attain.tracking.errors import Exists
from attain.tracking.liveness import now_ms, this_process, this_user
from attain.tracking.registry_entities import ModelPoint
from attain.tracking.rules import check_batch
from attain.tracking.sign_in import SignIn
from attain.tracking.sql import (
    artifacts,
    claims,
    dataset_search,
    experiment_search,
    experiments,
    inputs,
    labels,
    model_metrics,
    overview,
    runs,
    search,
    thinned,
)
from attain.tracking.sql import metrics as series
from attain.tracking.sql.engine import reading, together, writing
from attain.tracking.sql.lineage import Lineage
from attain.tracking.sql.models import LoggedModels
from attain.tracking.sql.registry import Registry
from attain.tracking.sql.run_rows import RunRows, entities, with_belongings

NOTHING: Mapping[str, str] = {}


class Store:
    """Experiments, runs and what belongs to them; safe to use from several threads and processes.

    Every method is one transaction: it is done wholly, or raises and nothing is kept. All raise `Invalid` for a value
    that breaks a rule, `NotFound` for an id that is not there, `Unavailable` if the database cannot be used.

    Attributes:
        name: what a store is called in files beside it: the SQLite file's name, else the address without password.
        folder: where files lie that belong to the store: journals of writers, and (if nothing else is set) artifacts.
        blobs: where the contents of artifacts lie.
        models: the logged models.
        registry: the registered models and their versions.
        lineage: the data sets that runs read, and what came of them.
    """

    def __init__(self, engine: Engine, name: str, folder: Path, blobs: Blobs | None = None) -> None:
        self._engine, self.name, self.folder = engine, name, folder
        self.models, self.registry, self.lineage = LoggedModels(engine), Registry(engine), Lineage(engine)
        self.blobs: Blobs = blobs or LocalBlobs(folder / "artifacts" / "blobs", name)

    @property
    def place(self) -> str:
        """Where the store is, for people: the file, or the address without password."""
        return str(self.folder / self.name) if (self.folder / self.name).exists() else self.name

    def close(self) -> None:
        """Let go of the database; the store can still be used and opens it again."""
        self._engine.dispose()

    @property
    def single_writer(self) -> bool:
        """Whether the database has one writer at a time, so that writes gain from being done `together`."""
        return self._engine.dialect.name == "sqlite"

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one transaction of all calls of this thread within; each of them can be refused alone."""
        with together(self._engine):
            yield

    @property
    def access(self) -> Access:
        """Users, groups, tokens, grants, and the ledger."""
        return Access(self._engine)

    @property
    def sign_in(self) -> SignIn:
        """What finds out who asks; keep it, for it remembers what it has checked."""
        return SignIn(self._engine)

    # Experiments

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Mapping[str, object] = NOTHING
    ) -> str:
        """Make an experiment; its id. Raises `Exists` if the name is taken, by a deleted one also."""
        with writing(self._engine) as c:
            return experiments.create(c, name, now_ms(), artifact_location, tags)

    def experiment(self, experiment_id: str) -> Experiment:
        """The experiment with an id, deleted or not."""
        with reading(self._engine) as c:
            return experiments.get(c, experiment_id)

    def experiment_named(self, name: str) -> Experiment | None:
        """The experiment with a name, deleted or not; None if there is none."""
        with reading(self._engine) as c:
            return experiments.named(c, name)

    def ensure_experiment(self, name: str) -> Experiment:
        """The experiment with a name, made now if there is none. Raises `Exists` if it is deleted."""
        found = self.experiment_named(name)
        if found is None:
            with suppress(Exists), writing(self._engine) as c:  # another process may make it in this moment
                experiments.create(c, name, now_ms())
            found = self.experiment_named(name)
        assert found is not None
        if found.lifecycle_stage == "deleted":
            raise Exists(f"Experiment {name!r} (id {found.experiment_id}) is deleted. Restore it or use another name.")
        return found

    def list_experiments(
        self, view: View = "ACTIVE_ONLY", max_results: int = 1000, page_token: str | None = None
    ) -> Page[Experiment]:
        """Experiments, the last made first."""
        return self.search_experiments("", (), max_results, page_token, view)

    def search_experiments(
        self,
        filter: str = "",
        order_by: Sequence[str] = (),
        max_results: int = 1000,
        page_token: str | None = None,
        view: View = "ACTIVE_ONLY",
    ) -> Page[Experiment]:
        """Experiments that a filter lets through; the last made first."""
        with reading(self._engine) as c:
            return experiment_search.search(c, filter, order_by, max_results, page_token, view)

    def datasets_used(self, experiment_ids: Sequence[str]) -> list[DatasetUse]:
        """Which data sets the runs of some experiments read, and as what; at most 1,000."""
        with reading(self._engine) as c:
            return dataset_search.used(c, experiment_ids)

    def rename_experiment(self, experiment_id: str, name: str) -> None:
        """Give an experiment another name."""
        with writing(self._engine) as c:
            experiments.rename(c, experiment_id, name, now_ms())

    def delete_experiment(self, experiment_id: str) -> None:
        """Mark an experiment and its runs as deleted."""
        with writing(self._engine) as c:
            experiments.remove(c, experiment_id, now_ms())

    def restore_experiment(self, experiment_id: str) -> None:
        """Bring back a deleted experiment and the runs that went with it."""
        with writing(self._engine) as c:
            experiments.restore(c, experiment_id, now_ms())

    def set_experiment_tags(self, experiment_id: str, tags: Mapping[str, object]) -> None:
        """Set tags of an experiment."""
        with writing(self._engine) as c:
            experiments.set_tags(c, experiment_id, tags)

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Take a tag from an experiment."""
        with writing(self._engine) as c:
            experiments.delete_tag(c, experiment_id, key)

    # Runs

    def create_run(
        self,
        experiment_id: str,
        name: str | None = None,
        tags: Mapping[str, object] = NOTHING,
        params: Mapping[str, object] = NOTHING,
        parent_run_id: str | None = None,
        start_time: int | None = None,
        *,
        user_id: str | None = None,
        attended: bool = True,
        process: str | None = None,
        run_id: str | None = None,
    ) -> Run:
        """Start a run.

        Args:
            experiment_id: an active experiment.
            name: made up if not given.
            tags: set at once.
            params: logged at once.
            parent_run_id: the run that this one is a part of.
            start_time: ms; now if not given.
            user_id: whose run it is; the user of this process if not given.
            attended: this process works on the run, and the run is interrupted if the process dies. False for a run
                that is only recorded here, e.g. by a server for a client elsewhere.
            process: another process that works on it (`liveness.this_process` there).
            run_id: 32 hexadecimal digits that no run has; made up if not given.
        """
        with writing(self._engine) as c:
            made = runs.create(
                c,
                experiment_id,
                name=name,
                tags=tags,
                params=params,
                parent_run_id=parent_run_id,
                start_time=now_ms() if start_time is None else start_time,
                user_id=this_user() if user_id is None else user_id,
                process=process or (this_process() if attended else None),
                run_id=run_id,
            )
            return runs.get(c, made)

    def get_run(self, run_id: str) -> Run:
        """A run as it stands now, deleted or not."""
        with reading(self._engine) as c:
            return runs.get(c, run_id)

    def bare_run(self, run_id: str) -> Run:
        """A run as it stands now, without anything that was logged to it."""
        with reading(self._engine) as c:
            return runs.bare(c, run_id)

    def update_run(
        self, run_id: str, status: Status | None = None, end_time: int | None = None, name: str | None = None
    ) -> None:
        """Change a run's state or name; a status that ends it sets the end (now if not given), releases its claims."""
        with writing(self._engine) as c:
            runs.change(c, run_id, status=status, end_time=end_time, name=name, now=now_ms())

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted; it takes no writes until restored."""
        with writing(self._engine) as c:
            runs.mark(c, run_id, "deleted", now_ms())

    def restore_run(self, run_id: str) -> None:
        """Bring back a deleted run."""
        with writing(self._engine) as c:
            runs.mark(c, run_id, "active", now_ms())

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[MetricPoint] = (),
        params: Mapping[str, object] = NOTHING,
        tags: Mapping[str, object] = NOTHING,
        about_models: Sequence[ModelPoint] = (),
    ) -> None:
        """Log up to 1,000 things at once: all of them, or (if one is refused) none.

        Points `about_models` are logged to the run and to their logged models.
        """
        check_batch([*metrics, *about_models], params, tags)
        with writing(self._engine) as c:
            run, _ = runs.writable(c, run_id)
            labels.add_params(c, run, params)
            labels.set_tags(c, run, tags)
            series.add(c, [(run, point) for point in metrics])
            model_metrics.add(c, run, about_models)

    def add_points(self, points: Sequence[tuple[str, MetricPoint]]) -> set[str]:
        """Add points of many runs, deleted ones also (they were accepted before); the ids of runs that do not exist."""
        with writing(self._engine) as c:
            known = runs.numbers_of(c, {run_id for run_id, _ in points})
            series.add(c, [(known[run_id], point) for run_id, point in points if run_id in known])
            return {run_id for run_id, _ in points} - known.keys()

    def delete_tag(self, run_id: str, key: str) -> None:
        """Take a tag from a run."""
        with writing(self._engine) as c:
            labels.delete_tag(c, runs.writable(c, run_id)[0], key)

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput]) -> None:
        """Say which data sets a run read."""
        with writing(self._engine) as c:
            inputs.add(c, *runs.writable(c, run_id), datasets)

    def metric_history(
        self, run_id: str, key: str, max_results: int = 10_000, page_token: str | None = None
    ) -> Page[MetricPoint]:
        """Every point of one metric, by timestamp, step, value; nothing for a metric that was never logged."""
        with reading(self._engine) as c:
            page = series.history(c, runs.number_of(c, run_id), key, max_results, page_token)
        return Page(series.points(key, page.items), page.next_token)

    def history_rows(
        self, run_id: str, key: str, max_results: int = 10_000, page_token: str | None = None
    ) -> Page[series.PointRow]:
        """`metric_history` as rows, for those who only write them down again: in a third of the time."""
        with reading(self._engine) as c:
            return series.history(c, runs.number_of(c, run_id), key, max_results, page_token)

    def thinned_histories(
        self, run_ids: Sequence[str], key: str, most: int, steps: tuple[int, int] | None = None
    ) -> dict[str, list[MetricPoint]]:
        """One metric of some runs for drawing: at most `most` points of each, by step (see `thinned`)."""
        with reading(self._engine) as c:
            return {run: thinned.thinned(c, runs.number_of(c, run), key, most, steps) for run in run_ids}

    def count_points(self, run_id: str) -> int:
        """How many points of metrics a run has."""
        with reading(self._engine) as c:
            return series.count(c, runs.number_of(c, run_id))

    def search_runs(
        self,
        experiment_ids: Sequence[str],
        filter: str = "",
        order_by: Sequence[str] = (),
        max_results: int = 1000,
        page_token: str | None = None,
        view: View = "ACTIVE_ONLY",
    ) -> Page[Run]:
        """Runs that a filter (MLflow's grammar, and OR, NOT, parentheses) lets through; the last started first."""
        with reading(self._engine) as c:
            found = search.search(c, experiment_ids, filter, order_by, max_results, page_token, view)
            return Page(entities(c, found.rows), found.next_token)

    def search_rows(
        self,
        experiment_ids: Sequence[str],
        filter: str = "",
        order_by: Sequence[str] = (),
        max_results: int = 1000,
        page_token: str | None = None,
        view: View = "ACTIVE_ONLY",
    ) -> Page[RunRows]:
        """`search_runs` as rows, some runs an item, for those who only write them down again: in half of the time."""
        with reading(self._engine) as c:
            found = search.search(c, experiment_ids, filter, order_by, max_results, page_token, view)
            return Page(with_belongings(c, found.rows), found.next_token)

    def count_runs(self, experiment_ids: Sequence[str], filter: str = "", view: View = "ACTIVE_ONLY") -> int:
        """How many runs `search_runs` finds on all pages."""
        with reading(self._engine) as c:
            return search.count(c, experiment_ids, filter, view)

    def overview(self, experiment_ids: Sequence[str]) -> dict[str, overview.Overview]:
        """How many active runs experiments have by status, and when the last began."""
        with reading(self._engine) as c:
            return overview.overview(c, experiment_ids)

    def parts(self, run_ids: Sequence[str]) -> dict[str, int]:
        """How many active runs are directly below some runs; those without have none."""
        with reading(self._engine) as c:
            return overview.parts(c, run_ids)

    def started(self, experiment_ids: Sequence[str], count: int, before: int | None = None) -> int | None:
        """When the last run but `count` began, of those of experiments that began before a moment (see `overview`)."""
        with reading(self._engine) as c:
            return overview.started(c, experiment_ids, count, before)

    # Files of runs, and of logged models by their ids (`m-…`): the rows; `attain.tracking.artifacts` moves the bytes

    def add_artifacts(self, run_id: str, files: Sequence[ArtifactInfo]) -> None:
        """Say that a run has these files, whose blobs are in place."""
        with writing(self._engine) as c:
            artifacts.add(c, artifacts.shelf(c, run_id, write=True), files)

    def artifact(self, run_id: str, path: str) -> ArtifactInfo:
        """One file of a run."""
        with reading(self._engine) as c:
            return artifacts.get(c, artifacts.shelf(c, run_id), path)

    def artifacts_under(self, run_id: str, folder: str = "") -> list[ArtifactInfo]:
        """Every file of a run at or under a path."""
        with reading(self._engine) as c:
            return artifacts.under(c, artifacts.shelf(c, run_id), folder)

    def remove_artifacts(self, run_id: str, folder: str = "") -> None:
        """Take a file, or all under a path, from a run; `collect` frees the space of what nobody else has."""
        with writing(self._engine) as c:
            artifacts.remove(c, artifacts.shelf(c, run_id, write=True), folder)

    def artifact_uri(self, run_id: str) -> str:
        """The address of a run's files, as MLflow's clients are told it."""
        with reading(self._engine) as c:
            return artifacts.uri(c, run_id)

    def referenced(self, contents: Sequence[str]) -> set[str]:
        """Those of some SHA-256 that any run or logged model has, deleted ones also."""
        with reading(self._engine) as c:
            return artifacts.referenced(c, contents)

    @contextmanager
    def holding_artifacts(self) -> Iterator[Callable[[Sequence[str]], set[str]]]:
        """A time in which no process can say that a run has a file; it gives `referenced` as it stays meanwhile."""
        with writing(self._engine) as c:
            artifacts.hold(c)
            yield lambda contents: artifacts.referenced(c, contents)

    # Jobs

    def heartbeat(self, run_ids: Sequence[str], process: str | None = None) -> None:
        """Say that a process (this one if not given) attends these runs (and their claims) and lives."""
        with writing(self._engine) as c:
            runs.attend(c, run_ids, process or this_process(), now_ms())

    def attended(self, run_ids: Sequence[str]) -> dict[str, tuple[str | None, int | None]]:
        """Which process attends each of these runs, and when it was last heard of (ms)."""
        with reading(self._engine) as c:
            return runs.attended(c, run_ids)

    def claim(self, key: str, run_id: str, process: str | None = None) -> bool:
        """Take a job's key for a run; False if another run has it whose process may still live."""
        with writing(self._engine) as c:
            return claims.claim(c, key, run_id, process or this_process(), now_ms())

    def release(self, key: str) -> None:
        """Give a job's key up."""
        with writing(self._engine) as c:
            claims.release(c, key)

    def claimed(self, keys: Sequence[str]) -> dict[str, str]:
        """Which keys are held by a living process, and for which run."""
        with reading(self._engine) as c:
            return claims.claimed(c, keys, now_ms())

    def finished_runs(self, keys: Sequence[str]) -> dict[str, str]:
        """Which keys have a finished run (tag `attain.key`), and which it is."""
        with reading(self._engine) as c:
            return claims.finished(c, keys)
