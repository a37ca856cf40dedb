"""Taking over the logged models of an MLflow store, after all its runs: points about a model are of any of them."""

from collections.abc import Iterable, Iterator
from itertools import islice

from attain.tracking.errors import Invalid, NotFound
from attain.tracking.import_files import import_files, kept_files
from attain.tracking.import_report import ORIGIN_TAG, Counts, Report, noted
from attain.tracking.mlflow_sources.source import Source
from attain.tracking.recovery import PIECE
from attain.tracking.registry_entities import VERSIONS_TAG, LoggedModel, ModelPoint
from attain.tracking.sql.store import Store


def import_models(source: Source, store: Store, report: Report, experiment_id: str, ours: str) -> list[str]:
    """Copy the logged models of an experiment under their ids.

    Args:
        source: where from.
        store: where to.
        report: is told of each.
        experiment_id: the experiment there.
        ours: the id of that experiment here; it is active.

    Returns:
        The ids of those that are deleted there: they can be deleted here once registered models no longer need them.
    """
    deleted = []
    for model in source.models(experiment_id):
        with noted(report, f"logged model {model.name!r} ({model.model_id})"):
            _model(model, source, store, report, ours)
            if model.lifecycle_stage == "deleted":
                deleted.append(model.model_id)
    return deleted


def _model(model: LoggedModel, source: Source, store: Store, report: Report, experiment_id: str) -> None:
    report.seen += _shown(model)
    ours = _ensured(model, source, store, report, experiment_id)
    missing = {key: value for key, value in model.params.items() if ours.params.get(key) != value}
    store.models.add_params(model.model_id, missing)
    changed = {key: value for key, value in _tags(model).items() if ours.tags.get(key) != value}
    store.models.set_tags(model.model_id, changed)
    report.added += Counts(params=len(missing), tags=len(changed.keys() - ours.tags.keys()))
    _points(model, source, store, report)
    import_files(model, source, store, report)
    if ours.status != model.status:
        store.models.finish(model.model_id, model.status)
    _check(model, store, report)


def _ensured(model: LoggedModel, source: Source, store: Store, report: Report, experiment_id: str) -> LoggedModel:
    """The logged model here, made if it is new, not deleted."""
    try:
        ours = store.models.get(model.model_id, deleted=True)
    except NotFound:
        report.added += Counts(logged_models=1)
        return store.models.create(
            experiment_id,
            model.name,
            model_type=model.model_type,
            source_run_id=model.source_run_id,
            tags={ORIGIN_TAG: source.origin},
            model_id=model.model_id,
            creation_time=model.creation_time,
        )
    if ours.tags.get(ORIGIN_TAG) != source.origin:
        raise Invalid(f"there is one with this id here that was not imported from {source.origin}.")
    if ours.lifecycle_stage == "deleted":
        store.models.restore(model.model_id)
    return ours


def _points(model: LoggedModel, source: Source, store: Store, report: Report) -> None:
    before, seen = store.models.count_points(model.model_id), set()
    for some in _pieces(source.model_points(model), PIECE):
        store.models.add_points(some)
        seen |= {(repr(one.point), one.dataset_name, one.dataset_digest, one.run_id) for one in some}
    report.seen += Counts(model_points=len(seen))
    report.added += Counts(model_points=store.models.count_points(model.model_id) - before)


def _check(model: LoggedModel, store: Store, report: Report) -> None:
    """Count what is here now."""
    ours = store.models.get(model.model_id)
    if dict(ours.params) != dict(model.params):
        raise Invalid("its params are not the same here.")
    shown = Counts(logged_models=1, params=len(ours.params), tags=len(ours.tags.keys() & _tags(model).keys()))
    points = Counts(model_points=store.models.count_points(model.model_id))
    report.kept += shown + points + kept_files(model, store)


def _shown(model: LoggedModel) -> Counts:
    return Counts(logged_models=1, params=len(model.params), tags=len(_tags(model)))


def _tags(model: LoggedModel) -> dict[str, str]:
    """Its tags, without the one that is worked out when asked."""
    return {key: value for key, value in model.tags.items() if key != VERSIONS_TAG}


def _pieces(points: Iterable[ModelPoint], size: int) -> Iterator[list[ModelPoint]]:
    rest = iter(points)
    while some := list(islice(rest, size)):
        yield some
