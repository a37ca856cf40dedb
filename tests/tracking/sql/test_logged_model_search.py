"""Searching logged models: by hand-worked tables, on every database."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from attain.tracking.entities import MetricPoint, Page, Run
from attain.tracking.errors import Invalid
from attain.tracking.registry_entities import LoggedModel, ModelPoint
from attain.tracking.sql.logged_model_search import Dataset, OrderBy
from attain.tracking.sql.store import Store

TRAIN, TEST = Dataset("d", "train"), Dataset("d", "test")


@pytest.fixture
def models(store: Store, run: Run) -> Store:
    """Four models `a` to `d`, with these points of auc on a data set (value; timestamp; step):

    a: train 0.9, then 0.5; test 0.6    b: train 0.7    c: test NaN    d: none
    """
    points = {
        "a": [(TRAIN, 0.9, 1), (TRAIN, 0.5, 2), (TEST, 0.6, 1)],
        "b": [(TRAIN, 0.7, 1)],
        "c": [(TEST, math.nan, 1)],
        "d": [],
    }
    for name, given in points.items():
        params, tags = ({"depth": "3"}, {"team": "x"}) if name in "ab" else ({"depth": "4"}, {})
        made = store.models.create("0", name, source_run_id=run.run_id if name == "a" else "", params=params, tags=tags)
        about = [ModelPoint(made.model_id, MetricPoint("auc", v, t, t), on.name, on.digest) for on, v, t in given]
        store.models.log_metrics(run.run_id, about)
        if name in "ac":
            store.models.finish(made.model_id)
    return store


def names(store: Store, *args: Any, **kwargs: Any) -> str:
    return "".join(sorted(one.name for one in store.models.search(["0"], *args, **kwargs).items))


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("", "abcd"),
        ("metrics.auc > 0.65", "ab"),
        ("metrics.`auc` = 0.5 AND metrics.auc = 0.9", "a"),
        ("metrics.auc != 0.7", "a"),
        ("metrics.auc IS NULL", "d"),
        ("params.depth = '3'", "ab"),
        ("params.depth = 4", "cd"),
        ("params.depth != 3", "cd"),
        ("tags.team LIKE 'x%'", "ab"),
        ("tags.team IS NULL", "cd"),
        ("name IN ('a', 'd')", "ad"),
        ("name = a", "a"),
        ("attributes.name ILIKE 'B'", "b"),
        ("status = 'READY'", "ac"),
        ("status != 'READY'", "bd"),
        ("creation_timestamp > 0 AND last_updated_timestamp > 0", "abcd"),
        ("creation_time < 5", ""),
        ("NOT (metrics.auc > 0 OR name = 'd')", "c"),
    ],
)
def test_a_filter_finds_models(models: Store, filter: str, found: str) -> None:
    assert names(models, filter) == found


def test_the_run_that_made_a_model_finds_it(models: Store, run: Run) -> None:
    assert names(models, f"source_run_id = '{run.run_id}'") == "a"
    assert names(models, "source_run_id IS NULL") == "bcd"


def test_metrics_count_only_on_the_data_sets_that_are_asked_for(models: Store) -> None:
    assert names(models, "metrics.auc > 0.55", [TEST]) == "a"
    assert names(models, "metrics.auc > 0.65", [TEST]) == ""
    assert names(models, "metrics.auc > 0.65", [TEST, TRAIN]) == "ab"
    assert names(models, "metrics.auc > 0.65", [Dataset("d")]) == "ab"
    assert names(models, "metrics.auc > 0.65", [Dataset("e")]) == ""


def test_a_data_set_alone_finds_models_with_any_metric_on_it(models: Store) -> None:
    assert names(models, "", [TEST]) == "ac"
    assert names(models, "name != 'a'", [TEST]) == "c"


def ordered(store: Store, *order: OrderBy) -> str:
    return "".join(one.name for one in store.models.search(["0"], order_by=order).items)


def test_models_are_sorted_by_the_last_value_of_a_metric(models: Store) -> None:
    """Last of a: 0.5 (timestamp 2); numbers, then NaN, then none, in both directions."""
    assert ordered(models, OrderBy("metrics.auc")) == "abcd"
    assert ordered(models, OrderBy("metrics.auc", descending=True)) == "bacd"
    assert ordered(models, OrderBy("metrics.auc", dataset=TEST), OrderBy("name", descending=True)) == "acdb"
    assert ordered(models, OrderBy("name", descending=True), OrderBy("name")) == "dcba"


def test_a_bad_filter_or_order_is_refused(models: Store) -> None:
    with pytest.raises(
        Invalid, match=r"a logged model has no attribute 'auc'; write metrics\.auc, params\.auc or tags\.auc"
    ):
        names(models, "auc > 1")
    with pytest.raises(Invalid, match=r"use metrics\.NAME or an attribute"):
        names(models, order_by=[OrderBy("params.depth")])
    with pytest.raises(Invalid, match="'datasets' is not a kind of field"):
        names(models, "datasets.name = 'x'")


@pytest.mark.parametrize(
    "order", [[], [OrderBy("metrics.auc")], [OrderBy("metrics.auc", True, TRAIN), OrderBy("name")]]
)
def test_pages_are_everything_in_order(
    models: Store, all_pages: Callable[..., list[LoggedModel]], order: list[OrderBy]
) -> None:
    whole = models.models.search(["0"], order_by=order).items

    def page(token: str | None) -> Page[LoggedModel]:
        return models.models.search(["0"], order_by=order, max_results=1, page_token=token)

    assert all_pages(page) == whole


def test_a_token_belongs_to_its_question(models: Store) -> None:
    token = models.models.search(["0"], max_results=1).next_token
    for question in ({"filter": "name != 'x'"}, {"datasets": [TEST]}, {"order_by": [OrderBy("name")]}):
        with pytest.raises(Invalid, match="another question"):
            models.models.search(["0"], page_token=token, **question)
    with pytest.raises(Invalid, match="another question"):
        models.models.search(["1"], page_token=token)


def test_only_the_experiments_that_are_asked_for_are_searched(models: Store) -> None:
    other = models.create_experiment("other")
    models.models.create(other, "elsewhere")
    assert [one.name for one in models.models.search([other]).items] == ["elsewhere"]
    assert len(models.models.search(["0", other, "nonsense"]).items) == 5
    assert models.models.search([]).items == []
