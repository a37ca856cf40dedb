"""Signing in and out in a browser, as far as a browser without scripts goes."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.server.access.opening import open_gate
from attain.server.access.pages import local
from attain.server.access.settings import AccessSettings
from attain.tracking.errors import Invalid
from attain.tracking.sql.store import Store


@pytest.fixture
def browser(guarded: Any, browsing: Any) -> Any:  # a Browser of the conftest
    return browsing(guarded.url)


def test_signing_in_opens_a_session_that_the_api_knows(browser: Any, password: str) -> None:
    assert browser.send("POST", "/api/2.0/mlflow/experiments/search", "{}", JSON)[0].status == 401
    answer, _ = browser.submit("/sign-in", name="ann", password=password, next="/runs?a=1")
    assert (answer.status, answer.headers["Location"]) == (303, "/runs?a=1")
    assert browser.get("/api/2.0/mlflow/experiments/search")[0].status == 200
    assert "signed in as <strong>ann</strong>" in browser.get("/sign-in")[1]


JSON = {"Content-Type": "application/json"}


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Any, password: str) -> None:
    browser.submit("/sign-in", name="ann", password=password)
    assert "httponly" in browser.set[0].lower()
    assert "samesite=lax" in browser.set[0].lower()
    assert password not in browser.set[0]


def test_whoever_signs_in_comes_to_a_page_that_is_there(browser: Any, password: str) -> None:
    answer, _ = browser.submit("/sign-in", name="ann", password=password)
    assert answer.headers["Location"] == "/"
    page, text = browser.get("/")
    assert page.status == 200
    assert re.search(r'action="/sign-out"[^>]*>ann', text)


def test_over_https_the_cookie_is_sent_over_https_only(people: Store, serve: Any, browsing: Any, password: str) -> None:
    browser = browsing(serve(access=open_gate(people, AccessSettings())).url)
    browser.submit("/sign-in", name="ann", password=password)
    assert browser.set[0].startswith("__Host-attain-session=")
    assert "; secure" in browser.set[0].lower()


def test_a_secret_that_was_there_before_signing_in_is_worth_nothing_after(browser: Any, password: str) -> None:
    browser.cookies["attain-session"] = "planted"
    browser.submit("/sign-in", name="ann", password=password)
    first = browser.cookies["attain-session"]
    assert first != "planted"
    browser.submit("/sign-in", name="ann", password=password)
    assert browser.cookies["attain-session"] != first
    browser.cookies["attain-session"] = first
    assert browser.get("/api/2.0/mlflow/experiments/search")[0].status == 401


def test_signing_out_ends_the_session_on_the_server(browser: Any, password: str) -> None:
    browser.submit("/sign-in", name="ann", password=password)
    kept = browser.cookies["attain-session"]
    assert browser.submit("/sign-out")[0].status == 303
    browser.cookies["attain-session"] = kept
    assert browser.get("/api/2.0/mlflow/experiments/search")[0].status == 401


def test_a_form_on_another_servers_page_does_nothing(browser: Any, password: str) -> None:
    made = "/api/2.0/mlflow/experiments/create", '{"name": "x"}'
    strange = (None, "null", "https://evil.example", "http://127.0.0.1")
    for origin in strange:
        answer, _ = browser.submit("/sign-in", origin, name="ann", password=password)
        assert (origin, answer.status, browser.set) == (origin, 403, [])
    browser.submit("/sign-in", name="ann", password=password)
    for origin in strange:
        assert browser.submit("/sign-out", origin)[0].status == 403
        headers = JSON | ({"Origin": origin} if origin else {})
        assert browser.send("POST", *made, headers)[0].status == 403
    assert browser.send("POST", *made, JSON | {"Origin": browser.url})[0].status == 200


def test_what_was_typed_is_shown_escaped(browser: Any) -> None:
    evil = '"><script>alert(1)</script>'
    _, text = browser.submit("/sign-in", name=evil, password="wrong", next=f"/{evil}")
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert 'value="wrong"' not in text


def test_the_page_takes_nothing_from_elsewhere_and_has_no_script(browser: Any) -> None:
    answer, text = browser.get("/sign-in")
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script|<style|\son\w+=|style=|https?://", text)
    assert re.findall(r'<label for="(\w+)"', text) == ["name", "password"]


def test_a_wrong_password_is_told_in_words_and_too_many_stop_even_the_right_one(
    browser: Any, people: Store, password: str
) -> None:
    answer, text = browser.submit("/sign-in", name="ann", password="wrong horse battery")
    assert answer.status == 403
    assert "user name or the password is wrong" in text
    for _ in range(9):
        browser.submit("/sign-in", name="ann", password="wrong horse battery")
    answer, text = browser.submit("/sign-in", name="ann", password=password)
    assert (answer.status, answer.headers["Retry-After"]) == (429, "900")
    assert "Wait a quarter of an hour" in text
    actions = [entry.action for entry in people.access.entries(50).items]
    assert (actions.count("sign_in.failed"), actions.count("sign_in.limited")) == (10, 1)
    assert browser.submit("/sign-in", name="ben", password=password)[0].status == 303


def test_without_a_user_the_server_does_not_start(store: Store) -> None:
    with pytest.raises(Invalid, match="attain user add NAME --admin"):
        open_gate(store, AccessSettings())


def test_a_form_that_cannot_be_read_signs_nobody_in(guarded: Any) -> None:
    for body in (b"\xff", b"a" * 20_000, b"", b"name=ann", b"&" * 100):
        assert guarded.raw("POST", "/sign-in", body, headers={"Origin": guarded.url})[0] == 403


@given(st.text())
def test_where_one_goes_after_signing_in_lies_on_this_server(path: str) -> None:
    found = local(path)
    assert found in (path, "/")
    assert not urlsplit(found).netloc
    assert not urlsplit(found).scheme
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
