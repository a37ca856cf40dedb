"""Around every page: who may see it, what a browser may do on it, and which forms are believed."""

import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from attain.tracking.sql.store import Store

Filled = Any  # the class of the conftest


def test_a_page_lets_a_browser_load_nothing_from_elsewhere_and_be_in_no_frame(filled: Filled) -> None:
    for path in ("/", f"/runs/{filled.runs['bkt']}", "/index.json", "/static/site.css"):
        with urllib.request.urlopen(filled.server.url + path) as answer:
            rules = answer.headers["Content-Security-Policy"]
            assert "default-src 'self'" in rules
            assert "frame-ancestors 'none'" in rules
            assert "unsafe" not in rules
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_style_and_script_are_served_and_nothing_beside_them(filled: Filled) -> None:
    assert ":root" in filled.page("/static/site.css")
    assert "use strict" in filled.page("/static/site.js")
    for name in ("site.py", "../site.py", "..%2Fsite.py", "base.html"):
        assert filled.server.raw("GET", f"/static/{name}")[0] == 404


def test_a_note_and_a_tag_are_kept_and_a_tag_is_taken_away(filled: Filled) -> None:
    address = f"/runs/{filled.runs['bkt']}"
    assert filled.send(address, "note=Seems+low%2C+%3Cb%3Esee%3C%2Fb%3E+fold+3") == 303
    assert "Seems low, &lt;b&gt;see&lt;/b&gt; fold 3" in filled.page(address)
    assert filled.send(address, "key=status&value=checked") == 303
    assert ["status", "checked"] in filled.facts(f"{address}.json")["tags"]
    assert filled.send(address, "remove=status") == 303
    assert filled.facts(f"{address}.json")["tags"] == []


def test_what_a_run_says_of_its_making_is_not_changed_by_hand(filled: Filled) -> None:
    address = f"/runs/{filled.runs['bkt']}"
    for form in ("key=attain.code&value=x", "key=+&value=x", "remove=mlflow.runName"):
        assert filled.send(address, form) == 400
    assert filled.facts(f"{address}.json")["tags"] == []


def test_a_form_on_somebody_elses_page_changes_nothing(filled: Filled) -> None:
    address = f"/runs/{filled.runs['bkt']}"
    assert filled.send(address, "note=stolen", origin="https://elsewhere.example") == 403
    assert filled.send(address, "note=stolen", origin="null") == 403
    assert filled.send(address, "note=stolen", origin=None) == 403
    assert filled.facts(f"{address}.json")["note"] == ""


def test_a_form_that_is_too_long_is_refused(filled: Filled) -> None:
    assert filled.send(f"/runs/{filled.runs['bkt']}", "note=" + "x" * 70_000) == 400


def test_nobody_unknown_sees_a_page(filled: Filled, see: Callable[..., tuple[int, str]]) -> None:
    for path in ("/", f"/experiments/{filled.experiment}", f"/runs/{filled.runs['bkt']}"):
        assert see("", path)[0] == 303
    assert see("", "/index.json")[0] == 401
    assert see("", f"/runs/{filled.runs['bkt']}.csv")[0] == 401


def test_a_page_of_what_one_may_not_read_is_refused_and_lists_do_not_name_it(
    filled: Filled, see: Callable[..., tuple[int, str]], store: Store
) -> None:
    run, other = filled.runs["bkt"], filled.runs["dkt"]
    denied = (
        f"/experiments/{filled.experiment}",
        f"/runs/{run}",
        f"/runs/{run}/mastery",
        f"/compare?run={run}&run={other}",
    )
    for path in (*denied, f"/experiments/{filled.experiment}.csv", f"/runs/{run}.json"):
        assert see("ann", path)[0] == 403, path
    status, home = see("ann", "/")
    assert status == 200
    assert "bkt" not in home
    assert f"/experiments/{filled.experiment}" not in home + see("ann", "/index.json")[1] + see("ann", "/index.csv")[1]
    assert f"/experiments/{filled.experiment}" in see("root", "/")[1]

    model = f"/models/{quote(filled.model, safe='')}"
    assert see("ann", model)[0] == 403
    assert model not in see("ann", "/models")[1]
    assert model in see("root", "/models")[1]
    store.access.permit("user", "ann", filled.model, "read", "root", "model")
    assert see("ann", model)[0] == 200
    assert model in see("ann", "/models")[1]

    store.access.permit("user", "ann", filled.experiment, "read", "root", "experiment")
    for path in denied:
        assert see("ann", path)[0] == 200, path
    assert f"/experiments/{filled.experiment}" in see("ann", "/")[1]


def test_who_may_only_read_writes_no_note(filled: Filled, see: Callable[..., tuple[int, str]], store: Store) -> None:
    address = f"/runs/{filled.runs['bkt']}"
    store.access.permit("user", "ann", filled.experiment, "read", "root", "experiment")
    assert see("ann", address, b"note=mine")[0] == 403
    assert see("ann", address, b"remove=x")[0] == 403
    assert see("ann", address, b"")[0] == 403
    store.access.permit("user", "ann", filled.experiment, "edit", "root", "experiment")
    assert see("ann", address, b"note=mine")[0] == 303
    assert "mine" in see("ann", address)[1]


def test_a_link_on_somebody_elses_page_may_lead_here(filled: Filled, see: Callable[..., tuple[int, str]]) -> None:
    more = {"Sec-Fetch-Site": "cross-site"}
    assert see("root", "/", **more)[0] == 200
    assert see("root", f"/runs/{filled.runs['bkt']}", **more)[0] == 200
