import hashlib
from pathlib import Path

import pytest

from attain.projects import data
from attain.projects.data import Read, changed, read


def test_a_file_is_known_by_its_bytes_wherever_it_lies(tmp_path: Path) -> None:
    for name in ("a.csv", "b/c.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"1,2\n")
    one, other = read("data", "a.csv", tmp_path), read("data", str(tmp_path / "b" / "c.csv"), tmp_path)
    assert one.fingerprint == other.fingerprint == hashlib.sha256(b"1,2\n").hexdigest()[:16]
    assert (one.files, one.size, one.said) == ({"a.csv": hashlib.sha256(b"1,2\n").hexdigest()}, 4, "")
    assert changed(one.files, other.files) == ""


def test_a_folder_is_known_by_all_that_is_below_it(tmp_path: Path) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "b").write_text("2")
    (tmp_path / "d" / "e" / "a").write_text("1")
    before = read("data", "d", tmp_path)
    assert list(before.files) == ["b", "e/a"]
    (tmp_path / "d" / "e" / "a").write_text("3")
    (tmp_path / "d" / "b").rename(tmp_path / "d" / "c")
    after = read("data", "d", tmp_path)
    assert after.fingerprint != before.fingerprint
    assert changed(before.files, after.files) == "'e/a' has other bytes, 'b' is gone, 'c' is new"


def test_what_is_too_much_is_said_and_not_hidden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "LARGEST", 3)
    monkeypatch.setattr(data, "MOST_FILES", 2)
    for name in "abc":
        (tmp_path / name).write_text("1234" if name == "a" else "1")
    found = read("data", ".", tmp_path)
    assert found.said.startswith("only 2 of its 3 files were read for the hash; of a only the size is known")
    assert found.files["a"] == "size 4"


@pytest.mark.parametrize("path", ["d", "d/b", "d/e"])
def test_what_is_kept_of_it_gives_it_again(tmp_path: Path, path: str) -> None:
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "d" / "b").write_text("2")
    (tmp_path / "d" / "e" / "a").write_text("1")
    found = read("data", path, tmp_path)
    assert Read.of_facts(found.facts) == found
    for name, digest in found.facts["source_sha256"].items():
        assert hashlib.sha256(Path(found.facts["files"][name]).read_bytes()).hexdigest() == digest
        assert name.split("/")[0] == Path(path).name
