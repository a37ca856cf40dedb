"""What may be registered, and what a source says of the run and logged model that it is from."""

import pytest

from attain.tracking.entities import Run
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.registry_entities import LoggedModel, ModelVersion
from attain.tracking.sql.store import Store


@pytest.fixture
def model(store: Store, run: Run) -> LoggedModel:
    """A logged model of the run, and a registered model `m`."""
    store.registry.create_model("m")
    return store.models.create("0", "clf", source_run_id=run.run_id)


def register(store: Store, source: str, run_id: str = "", model_id: str = "") -> ModelVersion:
    return store.registry.create_version("m", source, run_id, model_id=model_id)


def test_the_files_of_a_run_can_be_named_in_two_ways(store: Store, run: Run, model: LoggedModel) -> None:
    for source in (f"runs:/{run.run_id}/a/model", f"{run.artifact_uri}/a/model"):
        made = register(store, source, run.run_id)
        assert (made.source, made.storage, made.run_id) == (source, f"{run.artifact_uri}/a/model", run.run_id)
    assert register(store, f"runs:/{run.run_id}/model").run_id == run.run_id


def test_a_run_that_is_elsewhere_is_taken_on_trust(store: Store, model: LoggedModel) -> None:
    made = register(store, "runs:/elsewhere/model", "elsewhere")
    assert (made.run_id, made.storage) == ("elsewhere", "runs:/elsewhere/model")


def test_a_logged_model_says_where_its_files_and_its_run_are(store: Store, run: Run, model: LoggedModel) -> None:
    for source in (f"models:/{model.model_id}", model.artifact_uri):
        made = register(store, source, model_id=model.model_id)
        assert (made.storage, made.run_id, made.model_id) == (model.artifact_uri, run.run_id, model.model_id)
    assert register(store, f"models:/{model.model_id}").model_id == model.model_id
    assert store.models.get(model.model_id).registered == (("m", 1), ("m", 2), ("m", 3))


def test_a_version_can_be_registered_as_another(store: Store, run: Run, model: LoggedModel) -> None:
    register(store, f"models:/{model.model_id}")
    store.registry.set_alias("m", "champion", 1)
    for source in ("models:/m/1", "models:/m@champion"):
        made = register(store, source)
        assert (made.source, made.storage) == ("models:/m/1", model.artifact_uri)
        assert (made.run_id, made.model_id) == (run.run_id, model.model_id)
    with pytest.raises(Invalid, match="is not that of 'models:/m/1'"):
        register(store, "models:/m/1", "another run")
    with pytest.raises(NotFound, match="'m' has no version 9"):
        register(store, "models:/m/9")


@pytest.mark.parametrize(
    "source",
    [
        "/etc/passwd",
        "model",
        "file:///etc",
        "file:/etc",
        "C:\\models\\m",
        "./model",
        "FILE:///etc",
        "file://localhost/x",
    ],
)
def test_a_local_path_is_refused(store: Store, run: Run, model: LoggedModel, source: str) -> None:
    for run_id in ("", run.run_id, "0" * 32):
        with pytest.raises(Invalid, match="is a local path that is not inside the artifacts"):
            register(store, source, run_id)
    assert store.registry.search_versions().items == []


@pytest.mark.parametrize(
    "way",
    ["..", "%2e%2e", "%252e%252e", "a/../..", "..\\x"],
)
def test_a_way_out_is_refused_wherever_it_leads(store: Store, run: Run, model: LoggedModel, way: str) -> None:
    for start in (f"runs:/{run.run_id}", run.artifact_uri, "s3://bucket/m", "mlflow-artifacts:", "file:", "models:/m"):
        with pytest.raises(Invalid, match=r"has '\.\.' in it"):
            register(store, f"{start}/{way}/secret", run.run_id)


def test_files_of_another_run_or_model_are_refused(store: Store, run: Run, model: LoggedModel) -> None:
    other = store.create_run("0")
    other_model = store.models.create("0")
    inside = "is an address in the store that is not inside"
    for source, run_id, model_id, message in (
        (f"runs:/{other.run_id}/m", run.run_id, "", "is not of the run"),
        (f"{other.artifact_uri}/m", run.run_id, "", inside),
        (f"{run.artifact_uri}x/m", run.run_id, "", inside),
        (f"{run.artifact_uri}/m", "", "", inside),
        ("mlflow-artifacts:/", run.run_id, "", inside),
        (f"mlflow-artifacts://host/0/{run.run_id}/artifacts/m", run.run_id, "", inside),
        (f"http://host/api/2.0/mlflow-artifacts/artifacts/0/{run.run_id}/artifacts/m", run.run_id, "", inside),
        (other_model.artifact_uri, "", model.model_id, inside),
        (f"models:/{other_model.model_id}", "", model.model_id, "is not the logged model"),
        ("models://host/m/1", "", "", "expected 'models:/NAME/VERSION'"),
    ):
        with pytest.raises(Invalid, match=message):
            register(store, source, run_id, model_id)


def test_a_logged_model_that_is_not_there_cannot_be_registered(store: Store, model: LoggedModel) -> None:
    missing = f"m-{'0' * 32}"
    for source in (f"models:/{missing}", "s3://bucket/m"):
        with pytest.raises(NotFound, match="no logged model"):
            register(store, source, model_id=missing)
    store.models.delete(model.model_id)
    with pytest.raises(NotFound, match="no logged model"):
        register(store, f"models:/{model.model_id}")


@pytest.mark.parametrize(
    "source",
    [
        *(
            " runs:/{run}/m",
            "\truns:/{run}/m",
            "ru\nns:/{run}/m",
            "\x01runs:/{run}/m",
            "runs:/\t{run}/m",
            "runs:/{run}/m ",
        ),
        *(" models:/{model}", "models:/{model}?x", "models:/{model}#x", "models:/{model}?", "mod\rels:/{model}"),
        *("models:/m\t/1", "models:/m/1?x", "\x7fmodels:/m/1"),
    ],
)
def test_what_readers_of_addresses_pass_over_is_refused(
    store: Store, run: Run, model: LoggedModel, source: str
) -> None:
    register(store, f"models:/{model.model_id}")
    with pytest.raises(Invalid, match=r"give it without|'\?' or '#' in it"):
        register(store, source.format(run=run.run_id, model=model.model_id))


@pytest.mark.parametrize("source", ["s3://bucket/m", "gs://b/m", "https://host/models/m", "dbfs:/m", "hdfs://h/m"])
def test_another_place_is_fine(store: Store, model: LoggedModel, source: str) -> None:
    assert register(store, source).storage == source


@pytest.mark.parametrize("source", ["http://[x", "s3://b/\ud800", "s3://b/\x00"])
def test_what_is_no_address_is_refused(store: Store, model: LoggedModel, source: str) -> None:
    with pytest.raises(Invalid, match=r"The source"):
        register(store, source)


def test_a_prompt_has_no_files(store: Store, model: LoggedModel) -> None:
    made = store.registry.create_version("m", "dummy-source", tags={"mlflow.prompt.is_prompt": "true"})
    assert made.source == "dummy-source"
    with pytest.raises(Invalid, match="local path"):
        store.registry.create_version("m", "dummy-source")
