from typing import Any

import pytest

from attain.tracking.access import Access
from attain.tracking.errors import Exists, Invalid, NotFound
from attain.tracking.rights import Level
from attain.tracking.sql.belonging import Things
from attain.tracking.sql.store import Store

BY = "test"


@pytest.fixture
def access(store: Store) -> Access:
    """Access with the user ann, in the group lab, and the user ben."""
    access = store.access
    access.add_user("ann", BY)
    access.add_user("ben", BY)
    access.add_group("lab", BY)
    access.join("ann", "lab", BY)
    return access


def level(access: Access, name: str, things: Things, default: Level | None = None) -> dict[str, Level | None]:
    return access.levels(access.asker(name), things, default)


def test_the_highest_of_own_group_everywhere_and_default_holds(access: Access) -> None:
    zero = Things(experiments=frozenset({"0"}))
    assert level(access, "ann", zero) == {"experiment '0'": None}
    assert level(access, "ann", zero, "read") == {"experiment '0'": "read"}
    access.permit("group", "lab", "0", "edit", BY)
    assert level(access, "ann", zero, "read") == {"experiment '0'": "edit"}
    access.permit("user", "ann", "0", "read", BY)
    assert level(access, "ann", zero) == {"experiment '0'": "edit"}
    access.permit("group", "lab", "*", "manage", BY)
    assert level(access, "ann", zero) == {"experiment '0'": "manage"}
    assert level(access, "ben", zero) == {"experiment '0'": None}
    access.leave("ann", "lab", BY)
    assert level(access, "ann", zero) == {"experiment '0'": "read"}


def test_runs_logged_models_and_claims_have_the_rights_of_their_experiment(access: Access, store: Store) -> None:
    experiment = store.create_experiment("mine")
    run_id = store.create_run(experiment).run_id
    store.claim("job", run_id)
    access.permit("user", "ann", "mine", "edit", BY)
    things = Things(
        named=frozenset({"mine"}), runs=frozenset({run_id}), claims=frozenset({"job"}), experiments=frozenset({"0"})
    )
    assert level(access, "ann", things) == {
        "experiment 'mine'": "edit",
        f"run {run_id!r}": "edit",
        "job 'job'": "edit",
        "experiment '0'": None,
    }


def test_what_does_not_exist_and_what_no_database_can_hold_is_left_out(access: Access) -> None:
    odd = frozenset({"", "99", "-1", "00x", "a\x00b", "\ud800", "9" * 40})
    assert level(access, "ann", Things(odd, odd, odd, odd, odd, odd)) == {}


def test_a_name_that_cannot_be_seen_is_still_found(access: Access, store: Store) -> None:
    """A right that is not looked for is a door that stands open."""
    store.create_experiment("a\tb\u200b")
    assert level(access, "ann", Things(named=frozenset({"a\tb\u200b"}))) == {"experiment 'a\\tb\\u200b'": None}


def test_registered_models_have_rights_of_their_own(access: Access, store: Store) -> None:
    store.registry.create_model("tracer")
    access.permit("user", "ann", "tracer", "edit", BY, "model")
    assert level(access, "ann", Things(models=frozenset({"tracer"}))) == {"registered model 'tracer'": "edit"}
    assert access.readable(access.asker("ann"), "model", ["tracer", "other"]) == {"tracer"}
    assert access.readable(access.asker("ben"), "model", ["tracer"]) == set()
    assert [(grant.thing, grant.object) for grant in access.grants()] == [("model", "tracer")]


def test_a_right_goes_with_what_it_is_on_and_with_who_has_it(access: Access, store: Store) -> None:
    access.permit("user", "ann", "0", "edit", BY)
    access.permit("group", "lab", "0", "edit", BY)
    access.remove("group", "lab", BY)
    assert [grant.name for grant in access.grants()] == ["ann"]
    assert access.asker("ann").principals == access.asker("ann").principals[:1]
    access.remove("user", "ann", BY)
    assert access.grants() == []
    access.add_user("ann", BY)
    assert level(access, "ann", Things(experiments=frozenset({"0"}))) == {"experiment '0'": None}


@pytest.mark.parametrize(
    ("own", "group", "role"),
    [
        ("member", "member", "member"),
        ("member", "admin", "admin"),
        ("member", "auditor", "auditor"),
        ("auditor", "admin", "auditor"),
        ("admin", "auditor", "admin"),
    ],
)
def test_the_role_is_the_strongest_but_an_auditor_stays_one(access: Access, own: Any, group: Any, role: str) -> None:
    access.set_role("user", "ann", own, BY)
    access.set_role("group", "lab", group, BY)
    assert access.asker("ann").role == role


@pytest.mark.parametrize("name", ["", " ann", "ann ", "a:b", "@ann", "a\nb", "a\x00b", "\ud800", "x" * 251])
def test_a_name_that_could_not_sign_in_is_refused(access: Access, name: str) -> None:
    with pytest.raises(Invalid, match="cannot be called"):
        access.add_user(name, BY)


@pytest.mark.parametrize("password", ["", "short", "x" * 1_001])
def test_a_password_that_is_too_short_or_too_long_is_refused(access: Access, password: str) -> None:
    with pytest.raises(Invalid, match=f"has {len(password)} characters"):
        access.add_user("zoe", BY, password=password)
    with pytest.raises(NotFound):
        access.asker("zoe")


@pytest.mark.parametrize("days", [0, -1, 3_651])
def test_a_token_for_no_time_or_for_more_than_ten_years_is_refused(access: Access, days: int) -> None:
    with pytest.raises(Invalid, match="1 to 3650"):
        access.add_token("ann", BY, days)


def test_what_is_not_there_or_there_already_is_told(access: Access) -> None:
    with pytest.raises(Exists, match="a user called 'ann' already"):
        access.add_user("ann", BY)
    access.add_group("ann", BY)  # a group may be called as a user is
    for missing in (
        lambda: access.join("zoe", "lab", BY),
        lambda: access.join("ann", "nowhere", BY),
        lambda: access.leave("ben", "lab", BY),
        lambda: access.remove("user", "zoe", BY),
        lambda: access.add_token("zoe", BY),
        lambda: access.revoke_token("none", BY),
        lambda: access.permit("user", "zoe", "0", "read", BY),
        lambda: access.permit("user", "ann", "nowhere", "read", BY),
        lambda: access.forbid("user", "ann", "0", BY),
    ):
        with pytest.raises(NotFound):
            missing()


def test_every_change_stands_in_the_ledger_and_one_that_was_refused_does_not(access: Access) -> None:
    before = access.verify().rows
    token = access.add_token("ann", BY)
    access.revoke_token(token.split("_")[1], BY)
    access.permit("user", "ann", "0", "read", BY)
    access.forbid("user", "ann", "0", BY)
    access.set_password("ann", "correct horse battery", BY)
    access.set_role("user", "ann", "admin", BY)
    access.leave("ann", "lab", BY)
    access.remove("group", "lab", BY)
    access.remove("user", "ann", BY)
    with pytest.raises(NotFound):
        access.remove("user", "ann", BY)
    entries = access.entries().items[: -before or None][::-1]
    assert [entry.action for entry in entries] == [
        "token.add",
        "token.revoke",
        "permit",
        "forbid",
        "user.password",
        "user.role",
        "group.leave",
        "group.remove",
        "user.remove",
    ]
    assert {entry.actor for entry in entries} == {BY}
    secrets = (token, "correct horse battery", "argon2")
    assert not any(secret in entry.details + entry.object for entry in entries for secret in secrets)
    assert access.verify().broken is None


def test_users_are_shown_in_pages_by_name(access: Access, all_pages: Any) -> None:
    for number in range(5):
        access.add_user(f"user {number}", BY)
    found = all_pages(lambda token: access.principals("user", 3, token))
    assert [user.name for user in found] == ["ann", "ben", *(f"user {number}" for number in range(5))]
    assert found[0].groups == ("lab",)
