from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.tracking.artifacts import (
    checked_path,
    download,
    list_artifacts,
    log_artifact,
    log_artifacts,
    log_bytes,
    log_files,
    open_artifact,
    read_bytes,
)
from attain.tracking.entities import ArtifactInfo, Run
from attain.tracking.errors import Invalid, NotFound, Unavailable
from attain.tracking.sql.store import Store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out" / "plots").mkdir(parents=True)
    (tmp_path / "out" / "a.txt").write_text("a")
    (tmp_path / "out" / "plots" / "roc.svg").write_text("<svg/>")
    return tmp_path / "out"


def paths(found: list[ArtifactInfo]) -> list[tuple[str, bool, int | None]]:
    return [(one.path, one.is_dir, one.size) for one in found]


def test_a_file_keeps_its_name_in_the_folder_asked_for(store: Store, run: Run, folder: Path) -> None:
    log_artifact(store, run.run_id, folder / "a.txt")
    log_artifact(store, run.run_id, str(folder / "a.txt"), "deep/er")
    assert read_bytes(store, run.run_id, "a.txt") == read_bytes(store, run.run_id, "deep/er/a.txt") == b"a"


def test_a_list_shows_what_lies_directly_in_a_folder(store: Store, run: Run, folder: Path) -> None:
    log_artifacts(store, run.run_id, folder)
    log_artifacts(store, run.run_id, folder, "plots_of/b")
    assert paths(list_artifacts(store, run.run_id)) == [
        ("a.txt", False, 1),
        ("plots", True, None),
        ("plots_of", True, None),
    ]
    assert paths(list_artifacts(store, run.run_id, "plots")) == [("plots/roc.svg", False, 6)]
    assert paths(list_artifacts(store, run.run_id, "plots_of")) == [("plots_of/b", True, None)]
    assert list_artifacts(store, run.run_id, "nothing") == []
    assert list_artifacts(store, run.run_id, "a.txt") == []


def test_a_folder_name_with_a_wildcard_means_itself(store: Store, run: Run) -> None:
    log_files(store, run.run_id, {"a_b/x": b"1", "aXb/y": b"2", "a%/z": b"3"})
    assert paths(list_artifacts(store, run.run_id, "a_b")) == [("a_b/x", False, 1)]
    assert paths(list_artifacts(store, run.run_id, "a%")) == [("a%/z", False, 1)]


def test_everything_can_be_downloaded(store: Store, run: Run, folder: Path, tmp_path: Path) -> None:
    log_artifacts(store, run.run_id, folder)
    assert download(store, run.run_id, "", tmp_path / "all") == tmp_path / "all"
    assert (tmp_path / "all" / "plots" / "roc.svg").read_text() == "<svg/>"
    one = download(store, run.run_id, "plots/roc.svg", tmp_path / "one")
    assert one.read_text() == "<svg/>"
    one.write_text("a copy can be changed")
    with pytest.raises(NotFound, match="no artifact 'nothing'"):
        download(store, run.run_id, "nothing", tmp_path)


def test_a_path_logged_again_is_replaced(store: Store, run: Run) -> None:
    log_bytes(store, run.run_id, b"old", "a")
    log_bytes(store, run.run_id, b"new", "a")
    with open_artifact(store, run.run_id, "a") as stream:
        assert stream.read() == b"new"


def test_nothing_is_a_file_and_a_folder_at_once(store: Store, run: Run) -> None:
    log_bytes(store, run.run_id, b"", "a/b")
    for path in ("a", "a/b/c"):
        with pytest.raises(Invalid, match="a file and a folder"):
            log_bytes(store, run.run_id, b"", path)


def test_what_is_missing_is_named(store: Store, run: Run, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="cannot be read: No such file"):
        log_artifact(store, run.run_id, tmp_path / "nothing")
    with pytest.raises(NotFound, match="no folder"):
        log_artifacts(store, run.run_id, tmp_path / "nothing")
    with pytest.raises(NotFound, match="no artifact 'nothing'"):
        read_bytes(store, run.run_id, "nothing")


def test_a_lost_content_is_explained(store: Store, run: Run) -> None:
    log_bytes(store, run.run_id, b"x", "a")
    store.blobs.remove([blob.sha256 for blob in store.blobs.stored()])
    with pytest.raises(Unavailable, match="without its folder 'artifacts'"):
        read_bytes(store, run.run_id, "a")


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "../a", "a/../b", "/a", "a//b", "a/", "./a", "%2e%2e/a", "%252e%252e/a", "a%2f..%2fb", "a\\b",
     "..\\a", "C:/a", "c:a", "a\nb", "a\x00b", " a", "a /b", "a/" + "b" * 500],
)  # fmt: skip
def test_a_path_that_may_lead_out_of_the_run_is_refused(store: Store, run: Run, path: str) -> None:
    with pytest.raises(Invalid, match="artifact path"):
        log_bytes(store, run.run_id, b"", path)


@given(st.text(alphabet="ab./\\%2eE5cf: ", max_size=12))
def test_no_path_that_is_taken_leads_out(path: str) -> None:
    from urllib.parse import unquote

    try:
        taken = checked_path(path)
    except Invalid:
        return
    for seen in (taken, unquote(taken), unquote(unquote(taken))):
        inside = Path("/root/of/run") / seen
        assert ".." not in inside.parts
        assert inside.is_relative_to("/root/of/run")
        assert inside != Path("/root/of/run")


def test_equal_files_of_two_runs_are_stored_once(store: Store, run: Run) -> None:
    other = store.create_run("0").run_id
    for run_id in (run.run_id, other):
        log_bytes(store, run_id, b"the same", "a")
    assert len(list(store.blobs.stored())) == 1
