import pytest

from attain.repro.pins import pins_of

LOCK = b"""
lock-version = "1.0"
created-by = "uv"

[[packages]]
name = "Some_Package"
version = "1.2"
sdist = { url = "https://example.org/a.tar.gz", hashes = { sha256 = "aa" } }
wheels = [{ url = "https://example.org/a.whl", hashes = { sha256 = "bb" } }]

[[packages]]
name = "torch"
version = "2.13.0+cpu"
wheels = [{ url = "https://example.org/t.whl", hashes = { sha256 = "cc" } }]

[[packages]]
name = "old"
version = "3"
sdist = { url = "https://example.org/old.tar.gz", hashes = { sha256 = "ff" } }
"""


def test_hashes_of_every_file_of_a_package_stand_in_its_line() -> None:
    pins = pins_of({"some-package": {"version": "1.2"}, "torch": {"version": "2.13.0+cpu"}}, LOCK)
    assert pins.hashed
    assert pins.lines == (
        "some-package==1.2 --hash=sha256:bb --hash=sha256:aa",
        "torch==2.13.0+cpu --hash=sha256:cc",
    )


def test_a_build_of_torch_has_the_line_of_its_index_and_another_local_version_is_named() -> None:
    pins = pins_of({"torch": {"version": "2.13.0+cpu"}, "own": {"version": "1+mine"}, "b": {"version": "2"}}, b"")
    assert pins.indexes == ("https://download.pytorch.org/whl/cpu",)
    assert pins.elsewhere == ("own",)
    assert pins.text(indexes=True).splitlines()[0] == "--extra-index-url https://download.pytorch.org/whl/cpu"
    assert pins.text(indexes=False) == "torch==2.13.0+cpu\nown==1+mine\nb==2\n"


def test_a_package_without_a_wheel_has_to_be_built() -> None:
    assert pins_of({"old": {"version": "3"}}, LOCK).built == ("old",)


@pytest.mark.parametrize("version", ["1.3", "1.2"])
def test_hashes_count_only_where_every_package_has_them(version: str) -> None:
    """`record_sha256` is of the list of installed files, and no hash of a wheel."""
    pins = pins_of({"some-package": {"version": version, "record_sha256": "dd"}, "other": {"version": "1"}}, LOCK)
    assert not pins.hashed
    assert "dd" not in pins.text(indexes=True)


def test_a_package_of_a_repository_is_had_from_there_at_its_commit_and_one_of_a_folder_is_left_out() -> None:
    packages = {
        "a": {"version": "1", "url": "https://example.org/a.git", "commit_id": "abc"},
        "b": {"version": "1", "url": "https://example.org/b.whl", "sha256": "ee"},
        "c": {"version": "1", "folder": "c"},
    }
    pins = pins_of(packages, b"")
    assert pins.lines == ("a @ git+https://example.org/a.git@abc", "b @ https://example.org/b.whl#sha256=ee")
    assert (pins.folders, pins.hashed) == (("c",), False)
