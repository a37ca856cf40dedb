"""What the store keeps of models, as plain values that never change: what runs made, and what got a name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from attain.tracking.entities import MetricPoint
from attain.tracking.entities import Stage as Lifecycle

ModelStatus = Literal["PENDING", "READY", "FAILED"]
MODEL_STATUSES: tuple[str, ...] = get_args(ModelStatus)

VersionStage = Literal["None", "Staging", "Production", "Archived"]
STAGES: tuple[str, ...] = get_args(VersionStage)

PROMPT_TAG = "mlflow.prompt.is_prompt"
"""A registered model (or version) with this tag set to `true` is a text for a language model, not a model."""

VERSIONS_TAG = "mlflow.modelVersions"
"""The tag in which MLflow says as which versions a logged model is registered; here it is worked out when asked."""


@dataclass(frozen=True)
class ModelPoint:
    """A value of a metric that is about a logged model, and perhaps about a data set."""

    model_id: str
    point: MetricPoint
    dataset_name: str = ""
    dataset_digest: str = ""
    run_id: str = ""


@dataclass(frozen=True)
class LoggedModel:
    """A model that a run made; times in ms.

    Attributes:
        model_id: `m-` and 32 hexadecimal digits.
        status: PENDING while its files are on the way.
        metrics: the last points (up to 100) of each metric and data set.
        registered: the versions of registered models that it is, as (name, version).
    """

    model_id: str
    experiment_id: str
    name: str
    model_type: str
    source_run_id: str
    status: ModelStatus
    lifecycle_stage: Lifecycle
    artifact_uri: str
    creation_time: int
    last_update_time: int
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    metrics: tuple[ModelPoint, ...] = ()
    registered: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class ModelVersion:
    """A version of a registered model; times in ms.

    Attributes:
        name: of the registered model.
        version: 1, 2, …; never used again after a deletion.
        source: what was registered, as its author wrote it.
        storage: where its files lie.
        run_id: the run that made it; "" if that is not known.
        model_id: the logged model that it is; "" if it is none.
        user_id: who registered it; "" where access is not checked.
    """

    name: str
    version: int
    stage: VersionStage
    description: str
    source: str
    storage: str
    run_id: str
    run_link: str
    model_id: str
    user_id: str
    creation_time: int
    last_update_time: int
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class RegisteredModel:
    """A name with versions; times in ms.

    Attributes:
        latest_versions: the last version in each stage that has one, by version.
        aliases: names of versions.
    """

    name: str
    description: str
    creation_time: int
    last_update_time: int
    latest_versions: tuple[ModelVersion, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, int] = field(default_factory=dict)
