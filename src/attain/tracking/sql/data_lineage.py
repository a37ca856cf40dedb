"""Which data sets runs read, and what came of those runs: versions of models, and files such as audits."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select, union

from attain.tracking.entities import Run
from attain.tracking.sql import tables as t
from attain.tracking.sql.experiments import number_of
from attain.tracking.sql.rows import among
from attain.tracking.sql.run_rows import entities

NAME_TAG, KIND_TAG = "attain.dataset", "attain.kind"
FRAMES = ("suite", "policies")
"""Kinds of runs that are the frame of others."""
OTHERS = (*FRAMES, "fold", "canary", "policy")
"""Kinds of runs that are such frames or parts, or taught simulated learners and read no data."""
MOST = 5_000
"""Data sets that are told of at most."""
_TAG = t.tags.alias()


@dataclass(frozen=True)
class Known:
    """A data set as the runs of one experiment name it.

    Attributes:
        name: what they call it.
        digest: its fingerprint; "" where they say none.
        runs: how many active ones read it.
        last: when the last of them began, ms.
    """

    experiment_id: str
    name: str
    digest: str
    runs: int
    last: int


@dataclass(frozen=True)
class Description:
    """What a run said of a data set that it read: where it is from, and what is in it, both as text."""

    digest: str
    source: str
    profile: str


@dataclass(frozen=True)
class Made:
    """That a run, or a part of it, made a version of a registered model."""

    run_id: str
    model: str
    version: int


def known(c: Connection, experiment_ids: Sequence[str], name: str | None = None) -> list[Known]:
    """The data sets that the runs of some experiments read, the last used first; at most 5,000.

    Neither suites nor folds count. A run without any input counts where its tag names a data set. Indexes:
    `ix_inputs_dataset`, `ix_runs_listed`; with a name `ix_tags_found`.

    Args:
        c: an open transaction.
        experiment_ids: of which experiments.
        name: only those of this name.
    """
    numbers = [number_of(one) for one in experiment_ids]
    count, last = func.count(), func.max(t.runs.c.start_time)
    of_inputs = (
        select(t.datasets.c.experiment, t.datasets.c.name, t.datasets.c.digest, count, last)
        .join(t.inputs, t.inputs.c.dataset == t.datasets.c.id)
        .join(t.runs, t.runs.c.id == t.inputs.c.run)
        .where(among(t.datasets.c.experiment, numbers), t.runs.c.lifecycle_stage == "active")
        .where(t.runs.c.id.not_in(_frames()))
        .group_by(t.datasets.c.experiment, t.datasets.c.name, t.datasets.c.digest)
    )
    of_tags = (
        select(t.runs.c.experiment, t.tags.c.value, count, last)
        .select_from(t.runs)
        .join(t.tags, _tagged(name))
        .where(among(t.runs.c.experiment, numbers), t.runs.c.lifecycle_stage == "active", ~_has_inputs(), ~_is_other())
        .group_by(t.runs.c.experiment, t.tags.c.value)
    )
    if name is not None:
        of_inputs = of_inputs.where(t.datasets.c.name == name)
    found = [Known(str(row[0]), *row[1:]) for row in c.execute(of_inputs.order_by(last.desc()).limit(MOST))]
    found += [Known(str(row[0]), row[1], "", *row[2:]) for row in c.execute(of_tags.order_by(last.desc()).limit(MOST))]
    return sorted(found, key=lambda one: -one.last)[:MOST]


def described(c: Connection, experiment_ids: Sequence[str], name: str, most: int) -> list[Description]:
    """What runs said of a data set, the last told first (unique index of `datasets`)."""
    query = (
        select(t.datasets.c.digest, t.datasets.c.source, t.datasets.c.profile)
        .where(among(t.datasets.c.experiment, [number_of(one) for one in experiment_ids]), t.datasets.c.name == name)
        .order_by(t.datasets.c.id.desc())
        .limit(most)
    )
    return [Description(digest, source or "", profile or "") for digest, source, profile in c.execute(query)]


def readers(c: Connection, experiment_ids: Sequence[str], name: str, most: int) -> list[Run]:
    """The active runs of some experiments that read a data set, no suites and no folds, the last started first."""
    numbers = [number_of(one) for one in experiment_ids]
    by_input = (
        select(t.inputs.c.run)
        .join(t.datasets, t.datasets.c.id == t.inputs.c.dataset)
        .where(among(t.datasets.c.experiment, numbers), t.datasets.c.name == name)
    )
    by_tag = select(t.tags.c.run).where(_named(name))
    query = (
        select(t.runs)
        .where(t.runs.c.id.in_(union(by_input, by_tag)))
        .where(among(t.runs.c.experiment, numbers), t.runs.c.lifecycle_stage == "active", ~_is_other())
        .order_by(t.runs.c.start_time.desc(), t.runs.c.run_id)
        .limit(most)
    )
    return entities(c, c.execute(query).all())


def made_by(c: Connection, run_ids: Sequence[str]) -> list[Made]:
    """The versions of registered models that runs or their parts made (`ix_model_versions_run_id`), by model."""
    parts = select(t.runs.c.run_id, t.runs.c.parent_run_id).where(t.runs.c.parent_run_id.in_(run_ids))
    own = {part: str(parent) for part, parent in c.execute(parts)}
    own |= {one: one for one in run_ids}
    query = (
        select(t.model_versions.c.run_id, t.registered_models.c.name, t.model_versions.c.version)
        .join(t.registered_models, t.registered_models.c.id == t.model_versions.c.model)
        .where(t.model_versions.c.run_id.in_(own))
        .order_by(t.registered_models.c.name, t.model_versions.c.version.desc())
    )
    return [Made(own[run], model, version) for run, model, version in c.execute(query)]


def files_in(c: Connection, run_ids: Sequence[str], folder: str) -> list[tuple[str, str]]:
    """The run and the path of each file that some runs have in a folder, by run and path."""
    query = (
        select(t.runs.c.run_id, t.artifacts.c.path)
        .join(t.artifacts, t.artifacts.c.run == t.runs.c.id)
        .where(t.runs.c.run_id.in_(run_ids), t.artifacts.c.path.startswith(f"{folder}/", autoescape=True))
        .order_by(t.runs.c.run_id, t.artifacts.c.path)
    )
    return [(run, path) for run, path in c.execute(query)]


def _named(name: str) -> ColumnElement[bool]:
    same = t.beginning(t.tags.c.value) == name[: t.BEGINNING]
    return and_(t.tags.c.key == NAME_TAG, same, t.tags.c.value == name)


def _tagged(name: str | None) -> ColumnElement[bool]:
    own = t.tags.c.run == t.runs.c.id
    return and_(own, t.tags.c.key == NAME_TAG if name is None else _named(name))


def _frames() -> Select[tuple[int]]:
    """Those few along `ix_tags_found`: to ask each run for its kind would take three times as long."""
    return select(_TAG.c.run).where(_TAG.c.key == KIND_TAG, t.beginning(_TAG.c.value).in_(FRAMES))


def _has_inputs() -> ColumnElement[bool]:
    return exists(select(1).where(t.inputs.c.run == t.runs.c.id))


def _is_other() -> ColumnElement[bool]:
    kind = and_(_TAG.c.run == t.runs.c.id, _TAG.c.key == KIND_TAG, _TAG.c.value.in_(OTHERS))
    return exists(select(1).where(kind))
