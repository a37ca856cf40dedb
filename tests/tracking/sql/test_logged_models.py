"""The rules of logged models, on every database."""

import math
import re

import pytest

from attain.tracking.entities import MetricPoint, ModelOutput, Run
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.registry_entities import ModelPoint
from attain.tracking.sql.model_metrics import MOST
from attain.tracking.sql.store import Store


def test_a_model_is_pending_until_its_files_are_there(store: Store, run: Run) -> None:
    made = store.models.create(
        "0", "clf", model_type="forest", source_run_id=run.run_id, params={"depth": 3}, tags={"team": "ada"}
    )
    assert re.fullmatch("m-[0-9a-f]{32}", made.model_id)
    assert (made.experiment_id, made.name, made.model_type, made.source_run_id) == ("0", "clf", "forest", run.run_id)
    assert (made.params, made.tags, made.metrics, made.registered) == ({"depth": "3"}, {"team": "ada"}, (), ())
    assert made.artifact_uri == f"mlflow-artifacts:/0/models/{made.model_id}/artifacts"
    assert (made.status, made.lifecycle_stage) == ("PENDING", "active")
    assert store.models.get(made.model_id) == made
    assert store.models.finish(made.model_id).status == "READY"
    assert store.models.finish(made.model_id, "FAILED").status == "FAILED"
    with pytest.raises(Invalid, match="The status is 'DONE'; expected one of PENDING, READY, FAILED"):
        store.models.finish(made.model_id, "DONE")


def test_names_are_made_up_and_need_not_differ(store: Store) -> None:
    assert store.models.create("0").name
    first, second = store.models.create("0", "clf"), store.models.create("0", "clf")
    assert first.model_id != second.model_id
    with pytest.raises(Invalid, match="name of a logged model"):
        store.models.create("0", "a/b")


def test_a_model_needs_an_active_experiment(store: Store) -> None:
    with pytest.raises(NotFound, match="no experiment with id '9'"):
        store.models.create("9")
    store.delete_experiment("0")
    with pytest.raises(Invalid, match="is deleted"):
        store.models.create("0")


def test_params_never_change_and_tags_do(store: Store) -> None:
    model_id = store.models.create("0", params={"a": "1"}, tags={"a": "1", "b": "1"}).model_id
    store.models.add_params(model_id, {"a": "1", "b": 2})
    with pytest.raises(Invalid, match="Param 'a' of this logged model is '1' already"):
        store.models.add_params(model_id, {"c": "3", "a": "2"})
    store.models.set_tags(model_id, {"a": "2", "c": "3"})
    store.models.delete_tag(model_id, "b")
    with pytest.raises(NotFound, match="has no tag 'b'"):
        store.models.delete_tag(model_id, "b")
    found = store.models.get(model_id)
    assert (found.params, found.tags) == ({"a": "1", "b": "2"}, {"a": "2", "c": "3"})


def test_a_deleted_model_is_gone_unless_asked_for(store: Store, run: Run) -> None:
    model_id = store.models.create("0").model_id
    store.models.delete(model_id)
    point = ModelPoint(model_id, MetricPoint("auc", 1, 0))
    for ask in (
        lambda: store.models.get(model_id),
        lambda: store.models.delete(model_id),
        lambda: store.models.finish(model_id),
        lambda: store.models.add_params(model_id, {"a": "1"}),
        lambda: store.models.set_tags(model_id, {"a": "1"}),
        lambda: store.models.delete_tag(model_id, "a"),
        lambda: store.models.get(f"m-{'0' * 32}"),
        lambda: store.models.get("m-\ud800"),
        lambda: store.models.get("m-\x00"),
    ):
        with pytest.raises(NotFound, match="There is no logged model with id 'm-"):
            ask()
    assert store.models.get(model_id, deleted=True).lifecycle_stage == "deleted"
    assert store.models.search(["0"]).items == []
    store.models.log_metrics(run.run_id, [point])  # its training may still be under way


def test_a_metric_of_a_model_is_one_of_its_run_too(store: Store, run: Run) -> None:
    model_id = store.models.create("0").model_id
    train, test = ("d", "x1"), ("d", "x2")
    store.log_batch(
        run.run_id,
        [MetricPoint("loss", 0.5, 1)],
        about_models=[
            ModelPoint(model_id, MetricPoint("auc", 0.7, 1, 0), *train),
            ModelPoint(model_id, MetricPoint("auc", 0.6, 1, 0), *test),
            ModelPoint(model_id, MetricPoint("auc", 0.6, 1, 0), *test),
            ModelPoint(model_id, MetricPoint("auc", math.nan, 2, 1)),
        ],
    )
    assert [(p.value, p.step) for p in store.metric_history(run.run_id, "auc").items[:2]] == [(0.6, 0), (0.7, 0)]
    assert store.get_run(run.run_id).metrics.keys() == {"auc", "loss"}
    found = store.models.get(model_id).metrics
    assert [(p.dataset_name, p.dataset_digest, p.point.value) for p in found[1:]] == [(*train, 0.7), (*test, 0.6)]
    assert math.isnan(found[0].point.value)
    assert {(p.run_id, p.model_id) for p in found} == {(run.run_id, model_id)}


def test_metrics_come_from_several_runs(store: Store, run: Run) -> None:
    model_id = store.models.create("0").model_id
    other = store.create_run("0")
    for at, one in enumerate((run, other)):
        store.models.log_metrics(one.run_id, [ModelPoint(model_id, MetricPoint("auc", 0.5, at))])
    assert [p.run_id for p in store.models.get(model_id).metrics] == [run.run_id, other.run_id]


def test_a_long_history_is_shown_by_its_end(store: Store, run: Run) -> None:
    model_id = store.models.create("0").model_id
    points = [ModelPoint(model_id, MetricPoint("loss", 1 / (1 + at), at, at)) for at in range(MOST + 20)]
    store.models.log_metrics(run.run_id, points)
    assert [p.point.step for p in store.models.get(model_id).metrics] == list(range(20, MOST + 20))


def test_a_batch_for_a_model_that_is_not_there_is_refused_whole(store: Store, run: Run) -> None:
    good, missing = store.models.create("0").model_id, f"m-{'0' * 32}"
    points = [ModelPoint(one, MetricPoint("auc", 1, 0)) for one in (good, missing)]
    with pytest.raises(NotFound, match=f"no logged model with id '{missing}'"):
        store.log_batch(run.run_id, [MetricPoint("loss", 1, 0)], {"a": "1"}, about_models=points)
    assert (store.get_run(run.run_id).metrics, store.get_run(run.run_id).params) == ({}, {})
    assert store.models.get(good).metrics == ()
    with pytest.raises(Invalid, match="at most 1000 fit"):
        store.log_batch(run.run_id, about_models=points * 501)
    with pytest.raises(Invalid, match="digest of a metric's data set has 251 characters"):
        store.models.log_metrics(run.run_id, [ModelPoint(good, MetricPoint("auc", 1, 0), "d", "x" * 251)])


def test_a_run_tells_which_models_it_used_and_made(store: Store, run: Run) -> None:
    first, second = (store.models.create("0").model_id for _ in range(2))
    store.models.link(run.run_id, inputs=["used"], outputs=[ModelOutput(first, 5)])
    store.models.link(run.run_id, inputs=["used"], outputs=[ModelOutput(second, 1), ModelOutput(first, 7)])
    found = store.get_run(run.run_id)
    assert found.model_inputs == ("used",)
    assert found.model_outputs == (ModelOutput(second, 1), ModelOutput(first, 7))
    assert store.search_runs(["0"]).items == [found]
    with pytest.raises(Invalid, match="The step of model 'a'"):
        store.models.link(run.run_id, outputs=[ModelOutput("a", 2**63)])
    for bad in ("", "x" * 251):
        with pytest.raises(Invalid, match="The model_id is"):
            store.models.link(run.run_id, inputs=[bad])
    store.delete_run(run.run_id)
    with pytest.raises(Invalid, match="is deleted"):
        store.models.link(run.run_id, inputs=["used"])


def test_a_model_knows_its_registered_versions_as_they_are_now(store: Store) -> None:
    model_id = store.models.create("0").model_id
    store.registry.create_model("b")
    for _ in range(2):
        store.registry.create_version("b", f"models:/{model_id}")
    store.registry.delete_version("b", 1)
    store.registry.rename_model("b", "c")
    assert store.models.get(model_id).registered == (("c", 2),)
