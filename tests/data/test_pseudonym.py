import os
import stat
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.pseudonym import key, key_mark, pseudonyms


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = key()
    path = tmp_path / "home" / "pseudonym.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(first) == 64
    assert key() == first
    assert os.listdir(path.parent) == ["pseudonym.key"]


def test_a_key_in_the_environment_goes_first_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTAIN_PSEUDONYM_KEY", "secret")
    assert key() == b"secret"
    assert not (tmp_path / "home").exists()


def test_a_home_that_cannot_be_written_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(UserError, match="Set ATTAIN_PSEUDONYM_KEY, or ATTAIN_HOME"):
        key()


def test_an_empty_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "pseudonym.key").write_text("\n")
    with pytest.raises(UserError, match="is empty"):
        key()


def test_pseudonyms_depend_on_the_key_and_the_id_alone() -> None:
    names = [str(i) for i in range(500)]
    made = pseudonyms(names, b"k")
    assert len(set(made)) == 500
    assert pseudonyms(["7"], b"k")[0] == made[7]
    assert pseudonyms(["7"], b"other")[0] != made[7]
    assert all(len(name) == 16 and int(name, 16) >= 0 for name in made)


def test_the_mark_of_a_key_tells_keys_apart_without_revealing_them() -> None:
    assert key_mark(b"a") != key_mark(b"b")
    assert key_mark(b"a") != pseudonyms(["mark"], b"a")[0]
