"""Searching experiments, and the data sets that they read."""

from collections.abc import Callable
from typing import Any

import pytest

from attain.tracking.entities import DatasetInput, DatasetUse
from attain.tracking.errors import Invalid
from attain.tracking.sql.store import Store


@pytest.fixture
def three(store: Store) -> list[str]:
    """The ids of the experiments a, b, c; b has a tag."""
    return [store.create_experiment(name, tags={"team": "x"} if name == "b" else {}) for name in "abc"]


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        ("", ["c", "b", "a", "Default"]),
        ("name = 'a'", ["a"]),
        ("name != 'a'", ["c", "b", "Default"]),
        ("name IN ('a', 'c')", ["c", "a"]),
        ("tags.team = 'x'", ["b"]),
        ("tags.team IS NULL", ["c", "a", "Default"]),
        ("NOT (name LIKE '_' AND tags.team IS NULL)", ["b", "Default"]),
        ("experiment_id = '0'", ["Default"]),
        ("attr.creation_time > 0 AND last_update_time > 0 AND name < 'b'", None),
    ],
)
def test_a_filter_finds_the_experiments_that_it_says(
    store: Store, three: list[str], filter: str, names: list[str] | None
) -> None:
    if names is None:
        with pytest.raises(Invalid, match="< does not fit 'name'"):
            store.search_experiments(filter)
    else:
        assert [one.name for one in store.search_experiments(filter).items] == names


def test_pages_follow_any_order(
    store: Store, three: list[str], all_pages: Callable[[Callable[[str | None], Any]], list[Any]]
) -> None:
    for order, names in ((["name"], "abc"), (["name DESC"], "cba"), (["creation_time ASC", "experiment_id"], "abc")):
        found = all_pages(lambda token, order=order: store.search_experiments("name LIKE '_'", order, 1, token))
        assert "".join(one.name for one in found) == names


def test_ids_are_sorted_as_numbers(store: Store) -> None:
    for at in range(11):
        store.create_experiment(str(at))
    ids = [int(one.experiment_id) for one in store.search_experiments(order_by=["experiment_id ASC"]).items]
    assert ids == sorted(ids)


def test_experiments_are_not_sorted_by_tags(store: Store) -> None:
    with pytest.raises(Invalid, match="cannot be sorted by a tag"):
        store.search_experiments(order_by=["tags.team"])


def test_data_sets_are_told_once_for_each_experiment_and_context(store: Store, three: list[str]) -> None:
    for experiment in three[:2]:
        for context in ("training", "training", "test", None):
            tags = {"mlflow.data.context": context} if context else {}
            run_id = store.create_run(experiment).run_id
            store.log_inputs(run_id, [DatasetInput("answers", "9f", tags=tags)])
    uses = [DatasetUse(three[0], "answers", "9f", context) for context in (None, "test", "training")]
    assert sorted(store.datasets_used(three[:1]), key=lambda use: use.context or "") == uses
    assert len(store.datasets_used(three)) == 6
    assert store.datasets_used(["nonsense"]) == []
