import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from attain.cli import user
from attain.core.errors import UserError
from attain.tracking.store import open_database

Run = Callable[..., str]


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `attain user …` in an empty home; what it prints."""

    def run_it(*arguments: str, typed: str = "", status: int = 0) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        assert (user.app(list(arguments), standalone_mode=False) or 0) == status
        return capsys.readouterr().out

    return run_it


def test_a_user_is_made_shown_and_removed(run: Run) -> None:
    run("add", "ann", "--admin", "--password-stdin", typed="correct horse battery\n")
    run("add", "ben", "--no-password")
    run("group", "add", "lab")
    run("group", "join", "ben", "lab")
    found = json.loads(run("list", "--json"))
    assert [(u["name"], u["role"], u["groups"], u["has_password"]) for u in found] == [
        ("ann", "admin", [], True),
        ("ben", "member", ["lab"], False),
    ]
    assert "lab" in run("list")
    assert json.loads(run("group", "list", "--json")) == {"lab": ["ben"]}
    run("group", "leave", "ben", "lab")
    run("group", "remove", "lab")
    run("remove", "ben")
    assert [u["name"] for u in json.loads(run("list", "--json"))] == ["ann"]


def test_a_password_is_never_printed_nor_put_into_the_ledger(run: Run, home: Path) -> None:
    said = run("add", "ann", "--password-stdin", typed="correct horse battery\n")
    said += run("password", "ann", "--password-stdin", typed="another horse battery\n")
    said += run("list", "--json") + run("ledger", "--json")
    assert "horse" not in said
    assert "horse" not in (home / ".attain" / "attain.db").read_bytes().decode("latin-1")


def test_a_token_is_shown_once_and_kept_as_a_hash(run: Run, home: Path) -> None:
    run("add", "ann", "--no-password")
    token = run("token", "ann", "--days", "30").strip()
    listed = json.loads(run("tokens", "ann", "--json"))
    assert [one["prefix"] for one in listed] == [token.split("_")[1]]
    assert listed[0]["expiry"] - listed[0]["creation_time"] == 30 * 24 * 3600 * 1000
    assert token not in run("tokens") + run("ledger")
    assert token not in (home / ".attain" / "attain.db").read_bytes().decode("latin-1")
    run("revoke", listed[0]["prefix"])
    assert json.loads(run("tokens", "--json")) == []
    with pytest.raises(UserError, match="no token"):
        run("revoke", listed[0]["prefix"])


def test_rights_are_given_shown_and_taken(run: Run) -> None:
    run("add", "ann", "--no-password")
    run("group", "add", "lab")
    run("permit", "ann", "Default", "edit")
    run("permit", "@lab", "0", "read")
    run("permit", "@lab", "*", "read")
    found = {(g["kind"], g["name"], g["object"], g["level"]) for g in json.loads(run("permissions", "--json"))}
    assert found == {
        ("user", "ann", "Default", "edit"),
        ("group", "lab", "Default", "read"),
        ("group", "lab", "*", "read"),
    }
    assert "@lab" in run("permissions")
    run("forbid", "ann", "0")
    run("forbid", "@lab", "*")
    assert [g["object"] for g in json.loads(run("permissions", "--json"))] == ["Default"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["remove", "zoe"], "There is no user called 'zoe'"),
        (["permit", "ann", "0", "write"], "Unknown level 'write'.*Known: edit, manage, read"),
        (["permit", "ann", "nowhere", "read"], "There is no experiment called 'nowhere'"),
        (["permit", "ann", "nothing", "read", "--model"], "There is no model called 'nothing'"),
        (["permit", "@ann", "0", "read"], "There is no group called 'ann'"),
        (["add", "ann", "--no-password"], "There is a user called 'ann' already"),
        (["add", "a:b", "--no-password"], "cannot be called 'a:b'"),
        (["add", "bob", "--role", "boss", "--no-password"], "Unknown role 'boss'"),
        (["add", "bob", "--password-stdin"], "has 5 characters; expected 12"),
        (["add", "bob"], "no terminal to ask.*--password-stdin"),
        (["list", "--store", "http://127.0.0.1:5000"], "is a server. Give the database"),
        (["forbid", "ann", "0"], "was given nothing on this experiment"),
        (["role", "ann", "king"], "Unknown role 'king'"),
    ],
)
def test_a_mistake_is_explained(run: Run, arguments: list[str], said: str) -> None:
    run("add", "ann", "--no-password")
    with pytest.raises(UserError, match=said):
        run(*arguments, typed="short\n")


def test_the_ledger_tells_who_did_what_and_is_found_whole_or_broken(run: Run) -> None:
    run("add", "ann", "--no-password")
    run("role", "ann", "auditor")
    entries = json.loads(run("ledger", "--json"))["entries"]
    assert [(entry["action"], entry["object"]) for entry in entries] == [
        ("user.role", "user ann"),
        ("user.add", "user ann"),
    ]
    assert "(command line)" in run("ledger")
    head = json.loads(run("ledger", "--verify", "--json"))["head"]
    assert "whole: 2 rows" in run("ledger", "--verify", "--known", head)
    store = open_database()
    with store._engine.begin() as c:
        c.exec_driver_sql("UPDATE ledger SET object = 'user zoe' WHERE seq = 2")
    store.close()
    assert "broken at row 2" in run("ledger", "--verify", status=1)
