"""Aliases that move by decision: the alias and its line in the ledger together; of two at once, one is faster."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from attain.tracking.errors import NotFound, Overtaken
from attain.tracking.sql.promotions import Look
from attain.tracking.sql.store import Store

THREADS = 6


@pytest.fixture(autouse=True)
def registered(store: Store) -> None:
    """The model `dropout` with three versions."""
    store.registry.create_model("dropout")
    for _ in range(3):
        store.registry.create_version("dropout", "s3://bucket/model")


def move(store: Store, version: int, expected: int | None) -> None:
    said = {"version": version, "from": expected}
    store.registry.move_alias(
        "dropout", "champion", version, expected=expected, by="ada", action="model.promote", said=said
    )


def test_an_alias_moves_with_its_line_in_the_ledger(store: Store) -> None:
    move(store, 1, None)
    move(store, 3, 1)
    assert store.registry.version_by_alias("dropout", "champion").version == 3
    lines = store.access.about("model dropout", ["model.promote"])
    assert [json.loads(line.details) for line in lines] == [{"from": None, "version": 1}, {"from": 1, "version": 3}]
    assert {line.actor for line in lines} == {"ada"}
    assert store.access.verify().broken is None


def test_who_decided_on_another_champion_is_told_and_nothing_is_written(store: Store) -> None:
    move(store, 1, None)
    with pytest.raises(Overtaken, match=r"dropout@champion named no version when .* names version 1 now: somebody"):
        move(store, 2, None)
    with pytest.raises(NotFound, match="has no version 9"):
        move(store, 9, 1)
    assert store.registry.version_by_alias("dropout", "champion").version == 1
    assert len(store.access.about("model dropout", ["model.promote"])) == 1


def test_of_promotions_at_once_one_wins(store: Store) -> None:
    move(store, 1, None)
    start = threading.Barrier(THREADS)

    def promote(number: int) -> bool:
        start.wait()
        try:
            move(store, 2 + number % 2, 1)
        except Overtaken:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as threads:
        won = list(threads.map(promote, range(THREADS)))
    assert won.count(True) == 1
    assert store.registry.version_by_alias("dropout", "champion").version == 2 + won.index(True) % 2
    assert len(store.access.about("model dropout", ["model.promote"])) == 2


def test_looks_are_counted_by_champion_and_by_data(store: Store) -> None:
    asked = [("c1", "d1", "a"), ("c1", "d2", "b"), ("c2", "d2", "c"), ("c2", "d3", "d"), ("c3", "d4", "e")]
    numbers = [store.registry.look("dropout", Look(*one), "ada") for one in asked]
    assert numbers == [1, 2, 2, 2, 1]
    assert store.registry.look("dropout", Look("c1", "d2", "b"), "ada") == 2, "the same comparison is no new look"
    store.registry.create_model("another")
    assert store.registry.look("another", Look("c1", "d1", "a"), "ada") == 1


def test_looks_at_once_have_different_numbers(store: Store) -> None:
    start = threading.Barrier(THREADS)

    def look(number: int) -> int:
        start.wait()
        return store.registry.look("dropout", Look("c", "d", f"pair {number}"), "ada")

    with ThreadPoolExecutor(THREADS) as threads:
        assert sorted(threads.map(look, range(THREADS))) == list(range(1, THREADS + 1))
    assert store.access.verify().broken is None
