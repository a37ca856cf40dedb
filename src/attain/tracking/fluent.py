"""The verbs that people know from MLflow, without an object to carry around; `attain` hands them on.

Each acts on `run_id`, else on the active run of the thread or task, else on a run that it starts itself.

Where `ATTAIN_RUN_ID` names a run, as in a script that `attain run-project` runs, the first run that is started is that
one, under the name that it has; who began it also ends it. Runs that are started after it are parts of it.
"""

import atexit
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, SupportsFloat, overload

from attain.tracking import artifact_kinds as kinds
from attain.tracking import artifacts
from attain.tracking.entities import CONTEXT_TAG, ArtifactInfo, DatasetInput, Experiment, MetricPoint, Run, Status, View
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.frames import runs_frame
from attain.tracking.liveness import now_ms
from attain.tracking.pages import MOST
from attain.tracking.provenance import capture
from attain.tracking.registry_entities import ModelVersion
from attain.tracking.rules import BATCH_PARAMS, BATCH_TAGS
from attain.tracking.session import ActiveRun, Session

if TYPE_CHECKING:
    import pandas as pd

_session = Session()
atexit.register(_session.finish)


def set_tracking_uri(uri: str | Path | None) -> None:
    """Use another store from now on; None for the default one. Raises `Invalid` while a run is open."""
    _session.use_store(str(uri) if uri else None)


def get_tracking_uri() -> str:
    """The address of the store in use."""
    return _session.uri


def create_experiment(name: str, artifact_location: str | None = None, tags: Mapping[str, str] | None = None) -> str:
    """Make an experiment; its id. Raises `Exists` if the name is taken."""
    return _session.store.create_experiment(name, artifact_location, tags or {})


def set_experiment(experiment_name: str | None = None, experiment_id: str | None = None) -> Experiment:
    """Put new runs of this process into an experiment, by name (made if it is new) or by id."""
    if (experiment_name is None) == (experiment_id is None):
        raise Invalid("set_experiment takes a name or an id: one of them.")
    store = _session.store
    found = store.ensure_experiment(experiment_name) if experiment_name else store.experiment(experiment_id or "")
    _session.use_experiment(found.experiment_id)
    return found


def get_experiment_by_name(name: str) -> Experiment | None:
    """The experiment with a name, deleted or not; None if there is none."""
    return _session.store.experiment_named(name)


def start_run(
    run_id: str | None = None,
    experiment_id: str | None = None,
    run_name: str | None = None,
    nested: bool = False,
    parent_run_id: str | None = None,
    tags: Mapping[str, object] | None = None,
) -> ActiveRun:
    """Start a run and make it the active one; use it with `with`, so that it is ended.

    Args:
        run_id: go on with this run instead of starting a new one.
        experiment_id: where it goes; the experiment that was set if not given.
        run_name: made up if not given.
        nested: the active run is its parent.
        parent_run_id: another run is its parent.
        tags: set at once.

    Raises:
        Invalid: a run is active and neither `nested` nor `parent_run_id` is given.
    """
    active, store = _session.active(), _session.store
    if active is not None and not nested and parent_run_id is None:
        raise Invalid(
            f"{active!r} is active already. End it with attain.end_run(), or give start_run(nested=True) to start "
            "a part of it."
        )
    if run_id is not None:
        store.update_run(run_id, status="RUNNING", name=run_name)
        store.log_batch(run_id, tags=tags or {})
        return _session.push(store.get_run(run_id))
    if active is not None and parent_run_id is None:
        parent_run_id = active.run_id
    if parent_run_id is None and (lent := _session.lent):
        if not _session.has_had(lent):
            store.log_batch(lent, tags=tags or {})
            return _session.push(store.get_run(lent))
        parent_run_id = lent
    origin = capture(Path.cwd())
    where = experiment_id or _session.experiment_id
    run = store.create_run(where, run_name, {**origin.tags, **(tags or {})}, parent_run_id=parent_run_id)
    artifacts.log_files(store, run.run_id, origin.files)
    return _session.push(run)


def end_run(status: Status = "FINISHED") -> None:
    """End the active run; nothing if there is none."""
    if (active := _session.active()) is not None:
        _session.end(active.run_id, status)


def active_run() -> ActiveRun | None:
    """The active run of this thread or task."""
    return _session.active()


def log_param(key: str, value: object, run_id: str | None = None) -> None:
    """Log one param; any value is kept as its text."""
    log_params({key: value}, run_id)


def log_params(params: Mapping[str, object], run_id: str | None = None) -> None:
    """Log params. Raises `Invalid` if one has another value already."""
    run_id = _run_id(run_id)
    for some in _batches(params, BATCH_PARAMS):
        _session.store.log_batch(run_id, params=some)


def log_metric(
    key: str, value: SupportsFloat, step: int | None = None, timestamp: int | None = None, run_id: str | None = None
) -> None:
    """Log one value of a metric; it is safe on disk when this returns, and in the store 0.2 s later."""
    log_metrics({key: value}, step, timestamp, run_id)


def log_metrics(
    metrics: Mapping[str, SupportsFloat],
    step: int | None = None,
    timestamp: int | None = None,
    run_id: str | None = None,
) -> None:
    """Log a value of several metrics, all at one step (0 if not given) and time (now, in ms)."""
    time = now_ms() if timestamp is None else timestamp
    points = [MetricPoint(key, _number(key, value), time, step or 0) for key, value in metrics.items()]
    _session.log(_run_id(run_id), points)


def set_tag(key: str, value: object, run_id: str | None = None) -> None:
    """Set one tag; any value is kept as its text."""
    set_tags({key: value}, run_id)


def set_tags(tags: Mapping[str, object], run_id: str | None = None) -> None:
    """Set tags; those that are there are overwritten."""
    run_id = _run_id(run_id)
    for some in _batches(tags, BATCH_TAGS):
        _session.store.log_batch(run_id, tags=some)


def delete_tag(key: str, run_id: str | None = None) -> None:
    """Take a tag away. Raises `NotFound` if the run does not have it."""
    _session.store.delete_tag(_run_id(run_id), key)


def log_input(
    dataset: DatasetInput,
    context: str | None = None,
    tags: Mapping[str, str] | None = None,
    run_id: str | None = None,
) -> None:
    """Say that the run read a data set, and (as `context`) what for: `training`, `test` …"""
    said = {**dataset.tags, **(tags or {}), **({CONTEXT_TAG: context} if context else {})}
    values = {**vars(dataset), "tags": said}
    _session.store.log_inputs(_run_id(run_id), [DatasetInput(**values)])


def log_artifact(local_path: str | Path, artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Keep a local file with the run, in the folder `artifact_path` of its artifacts."""
    artifacts.log_artifact(_session.store, _run_id(run_id), local_path, artifact_path or "")


def log_artifacts(local_dir: str | Path, artifact_path: str | None = None, run_id: str | None = None) -> None:
    """Keep everything below a local folder with the run."""
    artifacts.log_artifacts(_session.store, _run_id(run_id), local_dir, artifact_path or "")


def log_text(text: str, artifact_file: str, run_id: str | None = None) -> None:
    """Keep text as a file of the run."""
    kinds.log_text(_session.store, _run_id(run_id), text, artifact_file)


def log_dict(
    dictionary: Mapping[str, object] | Sequence[object], artifact_file: str, run_id: str | None = None
) -> None:
    """Keep plain data as a JSON or YAML file of the run."""
    kinds.log_dict(_session.store, _run_id(run_id), dictionary, artifact_file)


def log_figure(figure: object, artifact_file: str, run_id: str | None = None) -> None:
    """Keep a matplotlib or plotly figure as a file of the run."""
    kinds.log_figure(_session.store, _run_id(run_id), figure, artifact_file)


def log_table(data: "kinds.Table", artifact_file: str, run_id: str | None = None) -> None:
    """Keep a table as a `.json`, `.csv` or `.parquet` file of the run, below the rows that it has already."""
    kinds.log_table(_session.store, _run_id(run_id), data, artifact_file)


def list_artifacts(run_id: str, path: str = "") -> list[ArtifactInfo]:
    """What lies directly in a folder of a run's artifacts (`""`: the outermost), folders included."""
    return artifacts.list_artifacts(_session.store, run_id, path)


def download_artifacts(run_id: str, path: str = "", to: str | Path | None = None) -> Path:
    """Copy a file or folder of a run (`""`: everything) into a local folder; where it lies now.

    Args:
        run_id: whose files.
        path: of the file or folder; it keeps this path below `to`.
        to: made if it is not there; a new temporary folder if not given.

    Raises:
        NotFound: the run has nothing at this path.
    """
    return artifacts.download(_session.store, run_id, path, to or tempfile.mkdtemp(prefix="attain-"))


def register_model(
    run_id: str, artifact_path: str, name: str, *, description: str = "", tags: Mapping[str, object] | None = None
) -> ModelVersion:
    """Make a file or folder of a run the next version of a registered model, which is made if it is new.

    Raises:
        NotFound: the run has nothing at this path.
    """
    store = _session.store
    if not store.artifacts_under(run_id, artifacts.checked_path(artifact_path)):
        raise NotFound(f"Run {run_id!r} has no artifact {artifact_path!r}, so there is nothing to register.")
    store.registry.ensure_model(name)
    source = f"runs:/{run_id}/{artifact_path}"
    return store.registry.create_version(name, source, run_id, description=description, tags=tags or {})


def set_model_alias(name: str, alias: str, version: int) -> None:
    """Let an alias such as `champion` name a version of a registered model; it no longer names another."""
    _session.store.registry.set_alias(name, alias, version)


def get_model_version(name: str, version: int | str = "latest") -> ModelVersion:
    """A version of a registered model, by its number or by an alias."""
    registry = _session.store.registry
    return registry.version(name, version) if isinstance(version, int) else registry.version_by_alias(name, version)


def get_run(run_id: str) -> Run:
    """A run as it stands now, with everything that this process has logged to it."""
    return _session.read(run_id)


def delete_run(run_id: str) -> None:
    """Mark a run as deleted."""
    _session.store.delete_run(run_id)


@overload
def search_runs(
    experiment_ids: Sequence[str] | None = ...,
    filter_string: str = ...,
    run_view_type: View = ...,
    max_results: int = ...,
    order_by: Sequence[str] | None = ...,
    output_format: Literal["pandas"] = ...,
    search_all_experiments: bool = ...,
    experiment_names: Sequence[str] | None = ...,
) -> "pd.DataFrame": ...
@overload
def search_runs(
    experiment_ids: Sequence[str] | None = ...,
    filter_string: str = ...,
    run_view_type: View = ...,
    max_results: int = ...,
    order_by: Sequence[str] | None = ...,
    *,
    output_format: Literal["list"],
    search_all_experiments: bool = ...,
    experiment_names: Sequence[str] | None = ...,
) -> list[Run]: ...
def search_runs(
    experiment_ids: Sequence[str] | None = None,
    filter_string: str = "",
    run_view_type: View = "ACTIVE_ONLY",
    max_results: int = 100_000,
    order_by: Sequence[str] | None = None,
    output_format: Literal["pandas", "list"] = "pandas",
    search_all_experiments: bool = False,
    experiment_names: Sequence[str] | None = None,
) -> "pd.DataFrame | list[Run]":
    """Runs that a filter lets through, as a frame (`frames.runs_frame`) or a list; the last started first.

    Looked for in the experiments given by id or name, else in the one that was set.
    """
    if output_format not in ("pandas", "list"):
        raise Invalid(f"output_format is {output_format!r}; expected 'pandas' or 'list'.")
    _session.writer.flush()
    ids = _experiments(experiment_ids, experiment_names, all_of_them=search_all_experiments)
    found: list[Run] = []
    token: str | None = None
    while len(found) < max_results:
        size = min(MOST, max_results - len(found))
        page = _session.store.search_runs(ids, filter_string, order_by or (), size, token, run_view_type)
        found += page.items
        if (token := page.next_token) is None:
            break
    return runs_frame(found) if output_format == "pandas" else found


def _experiments(ids: Sequence[str] | None, names: Sequence[str] | None, *, all_of_them: bool) -> list[str]:
    store = _session.store
    if all_of_them:
        return [one.experiment_id for one in store.list_experiments(max_results=MOST).items]
    found = list(ids or [])
    for name in names or []:
        if (named := store.experiment_named(name)) is None:
            raise NotFound(f"There is no experiment called {name!r}.")
        found.append(named.experiment_id)
    return found if ids is not None or names is not None else [_session.experiment_id]


def _run_id(given: str | None) -> str:
    """The run to write to; one is started if none is active, and ended with the process."""
    if given is not None:
        return given
    return (_session.active() or start_run()).run_id


def _batches(values: Mapping[str, object], size: int) -> list[dict[str, str]]:
    texts = [(key, str(value)) for key, value in values.items()]
    return [dict(texts[at : at + size]) for at in range(0, len(texts), size)]


def _number(key: str, value: SupportsFloat) -> float:
    """Any number, also one of NumPy or a tensor of one element."""
    try:
        return float(value)
    except (TypeError, ValueError):
        raise Invalid(f"Metric {key!r} is {value!r}; expected a number.") from None
