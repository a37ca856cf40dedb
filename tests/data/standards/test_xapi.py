"""xAPI statements become answers; what is none is counted, with its line and the reason."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.core.errors import UserError
from attain.data.standards import xapi

ITEM = "https://lms.example/items/7"


def statement(**changes: Any) -> dict[str, Any]:
    """A right answer as an activity provider sends it; a change to None takes a part away."""
    whole: dict[str, Any] = {
        "id": "12345678-1234-5678-1234-567812345678",
        "actor": {"objectType": "Agent", "account": {"homePage": "https://lms.example", "name": "ann"}},
        "verb": {"id": xapi.ANSWERED, "display": {"en": "answered"}},
        "object": {"id": ITEM, "definition": {"type": "http://adlnet.gov/expapi/activities/cmi.interaction"}},
        "result": {"success": True, "response": "4", "duration": "PT1M4.5S"},
        "context": {"contextActivities": {"parent": [{"id": "s1"}, {"id": "s2"}], "grouping": {"id": "course"}}},
        "timestamp": "2026-03-01T10:30:00+01:00",
    } | changes
    return {name: value for name, value in whole.items() if value is not None}


def lines(path: Path, *statements: object) -> Path:
    texts = [one if isinstance(one, str) else json.dumps(one) for one in statements]
    path.write_text("\n".join(texts) + "\n")
    return path


def test_an_answer_has_who_what_when_and_how(tmp_path: Path) -> None:
    (answer,) = xapi.read(lines(tmp_path / "a.jsonl", statement())).rows
    assert answer == ("https://lms.example|ann", ITEM, "s1~~s2", 1, 1772357400.0, 64.5)


def test_a_malformed_statement_among_good_ones_is_counted_and_named(tmp_path: Path) -> None:
    bad = [
        '{"id": "cut off',
        statement(id="b", actor=None),
        statement(id="c", actor={"objectType": "Group", "name": "all"}),
        statement(id="d", actor={"name": "Ann"}),
        statement(id="e", verb={"id": "http://adlnet.gov/expapi/verbs/completed"}),
        statement(id="f", object={"objectType": "Agent", "mbox": "mailto:bob@lms.example"}),
        statement(id="g", result={"score": {"scaled": 0.5}}),
        statement(id="h", timestamp="yesterday"),
        statement(id="i", timestamp=None),
        statement(),
        [1, 2],
        statement(id="j", object={"id": "\ud800"}),
    ]
    found = xapi.read(lines(tmp_path / "a.jsonl", statement(), *bad, statement(id="z", result={"success": False})))
    assert [answer.correct for answer in found.rows] == [1, 0]
    assert found.tally.records == 14
    assert {why: (one.count, one.lines) for why, one in found.tally.skipped.items()} == {
        "is not JSON": (1, [2]),
        "its actor is missing": (1, [3]),
        "its actor is a group": (1, [4]),
        "its actor is not identified (account, mbox, mbox_sha1sum or openid)": (1, [5]),
        "its verb is 'http://adlnet.gov/expapi/verbs/completed', not answered": (1, [6]),
        "its object is not an activity": (1, [7]),
        "its result says neither success nor a scaled score of 0 or 1": (1, [8]),
        "its time is not one of ISO 8601": (1, [9]),
        "it has no time": (1, [10]),
        "its id was there before": (1, [11]),
        "the statement is not an object": (1, [12]),
        "has half a character in it, which no text may have": (1, [13]),
    }


def test_a_voided_statement_is_no_answer(tmp_path: Path) -> None:
    target = {"objectType": "StatementRef", "id": "gone"}
    file = lines(
        tmp_path / "a.jsonl",
        statement(id="gone"),
        statement(id="kept"),
        statement(id="v", verb={"id": xapi.VOIDED}, object=target, result=None),
    )
    found = xapi.read(file)
    assert len(found.rows) == 1
    assert found.tally.skipped["was voided"].lines == [1]
    assert found.tally.skipped["voids another statement"].lines == [3]


def test_an_array_pages_of_a_query_and_a_gzipped_file_are_read_alike(tmp_path: Path) -> None:
    two = [statement(id="a"), statement(id="b", actor={"mbox": "mailto:bob@lms.example"})]
    files = {"array.json": json.dumps(two, indent=1), "page.json": json.dumps({"statements": two, "more": "/next"})}
    files["pages.json"] = json.dumps([{"statements": [one]} for one in two])
    files["\ufeffmarked.json"] = "\ufeff" + files["array.json"]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        assert len(xapi.read(tmp_path / name).rows) == 2, name
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(files["array.json"].encode()))
    assert len(xapi.read(tmp_path / "a.json.gz").rows) == 2


def test_statements_of_an_array_are_named_by_their_lines(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps([statement(id="a", actor=None), statement(actor=None)], indent=1))
    (skipped,) = xapi.read(tmp_path / "a.json").tally.skipped.values()
    first, second = skipped.lines
    text = (tmp_path / "a.json").read_text().split("\n")
    assert (text[first - 1], text[second - 1]) == (" {", " {")
    (tmp_path / "b.json").write_text('[{"id": "a"},\n {"id": ')
    with pytest.raises(UserError, match=r"b\.json, line 2: the record that begins here is not JSON"):
        xapi.read(tmp_path / "b.json")


@pytest.mark.parametrize(("place", "skill"), [("parent", "s1~~s2"), ("grouping", "course"), ("none", "")])
def test_skills_are_the_activities_that_are_asked_for(tmp_path: Path, place: Any, skill: str) -> None:
    (answer,) = xapi.read(lines(tmp_path / "a.jsonl", statement()), place).rows
    assert answer.skill == skill


@pytest.mark.parametrize(("scaled", "right"), [(1, 1), (0, 0), (1.0, 1)])
def test_a_scaled_score_stands_in_for_success(tmp_path: Path, scaled: float, right: int) -> None:
    (answer,) = xapi.read(lines(tmp_path / "a.jsonl", statement(result={"score": {"scaled": scaled}}))).rows
    assert (answer.correct, answer.duration_s) == (right, None)


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("learner,item\n")
    with pytest.raises(UserError, match="expected JSON: an array, or an object a line"):
        xapi.read(tmp_path / "a.csv")
    (tmp_path / "b.json").write_bytes(b'{"a": 1}\n\xff')
    with pytest.raises(UserError, match="line 2: not UTF-8"):
        xapi.read(tmp_path / "b.json")
    with pytest.raises(UserError, match=r"There is no file .*none\.json"):
        xapi.read(tmp_path / "none.json")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["id", "account", "success", "score", "scaled", "contextActivities"]), inner)
    ),
    max_leaves=6,
)


@given(st.sampled_from(list(statement())), JSON)
def test_any_part_is_read_or_counted(tmp_path_factory: pytest.TempPathFactory, part: str, value: Any) -> None:
    path = tmp_path_factory.mktemp("xapi") / "a.jsonl"
    found = xapi.read(lines(path, statement(id="good"), statement(**{part: value})))
    assert len(found.rows) + sum(one.count for one in found.tally.skipped.values()) == found.tally.records == 2
