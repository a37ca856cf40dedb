import hashlib
import json
import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from attain.tracking.sql import ledger
from attain.tracking.sql.engine import reading, writing
from attain.tracking.sql.store import Store


def test_a_row_is_sealed_with_all_that_stands_before_it(store: Store) -> None:
    """The hash is worked out here a second time, from what the docstring of `Entry` says."""
    store.access.record("ann", "delete", "run 1", {"b": [1, "ü"], "a": None})
    store.access.record("ben", "sign_in", "user ben")
    second, first = store.access.entries().items
    assert (first.seq, first.previous, first.details) == (1, "0" * 64, '{"a":null,"b":[1,"\\u00fc"]}')
    row = [1, first.time, "ann", "delete", "run 1", first.details, "0" * 64]
    assert first.hash == hashlib.sha256(json.dumps(row, separators=(",", ":")).encode()).hexdigest()
    assert (second.seq, second.previous, second.details) == (2, first.hash, "{}")


def test_rows_of_a_kind_are_listed_in_pages_as_if_there_were_no_others(store: Store) -> None:
    for number in range(6):
        store.access.record("ann", "audit.make" if number % 2 else "audit", f"run {number}")
    first = store.access.entries(2, action="audit.")
    assert [one.object for one in first.items] == ["run 5", "run 3"]
    second = store.access.entries(2, first.next_token, "audit.")
    assert ([one.object for one in second.items], second.next_token) == (["run 1"], None)
    assert store.access.entries(action="a%").items == []


def test_an_empty_ledger_is_whole(store: Store) -> None:
    assert store.access.verify() == ledger.Verdict(0, "0" * 64)


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("UPDATE ledger SET time = time + 1 WHERE seq = 3", 3),
        ("UPDATE ledger SET actor = 'zoe' WHERE seq = 3", 3),
        ("UPDATE ledger SET action = 'delete ' WHERE seq = 3", 3),
        ("UPDATE ledger SET object = 'run 9' WHERE seq = 3", 3),
        ("UPDATE ledger SET details = '{}' WHERE seq = 3", 3),
        ("UPDATE ledger SET previous = 'z' || substr(previous, 2) WHERE seq = 3", 3),
        ("UPDATE ledger SET hash = 'z' || substr(hash, 2) WHERE seq = 3", 3),
        ("UPDATE ledger SET seq = 9 WHERE seq = 3", 3),
        ("DELETE FROM ledger WHERE seq = 1", 1),
        ("DELETE FROM ledger WHERE seq = 3", 3),
        ("UPDATE ledger SET seq = 0 WHERE seq = 1", 1),
    ],
)
def test_a_change_of_any_column_is_found_at_its_row(store: Store, change: str, row: int) -> None:
    for number in range(5):
        store.access.record("ann", "delete", f"run {number}", {"n": number})
    with writing(store._engine) as c:
        c.execute(text(change))
    found = store.access.verify()
    assert (found.broken, found.rows) == (row, row - 1)
    assert found.reason


def test_a_row_that_was_changed_and_sealed_again_breaks_the_next(store: Store) -> None:
    for number in range(3):
        store.access.record("ann", "delete", f"run {number}")
    one = store.access.entries().items[1]
    parts = (one.seq, one.time, "zoe", one.action, one.object, one.details, one.previous)
    with writing(store._engine) as c:
        c.execute(text("UPDATE ledger SET actor = 'zoe', hash = :h WHERE seq = 2"), {"h": ledger.sealed(parts)})
    assert store.access.verify().broken == 3


def test_an_end_that_was_cut_off_is_found_by_a_hash_noted_earlier(store: Store) -> None:
    for number in range(3):
        store.access.record("ann", "delete", f"run {number}")
    noted = store.access.verify().head
    store.access.record("ann", "delete", "run 4")
    assert store.access.verify(noted).broken is None
    with writing(store._engine) as c:
        c.execute(text("DELETE FROM ledger WHERE seq >= 3"))
    assert store.access.verify().broken is None
    assert store.access.verify(noted).broken == 3


def test_the_chain_cannot_fork_even_by_hand(store: Store) -> None:
    from sqlalchemy.exc import IntegrityError

    store.access.record("ann", "delete", "run 1")
    with pytest.raises(IntegrityError), store._engine.begin() as c:
        c.execute(text("INSERT INTO ledger SELECT 2, time, actor, action, object, details, previous, hash FROM ledger"))


plans = st.lists(
    st.lists(st.text(max_size=4), min_size=1, max_size=4),
    min_size=1,
    max_size=4,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plans)
def test_whatever_several_threads_append_in_whatever_order_the_chain_holds(store: Store, plan: list[list[str]]) -> None:
    before = store.access.verify().rows

    def append(objects: list[str]) -> None:
        for given_object in objects:
            store.access.record("ann", "note", given_object, {"said": given_object})

    threads = [threading.Thread(target=append, args=[objects]) for objects in plan]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = store.access.verify()
    assert (found.rows, found.broken) == (before + sum(map(len, plan)), None)


def test_a_row_of_a_transaction_that_fails_is_not_kept(store: Store) -> None:
    def fail() -> None:
        with writing(store._engine) as c:
            ledger.append(c, 1, "ann", "delete", "run 1", {})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.access.verify().rows == 0


def test_what_a_stranger_typed_is_kept_as_text_that_any_database_takes(store: Store) -> None:
    store.access.record("a\x00b", "sign_in.failed", "user \ud800" + "x" * 1_000)
    entry = store.access.entries().items[0]
    assert (entry.actor, len(entry.object)) == ("a�b", 500)
    assert store.access.verify().broken is None


def test_the_ledger_is_shown_in_pages_the_newest_first(store: Store, all_pages: Any) -> None:
    for number in range(7):
        store.access.record("ann", "note", str(number))
    found = all_pages(lambda token: store.access.entries(3, token))
    assert [entry.seq for entry in found] == [7, 6, 5, 4, 3, 2, 1]


def test_a_long_ledger_is_checked_in_parts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "_AT_ONCE", 2)
    for number in range(5):
        store.access.record("ann", "note", str(number))
    with reading(store._engine) as c:
        assert ledger.verify(c).rows == 5
