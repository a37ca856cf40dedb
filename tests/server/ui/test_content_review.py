"""Blind rating on the web: nothing tells whose a text is; what is said is kept as a sheet that can be imported."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from attain.tracking.artifacts import log_bytes, read_bytes

Filled = Any  # the classes of the conftest
Generated = Any
SYSTEMS = ("good", "bad")


def sealed(filled: Filled, generated: Generated, *, pairs: bool = False, scale: Sequence[float] = (1, 5)) -> str:
    """Seals a key of one sheet, and gives the sheet's name: two prompts, both systems."""
    names = {run: filled.server.store.get_run(generated.runs[run]).tags["attain.label"] for run in SYSTEMS}
    single = [[[f"p{n}", 0, names[system]]] for n in (1, 2) for system in SYSTEMS]
    both = [[[f"p{n}", 0, names["bad"]], [f"p{n}", 0, names["good"]]] for n in (1, 2)]
    rows = {f"1-{n:04d}": own for n, own in enumerate(both if pairs else single, start=1)}
    said = {"suite_run": generated.suite, "dimensions": ["clarity", "use"], "scale": scale, "pairs": pairs}
    content = json.dumps({**said, "sheets": [rows]}).encode()
    key = hashlib.sha256(content).hexdigest()[:16]
    log_bytes(filled.server.store, generated.suite, content, f"review/{key}.json")
    return f"{key}-1"


def kept(filled: Filled, generated: Generated, sheet: str) -> list[dict[str, str]]:
    text = read_bytes(filled.server.store, generated.suite, f"review-filled/{sheet}.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_no_word_on_a_row_tells_whose_it_is(filled: Filled, generated: Generated) -> None:
    address = f"/content/{generated.suite}/review/{sealed(filled, generated)}"
    for kind in ("", ".json", ".csv"):
        status, body = filled.server.raw("GET", address + kind)
        text = body.decode()
        assert status == 200
        assert "question 1" in text
        assert "lessons" not in text
        assert not [run for run in generated.runs.values() if run in text]
        for system in SYSTEMS:
            assert text.count(system) == text.count(f"{system} question"), "only in the text itself, as the test has it"


def test_rows_are_rated_one_after_the_other_and_kept_as_a_sheet(filled: Filled, generated: Generated) -> None:
    name = sealed(filled, generated)
    address = f"/content/{generated.suite}/review/{name}"
    for done in range(4):
        facts = filled.facts(f"{address}.json")
        assert (facts["code"], facts["done"], facts["n"]) == (f"1-{done + 1:04d}", done, 4)
        form = f"code={facts['code']}&rate.clarity={done + 1}&rate.use=5&comment=%3Dcmd()"
        assert filled.send(address, form) == 303
    assert "Every row is rated" in filled.page(address)
    rows = kept(filled, generated, name)
    assert [(row["code"], row["clarity"], row["use"]) for row in rows] == [
        (f"1-{n:04d}", str(n), "5") for n in (1, 2, 3, 4)
    ]
    assert {row["sheet"] for row in rows} == {name.removesuffix("-1")}
    assert {row["comment"] for row in rows} == {"'=cmd()"}
    assert "(4 of 4 rated)" in filled.page(f"/content/{generated.suite}")


def test_a_row_may_be_changed_and_others_stay(filled: Filled, generated: Generated) -> None:
    name = sealed(filled, generated)
    address = f"/content/{generated.suite}/review/{name}"
    filled.send(address, "code=1-0001&rate.clarity=1&rate.use=1")
    filled.send(address, "code=1-0003&rate.clarity=3&rate.use=3")
    assert filled.facts(f"{address}.json?row=1-0001")["fields"][0]["value"] == "1"
    filled.send(address, "code=1-0001&rate.clarity=2&rate.use=1")
    assert [row["clarity"] for row in kept(filled, generated, name)] == ["2", "3"]
    assert filled.facts(f"{address}.json")["code"] == "1-0002"


def test_two_texts_are_compared(filled: Filled, generated: Generated) -> None:
    name = sealed(filled, generated, pairs=True)
    address = f"/content/{generated.suite}/review/{name}"
    facts = filled.facts(f"{address}.json")
    assert facts["choices"] == ["first", "second", "tie"]
    assert [text.split()[0] for text in facts["texts"]] == ["bad", "good"]
    assert filled.send(address, "code=1-0001&rate.clarity=second&rate.use=tie") == 303
    assert kept(filled, generated, name)[0]["clarity"] == "second"


@pytest.mark.parametrize(
    ("scale", "form", "said"),
    [
        ((1, 5), "code=1-0001&rate.clarity=6&rate.use=1", "none of 1, 2, 3, 4, 5"),
        ((1, 5), "code=1-0001&rate.clarity=3.5&rate.use=1", "none of 1, 2, 3, 4, 5"),
        ((0, 100), "code=1-0001&rate.clarity=101&rate.use=1", "no number from 0 to 100"),
        ((0, 100), "code=1-0001&rate.clarity=nan&rate.use=1", "no number from 0 to 100"),
        ((1, 5), "code=1-0001&rate.clarity=3", "Nothing is said of"),
        ((1, 5), "code=2-0001&rate.clarity=3&rate.use=1", "none of the sheet"),
        ((1, 5), "", "none of the sheet"),
    ],
)
def test_what_cannot_be_a_rating_is_refused_and_nothing_kept(
    filled: Filled, generated: Generated, scale: Sequence[float], form: str, said: str
) -> None:
    name = sealed(filled, generated, scale=scale)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": filled.server.url}
    status, page = filled.server.raw(
        "POST", f"/content/{generated.suite}/review/{name}", form.encode(), headers=headers
    )
    assert status == 400
    assert said in page.decode()
    assert filled.facts(f"/content/{generated.suite}/review/{name}.json")["done"] == 0


@pytest.mark.parametrize("name", ["x", "0123456789abcdef-1", "../keys-1", "0123456789abcdef-99999"])
def test_a_sheet_that_is_not_there_is_said(filled: Filled, generated: Generated, name: str) -> None:
    status, _ = filled.server.raw("GET", f"/content/{generated.suite}/review/{name}")
    assert status in (400, 404)


def test_who_may_only_read_cannot_rate_and_a_form_from_elsewhere_is_refused(
    filled: Filled, generated: Generated, see: Callable[..., tuple[int, str]]
) -> None:
    name = sealed(filled, generated)
    address, form = f"/content/{generated.suite}/review/{name}", "code=1-0001&rate.clarity=1&rate.use=1"
    assert see("ann", address)[0] == 403
    assert see("ann", address, form.encode())[0] == 403
    assert see("root", address, form.encode(), Origin="http://evil.example")[0] == 403
    assert see("root", address, form.encode())[0] == 303
    assert filled.send(address, form, origin="http://evil.example") == 403
