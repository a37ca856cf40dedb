from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, delete, select

from attain.testing.stores import BACKENDS, NewStore
from attain.tracking import copy
from attain.tracking.artifacts import log_bytes, read_bytes
from attain.tracking.copy import Copied, copy_store
from attain.tracking.entities import MetricPoint
from attain.tracking.errors import Invalid, Unavailable
from attain.tracking.sql import tables as t
from attain.tracking.sql.engine import reading, writing
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

Rows = dict[str, list[dict[str, Any]]]  # rows of any table, by its name


def quiet(what: str, count: int) -> None:
    """Progress that nobody looks at."""


@pytest.fixture(params=BACKENDS)
def target(request: pytest.FixtureRequest, new_store: NewStore, tmp_path_factory: pytest.TempPathFactory) -> Store:
    place = tmp_path_factory.mktemp("place")
    return open_database(new_store(request.param), artifacts=str(place))


def all_rows(store: Store) -> dict[str, list[Any]]:  # rows of any table
    with reading(store._engine) as c:
        return {table.name: sorted(map(repr, c.execute(select(table)))) for table in t.metadata.sorted_tables}


def test_every_row_of_every_table_arrives(
    store: Store, target: Store, fill: Callable[[Connection, MetaData], Rows], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy, "PIECE", 2)
    with writing(store._engine) as c:
        given = fill(c, t.metadata)
    copied = copy_store(store, target, quiet, contents=False)
    assert all_rows(target) == all_rows(store)
    assert {name: one.rows - (name == "experiments") for name, one in copied.tables.items()} == dict.fromkeys(given, 3)
    target.close()


def test_numbers_are_the_same_to_the_last_bit_and_nan_stays_nan(store: Store, target: Store) -> None:
    run = store.create_run("0").run_id
    values = [0.1 + 0.2, 1e-320, 1.7976931348623157e308, float("nan"), float("inf"), 2**53 + 1.0]
    store.log_batch(run, [MetricPoint("m", value, 2**62, -(2**62) + i) for i, value in enumerate(values)])
    copy_store(store, target, quiet)
    assert repr(target.metric_history(run, "m").items) == repr(store.metric_history(run, "m").items)
    assert repr(target.get_run(run)) == repr(store.get_run(run))
    target.close()


def test_a_negative_zero_may_become_zero(store: Store, target: Store) -> None:
    run = store.create_run("0").run_id
    store.log_batch(run, [MetricPoint("m", -0.0, 1)])
    copy_store(store, target, quiet)
    assert target.get_run(run).metrics == {"m": 0.0}
    target.close()


def test_new_rows_go_on_counting_after_the_copied_ones(store: Store, target: Store) -> None:
    for name in ("a", "b"):
        store.create_run(store.create_experiment(name))
    copy_store(store, target, quiet)
    assert target.create_experiment("c") == "3"
    run = target.create_run("3").run_id
    target.log_batch(run, [MetricPoint("new", 1, 1)], params={"a": "b"})
    assert target.get_run(run).metrics == {"new": 1}
    target.close()


def test_contents_of_artifacts_go_along(store: Store, target: Store) -> None:
    run = store.create_run("0").run_id
    log_bytes(store, run, b"one", "a.txt")
    log_bytes(store, run, b"one", "b.txt")
    log_bytes(store, run, b"two", "c.txt")
    assert copy_store(store, target, quiet).contents == 2
    assert [read_bytes(target, run, path) for path in ("a.txt", "b.txt", "c.txt")] == [b"one", b"one", b"two"]
    target.close()


def test_a_target_with_something_in_it_is_refused_and_left_as_it_is(store: Store, target: Store) -> None:
    target.create_run("0")
    before = all_rows(target)
    with pytest.raises(Invalid, match="is not empty: there are"):
        copy_store(store, target, quiet)
    assert all_rows(target) == before
    target.close()


def test_a_row_that_is_lost_on_the_way_undoes_everything(
    store: Store, target: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create_run("0", params={"a": "1", "b": "2"})
    insert = copy.insert_new

    def losing(c: Connection, table: Any, rows: list[dict[str, Any]]) -> None:
        insert(c, table, rows)
        if table is t.params:
            c.execute(delete(t.params).where(t.params.c.key == "b"))

    monkeypatch.setattr(copy, "insert_new", losing)
    before = all_rows(target)
    with pytest.raises(Unavailable, match=r"table 'params' in .* is not as it was written"):
        copy_store(store, target, quiet)
    assert all_rows(target) == before
    target.close()


def test_what_is_written_meanwhile_is_not_half_copied(store: Store, target: Store) -> None:
    run = store.create_run("0").run_id

    def write(what: str, count: int) -> None:
        store.log_batch(run, params={f"{what} {count}": "x"}, metrics=[MetricPoint(what, count, 1)])

    copied: Copied = copy_store(store, target, write)
    kept = target.get_run(run)
    assert (kept.params, kept.metrics) == ({}, {})
    assert copied.tables["params"].rows == 0
    target.close()


def test_the_digest_sees_one_changed_value_and_not_the_order() -> None:
    rows = [(1, "a", None, 0.5), (2, "b", True, 0.25)]
    digest = copy.Digest().add(rows)
    assert copy.Digest().add(rows[1:]).add(rows[:1]) == digest
    for changed in ((2, "b", True, 0.2500000001), (2, "b", False, 0.25), (2, "B", True, 0.25), (2, "b", None, 0.25)):
        assert copy.Digest().add([rows[0], changed]) != digest
