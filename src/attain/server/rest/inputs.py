"""MLflow's endpoints for what runs read: data sets, and logged models as inputs."""

from collections.abc import Mapping
from typing import Any

from attain.server.rest.call import Call, Reply, Route
from attain.tracking.entities import DatasetInput
from attain.tracking.errors import Invalid

MOST_EXPERIMENTS = 20
MOST_DATASETS = 1_000


def log_inputs(call: Call) -> Reply:
    """Say which data sets and logged models a run read."""
    run_id = call.run_id()
    datasets = [_dataset(call, one) for one in call.objects("datasets", MOST_DATASETS)]
    models = [Call(call.store, one).text("model_id") for one in call.objects("models")]
    with call.store.together():
        call.store.log_inputs(run_id, datasets)
        call.store.models.link(run_id, inputs=models)
    return {}


def search_datasets(call: Call) -> Reply:
    """Which data sets the runs of experiments read, and as what."""
    experiments = call.texts("experiment_ids")
    if not 1 <= len(experiments) <= MOST_EXPERIMENTS:
        raise Invalid(f"The request names {len(experiments)} experiments; expected from 1 to {MOST_EXPERIMENTS}.")
    uses = [
        {"experiment_id": use.experiment_id, "name": use.name, "digest": use.digest}
        | ({"context": use.context} if use.context is not None else {})
        for use in call.store.datasets_used(experiments)
    ]
    return {"dataset_summaries": uses} if uses else {}


def _dataset(call: Call, given: Mapping[str, Any]) -> DatasetInput:  # JSON
    dataset = given.get("dataset")
    if not isinstance(dataset, dict):
        raise Invalid(f"Invalid value {dataset!r} for parameter 'datasets.dataset': expected an object.")
    fields = Call(call.store, dataset)
    return DatasetInput(
        name=fields.text("name"),
        digest=fields.text("digest"),
        source_type=fields.text("source_type", ""),
        source=fields.text("source", ""),
        schema=fields.optional("schema"),
        profile=fields.optional("profile"),
        tags=dict(Call(call.store, given).pairs("tags")),
    )


ROUTES = (
    Route("POST", "runs/log-inputs", log_inputs, writes=True),
    Route("POST", "experiments/search-datasets", search_datasets, writes=False),
)
