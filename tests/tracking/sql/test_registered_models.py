"""The rules of registered models, on every database."""

import threading
from collections.abc import Callable
from typing import TypeVar

import pytest

from attain.tracking.entities import Run
from attain.tracking.errors import Exists, Invalid, NotFound
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

T = TypeVar("T")


def test_a_model_is_made_with_its_description_and_tags(store: Store) -> None:
    made = store.registry.create_model("dropout", "warns in week 4", {"team": "ada", "n": 3})
    assert (made.name, made.description, made.tags) == ("dropout", "warns in week 4", {"team": "ada", "n": "3"})
    assert made.creation_time == made.last_update_time > 1_700_000_000_000
    assert (made.latest_versions, made.aliases) == ((), {})
    assert store.registry.model("dropout") == made


def test_a_name_is_given_once(store: Store) -> None:
    store.registry.create_model("dropout")
    with pytest.raises(Exists, match="A registered model is called 'dropout' already"):
        store.registry.create_model("dropout")
    store.registry.create_model("Dropout")  # another name: case matters
    with pytest.raises(Exists):
        store.registry.rename_model("Dropout", "dropout")


def test_what_is_not_there_is_said(store: Store) -> None:
    registry = store.registry
    for ask in (
        lambda: registry.model("x"),
        lambda: registry.describe_model("x", ""),
        lambda: registry.rename_model("x", "y"),
        lambda: registry.delete_model("x"),
        lambda: registry.set_model_tag("x", "k", "v"),
        lambda: registry.delete_model_tag("x", "k"),
        lambda: registry.latest_versions("x"),
        lambda: registry.create_version("x", "s3://b/m"),
        lambda: registry.delete_alias("x", "champion"),
    ):
        with pytest.raises(NotFound, match="There is no registered model 'x'"):
            ask()


def test_a_bad_tag_keeps_the_model_from_being_made(store: Store) -> None:
    with pytest.raises(Invalid, match="tag name"):
        store.registry.create_model("dropout", tags={"a": "b", "a//b": "c"})
    assert store.registry.search_models().items == []


def test_tags_are_overwritten_and_taken_away(store: Store) -> None:
    registry = store.registry
    registry.create_model("dropout", tags={"a": "1", "b": "2"})
    registry.set_model_tag("dropout", "a", "3")
    registry.delete_model_tag("dropout", "b")
    registry.delete_model_tag("dropout", "never there")
    assert registry.model("dropout").tags == {"a": "3"}


def test_a_new_name_keeps_versions_tags_and_aliases(store: Store, run: Run) -> None:
    registry = store.registry
    registry.create_model("old", "d", {"k": "v"})
    registry.create_version("old", f"runs:/{run.run_id}/m", tags={"t": "1"})
    registry.set_alias("old", "champion", 1)
    renamed = registry.rename_model("old", "new")
    assert (renamed.name, renamed.description, renamed.tags, renamed.aliases) == (
        "new",
        "d",
        {"k": "v"},
        {"champion": 1},
    )
    version = registry.version_by_alias("new", "champion")
    assert (version.name, version.version, version.tags) == ("new", 1, {"t": "1"})
    with pytest.raises(NotFound):
        registry.model("old")
    assert registry.create_version("new", f"runs:/{run.run_id}/m").version == 2
    assert registry.rename_model("new", "new").name == "new"


def test_deleting_a_model_takes_its_versions_along_and_leaves_the_run(store: Store, run: Run) -> None:
    registry = store.registry
    registry.create_model("dropout", tags={"k": "v"})
    registry.create_version("dropout", f"runs:/{run.run_id}/m", tags={"k": "v"})
    registry.set_alias("dropout", "champion", 1)
    registry.delete_model("dropout")
    assert registry.search_versions().items == []
    assert store.get_run(run.run_id) == run
    again = registry.create_model("dropout")
    assert (again.tags, again.aliases, again.latest_versions) == ({}, {}, ())
    assert registry.create_version("dropout", "s3://b/m").tags == {}


def test_a_description_can_be_changed(store: Store) -> None:
    store.registry.create_model("dropout", "before")
    assert store.registry.describe_model("dropout", "after").description == "after"
    assert store.registry.model("dropout").description == "after"


def at_once(uri: str, act: Callable[[Store], T], count: int = 4) -> list[T | None]:
    """What several made at one moment, each with a store of its own; None where the name was taken."""
    found: list[T | None] = []
    start = threading.Barrier(count)

    def work() -> None:
        own = open_database(uri)
        own.registry.search_models()  # connected
        start.wait()
        try:
            found.append(act(own))
        except Exists:
            found.append(None)
        own.close()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == count
    return found


def test_a_name_that_several_ask_for_at_once_is_given_once(store: Store, uri: str) -> None:
    found = at_once(uri, lambda own: own.registry.create_model("dropout").name)
    assert sorted(map(str, found)) == ["None", "None", "None", "dropout"]


def test_versions_that_are_registered_at_once_have_different_numbers(store: Store, uri: str) -> None:
    store.registry.create_model("dropout")
    found = at_once(uri, lambda own: [own.registry.create_version("dropout", "s3://b/m").version for _ in range(5)])
    assert sorted(number for numbers in found for number in numbers or []) == list(range(1, 21))
