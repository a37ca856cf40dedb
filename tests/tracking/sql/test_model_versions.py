"""The rules of versions, stages and aliases, on every database."""

import pytest

from attain.tracking.errors import Invalid, NotFound
from attain.tracking.sql.registry import Registry
from attain.tracking.sql.store import Store


@pytest.fixture
def registry(store: Store) -> Registry:
    """A registry with the model `dropout`."""
    store.registry.create_model("dropout")
    return store.registry


def add(registry: Registry, count: int = 1) -> None:
    for _ in range(count):
        registry.create_version("dropout", "s3://bucket/model")


def test_versions_are_counted_from_1_and_never_used_again(registry: Registry) -> None:
    add(registry, 3)
    registry.delete_version("dropout", 3)
    registry.delete_version("dropout", 1)
    add(registry)
    assert [one.version for one in registry.search_versions("name = 'dropout'").items] == [4, 2]


def test_a_version_is_ready_at_once_and_in_no_stage(registry: Registry) -> None:
    made = registry.create_version(
        "dropout",
        "s3://bucket/model",
        "a run elsewhere",
        run_link="https://elsewhere/runs/1",
        description="first",
        tags={"k": 1},
        user_id="ada",
    )
    assert (made.name, made.version, made.stage) == ("dropout", 1, "None")
    assert (made.source, made.storage, made.run_id) == ("s3://bucket/model", "s3://bucket/model", "a run elsewhere")
    assert (made.run_link, made.description, made.user_id) == ("https://elsewhere/runs/1", "first", "ada")
    assert (made.tags, made.aliases, made.model_id) == ({"k": "1"}, (), "")
    assert registry.version("dropout", "1") == made


def test_a_missing_version_is_said(registry: Registry) -> None:
    add(registry)
    for ask in (
        lambda: registry.version("dropout", 2),
        lambda: registry.describe_version("dropout", 2, ""),
        lambda: registry.move_version("dropout", 2, "Staging"),
        lambda: registry.delete_version("dropout", 2),
        lambda: registry.set_version_tag("dropout", 2, "k", "v"),
        lambda: registry.delete_version_tag("dropout", 2, "k"),
        lambda: registry.set_alias("dropout", "champion", 2),
    ):
        with pytest.raises(NotFound, match="'dropout' has no version 2"):
            ask()


def test_a_description_and_tags_can_be_changed(registry: Registry) -> None:
    add(registry, 2)
    assert registry.describe_version("dropout", 1, "good").description == "good"
    registry.set_version_tag("dropout", 1, "k", "a")
    registry.set_version_tag("dropout", 1, "k", "b")
    registry.set_version_tag("dropout", 1, "other", "c")
    registry.delete_version_tag("dropout", 1, "other")
    registry.delete_version_tag("dropout", 1, "never there")
    assert registry.version("dropout", 1).tags == {"k": "b"}
    assert registry.version("dropout", 2).tags == {}


def test_a_move_can_archive_the_others_of_the_stage(registry: Registry) -> None:
    add(registry, 4)
    for version in (1, 2):
        registry.move_version("dropout", version, "production")
    registry.move_version("dropout", 3, "Staging")
    registry.move_version("dropout", 4, "Production", archive_others=True)
    assert {one.version: one.stage for one in registry.search_versions().items} == {
        1: "Archived",
        2: "Archived",
        3: "Staging",
        4: "Production",
    }


def test_others_are_archived_only_from_a_stage_that_is_in_use(registry: Registry) -> None:
    add(registry)
    with pytest.raises(Invalid, match="only on a move to Staging or Production, not to Archived"):
        registry.move_version("dropout", 1, "Archived", archive_others=True)
    with pytest.raises(Invalid, match="The stage is 'Live'"):
        registry.move_version("dropout", 1, "Live")


def test_the_latest_version_is_known_for_each_stage(registry: Registry) -> None:
    add(registry, 5)
    for version, stage in {1: "Staging", 2: "Production", 3: "Staging"}.items():
        registry.move_version("dropout", version, stage)
    found = {one.stage: one.version for one in registry.model("dropout").latest_versions}
    assert found == {"Production": 2, "Staging": 3, "None": 5}
    assert [one.version for one in registry.latest_versions("dropout")] == [2, 3, 5]
    assert [one.version for one in registry.latest_versions("dropout", ["staging", "Archived"])] == [3]
    with pytest.raises(Invalid, match="The stage"):
        registry.latest_versions("dropout", ["x"])


def test_an_alias_names_one_version_and_may_move(registry: Registry) -> None:
    add(registry, 2)
    registry.set_alias("dropout", "champion", 1)
    registry.set_alias("dropout", "champion", 2)
    registry.set_alias("dropout", "best", "2")
    assert registry.version_by_alias("dropout", "champion").version == 2
    assert registry.version("dropout", 2).aliases == ("best", "champion")
    assert registry.version("dropout", 1).aliases == ()
    assert registry.model("dropout").aliases == {"best": 2, "champion": 2}
    registry.delete_alias("dropout", "champion")
    registry.delete_alias("dropout", "champion")
    with pytest.raises(Invalid, match="'dropout' has no alias 'champion'"):
        registry.version_by_alias("dropout", "champion")


def test_an_alias_goes_with_its_version(registry: Registry) -> None:
    add(registry, 2)
    registry.set_alias("dropout", "champion", 1)
    registry.delete_version("dropout", 1)
    assert registry.model("dropout").aliases == {}


def test_latest_is_the_last_version(registry: Registry) -> None:
    with pytest.raises(NotFound, match="has no version yet"):
        registry.version_by_alias("dropout", "latest")
    add(registry, 11)
    registry.move_version("dropout", 11, "Archived")
    assert registry.version_by_alias("dropout", "Latest").version == 11


def test_a_change_of_a_version_is_a_change_of_its_model(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(5_000_000_000_000, 6_000_000_000_000))
    monkeypatch.setattr("attain.tracking.sql.registry.now_ms", lambda: next(clock))
    seen = [registry.model("dropout").last_update_time]
    for change in (
        lambda: add(registry),
        lambda: registry.move_version("dropout", 1, "Staging"),
        lambda: registry.delete_version("dropout", 1),
        lambda: registry.describe_model("dropout", "x"),
    ):
        change()
        seen.append(registry.model("dropout").last_update_time)
    assert seen == sorted(set(seen))
