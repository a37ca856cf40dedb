"""Who may do what: for admins alone; users, rights and tokens without secrets, and whether the ledger is whole."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from attain.tracking.sql.store import Store

Filled = Any  # the class of the conftest


def test_admins_alone_see_it_and_are_led_there(
    filled: Filled, see: Callable[..., tuple[int, str]], store: Store
) -> None:
    assert see("ann", "/admin")[0] == 403
    assert see("ann", "/admin.json")[0] == 403
    assert see("", "/admin")[0] == 303
    assert 'href="/admin"' not in see("ann", "/")[1]
    assert 'href="/admin"' in see("root", "/")[1]
    store.access.permit("user", "ann", filled.experiment, "read", "root", "experiment")
    status, page = see("root", "/admin")
    assert status == 200
    assert "ann" in page
    assert "experiment kt &lt;script&gt;" in page
    assert "The ledger is whole" in page


def test_a_token_is_known_by_its_beginning_and_its_secret_is_nowhere(
    filled: Filled, see: Callable[..., tuple[int, str]], store: Store
) -> None:
    made = store.access.add_token("ann", "root", 3)
    page = see("root", "/admin")[1] + see("root", "/admin.json")[1]
    (token,) = [one for one in store.access.tokens("ann") if one.prefix in made]
    assert token.prefix in page
    assert made not in page


def test_a_ledger_that_somebody_changed_is_told_at_once(
    filled: Filled, see: Callable[..., tuple[int, str]], store: Store
) -> None:
    store.access.record("ann", "audit.sign", "a thing")
    with store._engine.begin() as c:
        c.execute(text("UPDATE ledger SET actor = 'bob' WHERE action = 'audit.sign'"))
    page = see("root", "/admin")[1]
    assert "CHANGED: the ledger is broken at row" in page


def test_names_are_written_as_text(filled: Filled, see: Callable[..., tuple[int, str]], store: Store) -> None:
    store.access.record("<b>eve</b>", "look", "<script>alert(1)</script>", {"why": "<i>"})
    page = see("root", "/admin")[1]
    assert "<script>alert" not in page
    assert "&lt;b&gt;eve" in page


def test_a_store_where_nobody_signs_in_says_so(filled: Filled) -> None:
    page = filled.page("/admin")
    assert "who can open it may do everything" in page
