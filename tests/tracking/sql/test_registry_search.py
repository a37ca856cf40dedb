"""Searching the registry against a second implementation: plain Python over plain values."""

import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attain.tracking.entities import Page
from attain.tracking.errors import Invalid
from attain.tracking.registry_entities import ModelVersion, RegisteredModel
from attain.tracking.sql.registry import Registry
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

One = RegisteredModel | ModelVersion
Predicate = Callable[[One], bool]
NAMES = ["bkt", "BKT", "dkt", "dkt 50%", "élan"]
VALUES = ["", "a", "A", "it's", "50%"]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Five models with thirty versions: tags missing and equal, runs and stages of some."""
    store = open_database(f"sqlite:///{tmp_path_factory.mktemp('search') / 'attain.db'}")
    draw = random.Random(0)

    def some() -> dict[str, str]:
        return {key: draw.choice(VALUES) for key in ("team", "my tag") if draw.random() < 0.6}

    for name in NAMES:
        store.registry.create_model(name, tags=some())
    for _ in range(30):
        source, run_id = draw.choice(["s3://b/m", "s3://b/n"]), draw.choice(["", "r1", "r2"])
        made = store.registry.create_version(draw.choice(NAMES), source, run_id, tags=some())
        if draw.random() < 0.4:
            store.registry.move_version(made.name, made.version, draw.choice(["Staging", "Production"]))
    yield store.registry
    store.close()


def like(pattern: str, text: str) -> bool:
    parts = {"%": ".*", "_": "."}
    return re.fullmatch("".join(parts.get(c, re.escape(c)) for c in pattern), text, re.DOTALL) is not None


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def of_tag(key: str) -> Callable[[One], str | None]:
    return lambda one: one.tags.get(key)


SHARED: dict[str, Callable[[Any], str | None]] = {
    "name": lambda one: one.name,
    "attributes.name": lambda one: one.name,
    "tags.team": of_tag("team"),
    "tag.`my tag`": of_tag("my tag"),
}
OF_VERSIONS: dict[str, Callable[[Any], str | None]] = {
    **SHARED,
    "run_id": lambda one: one.run_id or None,
    "source_path": lambda one: one.source,
    "stage": lambda one: one.stage,
}


@st.composite
def clauses(draw: st.DrawFn, fields: dict[str, Callable[[Any], str | None]], versions: bool) -> tuple[str, Predicate]:
    if versions and draw(st.integers(0, 4)) == 0:
        number, sign = draw(st.integers(0, 9)), draw(st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
        compare: dict[str, Callable[[int], bool]] = {
            "=": number.__eq__,
            "!=": number.__ne__,
            "<": number.__gt__,
            "<=": number.__ge__,
            ">": number.__lt__,
            ">=": number.__le__,
        }
        return (
            f"version_number {sign} {number}",
            lambda one: isinstance(one, ModelVersion) and compare[sign](one.version),
        )
    name = draw(st.sampled_from(sorted(fields)))
    value = fields[name]
    kind = draw(st.sampled_from(["=", "!=", "LIKE", "ILIKE", "IN", "IS NULL"]))
    known = [*NAMES, *VALUES, "r1", "s3://b/m", "Staging"]
    if kind == "IS NULL":
        return f"{name} IS NULL", lambda one: value(one) is None
    if kind == "IN":
        chosen = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3))
        return f"{name} IN ({', '.join(map(quoted, chosen))})", lambda one: value(one) in chosen
    if "LIKE" in kind:
        pattern = draw(st.sampled_from(["%", "%k%", "B_T", "50%", "", "É%", "%\\%", "s3:%m"]))
        low = str.lower if kind == "ILIKE" else str
        return (
            f"{name} {kind} {quoted(pattern)}",
            lambda one: (v := value(one)) is not None and like(low(pattern), low(v)),
        )
    wanted = draw(st.sampled_from(known))
    equal = kind == "="
    return f"{name} {kind} {quoted(wanted)}", lambda one: (v := value(one)) is not None and (v == wanted) == equal


def both(parts: list[tuple[str, Predicate]]) -> tuple[str, Predicate]:
    return " AND ".join(text for text, _ in parts), lambda one: all(holds(one) for _, holds in parts)


@settings(max_examples=100, deadline=None)
@given(filter=st.lists(clauses(SHARED, False), min_size=1, max_size=2).map(both))
def test_a_filter_finds_the_models_that_python_finds(registry: Registry, filter: tuple[str, Predicate]) -> None:
    text, holds = filter
    expected = [one.name for one in registry.search_models().items if holds(one)]
    assert [one.name for one in registry.search_models(text).items] == expected


@settings(max_examples=100, deadline=None)
@given(filter=st.lists(clauses(OF_VERSIONS, True), min_size=1, max_size=3).map(both))
def test_a_filter_finds_the_versions_that_python_finds(registry: Registry, filter: tuple[str, Predicate]) -> None:
    text, holds = filter
    expected = [one for one in registry.search_versions().items if holds(one)]
    assert registry.search_versions(text).items == expected


@settings(max_examples=40, deadline=None)
@given(
    order=st.lists(
        st.sampled_from(["name", "version_number", "creation_timestamp", "last_updated_timestamp"]), max_size=3
    ),
    descending=st.lists(st.booleans(), min_size=3, max_size=3),
    size=st.integers(1, 31),
)
def test_pages_of_versions_are_everything_in_order(
    registry: Registry, all_pages: Callable[..., list[Any]], order: list[str], descending: list[bool], size: int
) -> None:
    keys: dict[str, Callable[[ModelVersion], Any]] = {
        "name": lambda one: one.name,
        "version_number": lambda one: one.version,
        "creation_timestamp": lambda one: one.creation_time,
        "last_updated_timestamp": lambda one: one.last_update_time,
    }
    expected = sorted(registry.search_versions(max_results=1000).items, key=lambda one: (one.name, -one.version))
    for key, down in reversed(list(zip(order, descending, strict=False))):
        expected.sort(key=keys[key], reverse=down)
    texts = [f"{key} {'DESC' if down else 'asc'}" for key, down in zip(order, descending, strict=False)]

    def page(token: str | None) -> Page[ModelVersion]:
        return registry.search_versions(order_by=texts, max_results=size, page_token=token)

    assert all_pages(page) == expected  # what is left equal goes by name, the last version first


def test_models_are_sorted_by_name_or_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr("attain.tracking.sql.registry.now_ms", lambda: next(clock))
    for name in ("b", "c", "a"):
        store.registry.create_model(name)
    store.registry.describe_model("c", "changed")

    def names(*order: str) -> str:
        return "".join(one.name for one in store.registry.search_models(order_by=order).items)

    assert names() == names("name", "name DESC") == "abc"
    assert names("name DESC") == "cba"
    assert names("creation_timestamp") == "bca"
    assert names("last_updated_timestamp ASC") == "bac"
    assert names("timestamp desc") == "cab"


def test_a_token_belongs_to_its_question(store: Store) -> None:
    for name in "abc":
        store.registry.create_model(name)
        store.registry.create_version(name, "s3://b/m")
    token = store.registry.search_models(max_results=1).next_token
    with pytest.raises(Invalid, match="another question"):
        store.registry.search_models("name != 'x'", page_token=token)
    with pytest.raises(Invalid, match="another question"):
        store.registry.search_versions(page_token=token)
    with pytest.raises(Invalid, match="not one that this store gave"):
        store.registry.search_versions(page_token="nonsense")


@pytest.mark.parametrize(
    ("filter", "message"),
    [
        ("nam = 'x'", "a registered model has no attribute 'nam'"),
        ("run_id = 'x'", "a registered model has no attribute 'run_id'"),
        ("metrics.auc > 1", "'metrics' is not a kind of field; expected one of tags, attributes"),
        ("name > 'x'", "> does not fit 'name', which is text"),
        ("name = x", "needs quotes"),
        ("name = 'x' AND", "expected a field such as name or tags.team"),
    ],
)
def test_a_bad_filter_is_pointed_at(store: Store, filter: str, message: str) -> None:
    with pytest.raises(Invalid, match=re.escape(message)):
        store.registry.search_models(filter)


def test_a_bad_filter_or_order_of_versions_is_pointed_at(store: Store) -> None:
    with pytest.raises(Invalid, match="'version_number' is a number"):
        store.registry.search_versions("version_number = 'x'")
    with pytest.raises(Invalid, match="cannot be sorted by a tag"):
        store.registry.search_versions(order_by=["tags.team"])
    with pytest.raises(Invalid, match="a version of a model has no attribute 'auc'"):
        store.registry.search_versions(order_by=["auc"])


def test_a_blank_filter_is_everything(store: Store) -> None:
    store.registry.create_model("a")
    assert len(store.registry.search_models("  ").items) == 1


def test_prompts_are_found_only_if_asked_for(store: Store) -> None:
    registry, tag = store.registry, "mlflow.prompt.is_prompt"
    registry.create_model("model")
    registry.create_model("prompt", tags={tag: "true"})
    registry.create_version("model", "s3://b/m")
    registry.create_version("prompt", "dummy-source", tags={tag: "true"})
    for filter, found in {
        "": ["model"],
        f"tags.`{tag}` = 'true'": ["prompt"],
        f"tag.`{tag}` != 'true'": ["model"],
        f"tags.`{tag}` = 'false'": ["model"],
        f"name LIKE '%' AND tags.`{tag}` != 'false'": ["prompt"],
    }.items():
        assert [one.name for one in registry.search_models(filter).items] == found
        assert [one.name for one in registry.search_versions(filter).items] == found
