"""Taking over the registered models of an MLflow store, after its runs."""

import re

from attain.tracking.errors import Invalid, NotFound
from attain.tracking.import_report import ORIGIN_TAG, Counts, Report, noted
from attain.tracking.mlflow_sources.source import Source
from attain.tracking.registry_entities import ModelVersion, RegisteredModel
from attain.tracking.sql.registry import Registry

SOURCE_TAG = "attain.origin_source"
"""What the source of a version was called where it came from."""


def import_registry(source: Source, registry: Registry, report: Report) -> None:
    """Copy registered models with their versions, under the same numbers; stages and aliases are those of the source.

    Args:
        source: where from.
        registry: where to.
        report: is told of each.
    """
    for model in source.registered_models():
        report.seen += Counts(models=1)
        with noted(report, f"registered model {model.name!r}"):
            _ensure(model, source.origin, registry, report)
            report.kept += Counts(models=1)
            for version in source.versions(model.name):
                report.seen += Counts(versions=1)
                with noted(report, f"version {version.version} of {model.name!r}"):
                    _version(version, registry, report)
                    report.kept += Counts(versions=1)
            for alias, number in model.aliases.items():
                with noted(report, f"alias {alias!r} of {model.name!r}"):
                    registry.set_alias(model.name, alias, number)


def _ensure(model: RegisteredModel, origin: str, registry: Registry, report: Report) -> None:
    try:
        ours = registry.model(model.name)
    except NotFound:
        ours = registry.create_model(model.name, model.description, {**model.tags, ORIGIN_TAG: origin})
        report.added += Counts(models=1)
    if ours.tags.get(ORIGIN_TAG) != origin:
        raise Invalid(f"there is one of this name here that was not imported from {origin}.")
    if ours.description != model.description:
        registry.describe_model(model.name, model.description)
    for key, value in model.tags.items():
        if ours.tags.get(key) != value:
            registry.set_model_tag(model.name, key, value)


def _version(version: ModelVersion, registry: Registry, report: Report) -> None:
    name, number = version.name, version.version
    try:
        ours = registry.version(name, number)
    except NotFound:
        ours = _made(version, registry)
        report.added += Counts(versions=1)
    if ours.description != version.description:
        registry.describe_version(name, number, version.description)
    if ours.stage != version.stage:
        registry.move_version(name, number, version.stage)
    for key, value in version.tags.items():
        if ours.tags.get(key) != value:
            registry.set_version_tag(name, number, key, value)


def _made(version: ModelVersion, registry: Registry) -> ModelVersion:
    """A new version with the number that it has in the source; numbers of versions deleted there are passed over."""
    while True:
        made = registry.create_version(
            version.name,
            of_owner(version.source, version.run_id),
            version.run_id,
            model_id=version.model_id,
            run_link=version.run_link,
            description=version.description,
            tags={**version.tags, SOURCE_TAG: version.source},
            user_id=version.user_id,
        )
        if made.version == version.version:
            return made
        registry.delete_version(version.name, made.version)
        if made.version > version.version:
            raise Invalid("a version of this number was deleted here, and numbers are not used twice.")


def of_owner(source: str, run_id: str) -> str:
    """A source inside the artifacts of a run or logged model, wherever those lay, by its id; any other as it is.

    >>> of_owner("s3://bucket/1/00ff/artifacts/model", "00ff"), of_owner("models:/m-1", "00ff")
    ('runs:/00ff/model', 'models:/m-1')
    """
    if logged := re.search(r"/models/(m-[0-9a-f]{32})/artifacts(/.+)?$", source):
        return f"models:/{logged[1]}{logged[2] or ''}"
    found = re.search(rf"/{re.escape(run_id)}/artifacts(?:/(.+))?$", source) if run_id else None
    return f"runs:/{run_id}/{found[1]}" if found and found[1] else source
