"""Which right each route needs. A route that is not here is refused to all but admins; a test finds such."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from attain.server.rest.call import Call
from attain.tracking.registry_rules import checked_source
from attain.tracking.rights import Level
from attain.tracking.sql.belonging import Things

Find = Callable[[Call], Things]


@dataclass(frozen=True)
class Need:
    """What one must be granted: each level on all of the things that the call names.

    Attributes:
        on: levels, and what finds the things in a call.
        names_something: a call that names nothing at all is refused, since its answer could be about anything.
        audits: an auditor may do this too.
        admins: nobody else may, but auditors where `audits` says so.
    """

    on: tuple[tuple[Level, Find], ...] = ()
    names_something: bool = False
    audits: bool = False
    admins: bool = False


def experiments(call: Call) -> Things:
    """Experiments by id."""
    return Things(experiments=_given(call, "experiment_id", "experiment_ids"))


def named(call: Call) -> Things:
    """An experiment by name."""
    return Things(named=_given(call, "experiment_name"))


def runs(call: Call) -> Things:
    """Runs, under whichever name they are given."""
    return Things(runs=_given(call, "run_id", "run_uuid", "run_ids"))


def logged_models(call: Call) -> Things:
    """Logged models that a call is about, or links metrics, inputs or outputs to."""
    parts = [part for name in ("metrics", "models") for part in _objects(call.values.get(name))]
    return Things(logged_models=_given(call, "model_id") | _texts(part.get("model_id") for part in parts))


def source_run(call: Call) -> Things:
    """The run that a logged model is said to come from."""
    return Things(runs=_given(call, "source_run_id"))


def models(call: Call) -> Things:
    """A registered model by name."""
    return Things(models=_given(call, "name"))


def claims(call: Call) -> Things:
    """The run that holds a job's key."""
    return Things(claims=_given(call, "key"))


def source(call: Call) -> Things:
    """What lies where a model version's files are said to be."""
    return in_uri(call.values.get("source")) | Things(
        runs=_given(call, "run_id"), logged_models=_given(call, "model_id")
    )


def files(call: Call) -> Things:
    """The experiment, and the run or logged model, that a path among the proxied artifacts belongs to."""
    return in_path(str(call.values.get("path", "")))


def in_uri(uri: object) -> Things:
    """What an address of artifacts is about; nothing for one that lies outside this server.

    Raises:
        Invalid: it is not a plain address, so that it could lead elsewhere than it seems to.
    """
    if not isinstance(uri, str):
        return Things()
    scheme, (_, _, rest) = checked_source(uri).scheme, uri.partition(":")
    first = rest.strip("/").partition("/")[0]
    if scheme == "mlflow-artifacts":
        return in_path(rest[2:].partition("/")[2] if rest.startswith("//") else rest)
    if scheme == "runs":
        return Things(runs=frozenset({first}))
    if scheme == "models":
        return Things(logged_models=frozenset({first}), models=frozenset({first.partition("@")[0]}))
    return Things()


def in_path(path: str) -> Things:
    """See `files`.

    >>> in_path("3/models/m-1/artifacts/MLmodel").logged_models
    frozenset({'m-1'})
    """
    experiment, owner, *rest = [*path.strip("/").split("/"), "", ""][:3]
    found = Things(experiments=frozenset({experiment}) if experiment else _NONE)
    if owner == "models":
        return found | Things(logged_models=frozenset(rest))
    return found | Things(runs=frozenset({owner}) if owner else _NONE)


def _given(call: Call, *names: str) -> frozenset[str]:
    return _texts(value for name in names for value in (call.values.get(name), call.repeated.get(name)))


def _texts(values: Iterable[Any]) -> frozenset[str]:  # whatever a client sends
    """All texts among values and lists of them; a number is an id that was sent bare."""
    found: set[str] = set()
    for value in values:
        if isinstance(value, str | int) and value != "":
            found.add(str(value))
        elif isinstance(value, list):
            found |= _texts(part for part in value if isinstance(part, str | int))
    return frozenset(found)


def _objects(value: Any) -> list[dict[str, Any]]:  # whatever a client sends
    return [part for part in value if isinstance(part, dict)] if _is_list(value) else []


def _is_list(value: Any) -> bool:  # whatever a client sends
    return isinstance(value, list)


_NONE: frozenset[str] = frozenset()


def _on(level: Level, *found: Find) -> Need:
    return Need(tuple((level, find) for find in found), names_something=True)


_ANYBODY = Need()
_READ_EXPERIMENTS = Need((("read", experiments),))  # a search that names none finds none
_LOG = Need((("edit", runs), ("edit", logged_models)), names_something=True)
_LINK = Need((("edit", runs), ("read", logged_models)), names_something=True)
_READ_RUNS, _EDIT_RUNS, _READ_MODEL, _EDIT_MODEL = (
    _on("read", runs),
    _on("edit", runs),
    _on("read", models),
    _on("edit", models),
)
_READ_LOGGED, _EDIT_LOGGED = _on("read", logged_models), _on("edit", logged_models)

NEEDS: dict[tuple[str, str], Need] = {
    # Pages of what the protocol does not tell
    ("GET", "pages/admin"): Need(admins=True),
    ("GET", "pages/audits"): Need(audits=True),
    ("GET", "pages/audits/all"): Need(audits=True, admins=True),
    ("GET", "pages/audit"): Need((("read", runs),), names_something=True, audits=True),
    # Experiments; a search answers with those that may be read
    ("POST", "experiments/create"): _ANYBODY,
    ("POST", "experiments/search"): _ANYBODY,
    ("GET", "experiments/search"): _ANYBODY,
    ("GET", "experiments/get"): _on("read", experiments),
    ("GET", "experiments/get-by-name"): _on("read", named),
    ("POST", "experiments/update"): _on("edit", experiments),
    ("POST", "experiments/set-experiment-tag"): _on("edit", experiments),
    ("POST", "experiments/delete-experiment-tag"): _on("edit", experiments),
    ("POST", "experiments/delete"): _on("manage", experiments),
    ("POST", "experiments/restore"): _on("manage", experiments),
    ("POST", "experiments/search-datasets"): _READ_EXPERIMENTS,
    # Runs
    ("POST", "runs/create"): Need((("edit", experiments), ("edit", runs)), names_something=True),
    ("GET", "runs/get"): _READ_RUNS,
    ("POST", "runs/search"): _READ_EXPERIMENTS,
    ("POST", "runs/count"): _READ_EXPERIMENTS,
    ("POST", "runs/update"): _EDIT_RUNS,
    ("POST", "runs/delete"): _EDIT_RUNS,
    ("POST", "runs/restore"): _EDIT_RUNS,
    ("POST", "runs/set-tag"): _EDIT_RUNS,
    ("POST", "runs/delete-tag"): _EDIT_RUNS,
    ("POST", "runs/log-parameter"): _EDIT_RUNS,
    ("POST", "runs/log-metric"): _LOG,
    ("POST", "runs/log-batch"): _LOG,
    ("POST", "runs/log-inputs"): _LINK,
    ("POST", "runs/outputs"): _LINK,
    ("POST", "runs/log-model"): _EDIT_RUNS,
    ("GET", "metrics/get-history"): _READ_RUNS,
    ("GET", "metrics/get-history-bulk"): _READ_RUNS,
    ("GET", "metrics/get-history-bulk-interval"): _READ_RUNS,
    # What our own client asks beside; the answers to keys name runs only, and keys are hashes that one must know
    ("POST", "points"): _EDIT_RUNS,
    ("POST", "heartbeat"): _EDIT_RUNS,
    ("POST", "runs/attended"): _READ_RUNS,
    ("POST", "runs/finished"): _ANYBODY,
    ("POST", "claims/take"): _on("edit", runs, claims),
    ("POST", "claims/release"): _on("edit", claims),
    ("POST", "claims/held"): _ANYBODY,
    ("POST", "artifacts"): _READ_RUNS,
    # Artifacts
    ("GET", "artifacts/list"): _READ_RUNS,
    ("GET", "get-artifact"): _READ_RUNS,
    ("GET", "model-versions/get-artifact"): _READ_MODEL,
    ("GET", "mlflow-artifacts/artifacts"): _on("read", files),
    ("GET", "mlflow-artifacts/artifacts/{path}"): _on("read", files),
    ("PUT", "mlflow-artifacts/artifacts/{path}"): _on("edit", files),
    ("DELETE", "mlflow-artifacts/artifacts/{path}"): _on("edit", files),
    # Logged models
    ("POST", "logged-models"): Need((("edit", experiments), ("read", source_run)), names_something=True),
    ("POST", "logged-models/search"): _READ_EXPERIMENTS,
    ("GET", "logged-models/{model_id}"): _READ_LOGGED,
    ("PATCH", "logged-models/{model_id}"): _EDIT_LOGGED,
    ("DELETE", "logged-models/{model_id}"): _EDIT_LOGGED,
    ("POST", "logged-models/{model_id}/params"): _EDIT_LOGGED,
    ("PATCH", "logged-models/{model_id}/tags"): _EDIT_LOGGED,
    ("DELETE", "logged-models/{model_id}/tags/{tag_key}"): _EDIT_LOGGED,
    ("GET", "logged-models/{model_id}/artifacts/directories"): _READ_LOGGED,
    # The registry; a search answers with what may be read
    ("POST", "registered-models/create"): _ANYBODY,
    ("GET", "registered-models/search"): _ANYBODY,
    ("GET", "registered-models/get"): _READ_MODEL,
    ("GET", "registered-models/alias"): _READ_MODEL,
    ("GET", "registered-models/get-latest-versions"): _READ_MODEL,
    ("POST", "registered-models/get-latest-versions"): _READ_MODEL,
    ("PATCH", "registered-models/update"): _EDIT_MODEL,
    ("POST", "registered-models/rename"): _EDIT_MODEL,
    ("POST", "registered-models/set-tag"): _EDIT_MODEL,
    ("DELETE", "registered-models/delete-tag"): _EDIT_MODEL,
    ("POST", "registered-models/alias"): _EDIT_MODEL,
    ("DELETE", "registered-models/alias"): _EDIT_MODEL,
    ("DELETE", "registered-models/delete"): _on("manage", models),
    ("POST", "model-versions/create"): Need((("edit", models), ("read", source)), names_something=True),
    ("GET", "model-versions/search"): _ANYBODY,
    ("GET", "model-versions/get"): _READ_MODEL,
    ("GET", "model-versions/get-download-uri"): _READ_MODEL,
    ("PATCH", "model-versions/update"): _EDIT_MODEL,
    ("POST", "model-versions/set-tag"): _EDIT_MODEL,
    ("DELETE", "model-versions/delete-tag"): _EDIT_MODEL,
    ("POST", "model-versions/transition-stage"): _EDIT_MODEL,
    ("DELETE", "model-versions/delete"): _EDIT_MODEL,
}
