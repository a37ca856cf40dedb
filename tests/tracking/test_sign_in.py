import threading

import pytest

from attain.tracking import sign_in
from attain.tracking.access import Access
from attain.tracking.errors import Exists
from attain.tracking.passwords import hashed
from attain.tracking.sign_in import Refused, SignIn, TooMany
from attain.tracking.sql import failures, principals
from attain.tracking.sql.engine import writing
from attain.tracking.sql.proofs import Pending
from attain.tracking.sql.store import Store

PASSWORD = "correct horse battery"
HERE = "10.0.0.1"


class Clock:
    """Time as the test has it, in ms."""

    def __init__(self) -> None:
        self.now = 1_000_000

    def __call__(self) -> int:
        return self.now

    def later(self, minutes: float) -> None:
        self.now += int(minutes * 60_000)


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(store: Store, clock: Clock, password_hash: str) -> Access:
    """Access with the users ann and ben."""
    with writing(store._engine) as c:
        for name in ("ann", "ben"):
            principals.add(c, "user", name, 1, password=password_hash)
    return Access(store._engine, clock)


@pytest.fixture
def signing(store: Store, access: Access, clock: Clock) -> SignIn:
    return SignIn(store._engine, clock)


def test_a_password_says_who_somebody_is(signing: SignIn) -> None:
    assert signing.by_password("ann", PASSWORD, HERE).name == "ann"
    for name, password in [("ann", "wrong"), ("zoe", PASSWORD), ("", ""), ("a\x00b", PASSWORD), ("ann", "\ud800")]:
        with pytest.raises(Refused, match="The user name or the password is wrong"):
            signing.by_password(name, password, HERE)


def test_a_changed_password_counts_at_once_though_the_old_one_was_just_checked(signing: SignIn, access: Access) -> None:
    signing.by_password("ann", PASSWORD, HERE)
    session = signing.start_session("ann", "password", HERE)
    access.set_password("ann", "another horse battery", "test")
    with pytest.raises(Refused):
        signing.by_password("ann", PASSWORD, HERE)
    with pytest.raises(Refused, match="session has ended"):
        signing.by_session(session)
    assert signing.by_password("ann", "another horse battery", HERE).name == "ann"


def test_a_token_works_alone_and_in_the_place_of_the_password(signing: SignIn, access: Access) -> None:
    token = access.add_token("ann", "test")
    assert signing.by_token(token, HERE).name == "ann"
    assert signing.by_password("ann", token, HERE).name == "ann"
    with pytest.raises(Refused):
        signing.by_password("ben", token, HERE)
    for wrong in (token + "x", token[:-1], token.upper(), "attain_", "attain_\x00_x", "attain_é_x", "x", ""):
        with pytest.raises(Refused, match="token is wrong, or no longer good"):
            signing.by_token(wrong, HERE)


def test_a_token_ends_at_its_time_and_when_it_is_revoked(signing: SignIn, access: Access, clock: Clock) -> None:
    for_a_day, for_ever = access.add_token("ann", "test", days=1), access.add_token("ann", "test")
    clock.later(24 * 60 - 1)
    assert signing.by_token(for_a_day, HERE).name == "ann"
    clock.later(1)
    with pytest.raises(Refused):
        signing.by_token(for_a_day, HERE)
    assert signing.by_token(for_ever, HERE).name == "ann"
    access.revoke_token(for_ever.split("_")[1], "test")
    with pytest.raises(Refused):
        signing.by_token(for_ever, HERE)


def test_a_user_who_is_removed_is_gone_with_tokens_and_sessions(signing: SignIn, access: Access) -> None:
    token, session = access.add_token("ann", "test"), signing.start_session("ann", "password", HERE)
    access.remove("user", "ann", "test")
    for attempt in (
        lambda: signing.by_token(token, HERE),
        lambda: signing.by_session(session),
        lambda: signing.by_password("ann", PASSWORD, HERE),
    ):
        with pytest.raises(Refused):
            attempt()


def test_a_session_ends_after_half_a_day(signing: SignIn, clock: Clock) -> None:
    session = signing.start_session("ann", "password", HERE)
    clock.later(12 * 60 - 1)
    assert signing.by_session(session).name == "ann"
    clock.later(1)
    with pytest.raises(Refused):
        signing.by_session(session)


def fail(signing: SignIn, name: str, address: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(Refused):
            signing.by_password(name, "wrong", address)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits small enough to reach."""
    monkeypatch.setattr(sign_in, "MOST_BY_BOTH", 2)
    monkeypatch.setattr(sign_in, "MOST_BY_USER", 4)
    monkeypatch.setattr(sign_in, "MOST_BY_ADDRESS", 5)


@pytest.mark.usefixtures("quick")
def test_too_many_failures_of_a_user_at_an_address_stop_there_for_a_while(signing: SignIn, clock: Clock) -> None:
    fail(signing, "ann", HERE, 2)
    with pytest.raises(TooMany, match="Wait a quarter of an hour"):
        signing.by_password("ann", PASSWORD, HERE)
    assert signing.by_password("ann", PASSWORD, "10.0.0.2").name == "ann"
    assert signing.by_password("ben", PASSWORD, HERE).name == "ben"
    clock.later(15)
    assert signing.by_password("ann", PASSWORD, HERE).name == "ann"


@pytest.mark.usefixtures("quick")
def test_a_user_is_guarded_over_all_addresses_and_an_address_over_all_users(signing: SignIn) -> None:
    for number in range(4):
        fail(signing, "ann", f"10.0.1.{number}", 1)
    with pytest.raises(TooMany):
        signing.by_password("ann", PASSWORD, "10.0.1.9")
    for number in range(5):
        fail(signing, f"guess {number}", HERE, 1)
    with pytest.raises(TooMany):
        signing.by_password("ben", PASSWORD, HERE)


@pytest.mark.usefixtures("quick")
def test_a_stranger_who_is_held_back_does_not_shut_out_the_user_elsewhere(signing: SignIn) -> None:
    fail(signing, "ann", HERE, 20)
    assert signing.by_password("ann", PASSWORD, "10.0.0.2").name == "ann"


@pytest.mark.usefixtures("quick")
def test_workers_count_failures_together_and_successes_count_nothing(
    signing: SignIn, store: Store, clock: Clock
) -> None:
    other = SignIn(store._engine, clock)
    for _ in range(3):
        SignIn(store._engine, clock).by_password("ann", PASSWORD, HERE)
    fail(signing, "ann", HERE, 1)
    fail(other, "ann", HERE, 1)
    with pytest.raises(TooMany):
        SignIn(store._engine, clock).by_password("ann", PASSWORD, HERE)


@pytest.mark.usefixtures("quick")
def test_tries_at_once_are_all_counted(signing: SignIn) -> None:
    outcomes: list[type[Refused]] = []

    def attempt() -> None:
        try:
            signing.by_password("ann", "wrong", HERE)
        except Refused as error:
            outcomes.append(type(error))

    threads = [threading.Thread(target=attempt) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count(Refused), outcomes.count(TooMany)) == (2, 4)


@pytest.mark.usefixtures("quick")
def test_each_sign_in_and_failure_stands_in_the_ledger_but_a_flood_only_once(signing: SignIn, access: Access) -> None:
    signing.by_password("ben", PASSWORD, HERE)
    signing.by_password("ben", PASSWORD, HERE)
    fail(signing, "ann", HERE, 6)
    for _ in range(3):
        signing.stranger(HERE, "GET runs/get")
    signing.stranger("10.0.0.2", "GET runs/get")
    entries = access.entries().items[::-1]
    assert [entry.action for entry in entries] == [
        "sign_in",
        "sign_in.failed",
        "sign_in.failed",
        "sign_in.limited",
        "denied",
        "denied",
    ]
    assert all(HERE in entry.details or "10.0.0.2" in entry.details for entry in entries)
    assert "wrong" not in "".join(entry.details + entry.object for entry in entries if entry.action != "denied")


def test_old_failures_are_forgotten(signing: SignIn, store: Store, clock: Clock) -> None:
    fail(signing, "ann", HERE, 1)
    clock.later(15)
    with writing(store._engine) as c:
        assert failures.count(c, ["something"], clock.now) == {"something": 1}
        assert failures.count(c, [f"user ann {HERE}"], clock.now) == {f"user ann {HERE}": 1}


def test_an_unknown_user_costs_as_much_hashing_as_a_wrong_password(
    signing: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: one argon2 check each, whoever is asked about."""
    from attain.tracking import passwords

    checks: list[str] = []
    real = passwords._verified
    monkeypatch.setattr(passwords, "_verified", lambda hash, secret: checks.append(hash) or real(hash, secret))
    fail(signing, "ann", HERE, 1)
    fail(signing, "zoe", HERE, 1)
    assert len(checks) == 2
    assert all(hash.startswith("$argon2id$") for hash in checks)


def test_a_sign_in_at_a_provider_is_good_once_and_for_ten_minutes(signing: SignIn, clock: Clock) -> None:
    pending = Pending("nonce", "verifier", "/next")
    state, late = signing.begin(pending), signing.begin(pending)
    assert signing.answered(state) == pending
    for used in (state, "never given"):
        with pytest.raises(Refused, match="Begin again"):
            signing.answered(used)
    clock.later(10)
    with pytest.raises(Refused, match="too long"):
        signing.answered(late)


def test_who_comes_from_a_provider_is_known_by_it_and_takes_nobodys_name(signing: SignIn, access: Access) -> None:
    access.add_group("lab", "test")
    assert signing.provided("issuer 1", "olga", ["lab", "elsewhere"]).name == "olga"
    assert access.principals("user").items[-1].groups == ("lab",)
    assert signing.provided("issuer 1", "another name", []).name == "olga"
    assert access.principals("user").items[-1].groups == ()
    with pytest.raises(Exists, match="called 'ann' already"):
        signing.provided("issuer 2", "ann", [])
    with pytest.raises(Refused):
        signing.by_password("olga", "", HERE)
