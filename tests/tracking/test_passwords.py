import time

import pytest

from attain.tracking import passwords
from attain.tracking.passwords import Checker, hashed


@pytest.fixture(scope="module")
def hash() -> str:
    return hashed("correct horse battery")


def test_a_hash_is_argon2id_with_a_salt_of_its_own(hash: str) -> None:
    assert hash.startswith("$argon2id$")
    assert hashed("correct horse battery") != hash


def test_a_secret_fits_its_hash_only(hash: str) -> None:
    checker = Checker()
    assert checker.matches(hash, "correct horse battery")
    for other in ("", "Correct horse battery", "correct horse battery ", "x" * 2_000, "\ud800"):
        assert not checker.matches(hash, other)
    assert not checker.matches(None, "correct horse battery")


def test_what_was_checked_is_remembered_for_a_while_and_only_what_fitted(
    hash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checker = Checker()
    assert not checker.knows(hash, "correct horse battery")
    checker.matches(hash, "correct horse battery")
    checker.matches(hash, "wrong")
    assert checker.knows(hash, "correct horse battery")
    assert not checker.knows(hash, "wrong")
    assert not checker.knows(hashed("correct horse battery"), "correct horse battery")
    later = time.monotonic() + passwords.REMEMBERED_S
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert not checker.knows(hash, "correct horse battery")


def test_no_secret_can_be_read_from_what_is_remembered(hash: str) -> None:
    checker = Checker()
    checker.matches(hash, "correct horse battery")
    assert b"horse" not in b"".join(checker._until)


def test_the_memory_does_not_grow_without_end(hash: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_MOST", 3)
    monkeypatch.setattr(passwords, "_verified", lambda *_: True)
    checker = Checker()
    for number in range(10):
        checker.matches(hash, str(number))
    assert len(checker._until) <= 3
