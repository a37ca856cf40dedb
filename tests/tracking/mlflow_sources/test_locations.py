from pathlib import Path

import pytest

from attain.tracking.errors import NotFound
from attain.tracking.mlflow_sources.locations import files_below, local_folder, opened


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        ("/a/b c/artifacts", "/a/b c/artifacts"),
        ("file:///a/b%20c/artifacts", "/a/b c/artifacts"),
        ("./mlruns/1/artifacts", "/here/mlruns/1/artifacts"),
        ("mlflow-artifacts:/1/ff/artifacts", "/here/mlartifacts/1/ff/artifacts"),
        ("mlflow-artifacts://host:5000/1/ff/artifacts", "/here/mlartifacts/1/ff/artifacts"),
    ],
)
def test_an_address_on_this_machine_is_a_folder(uri: str, folder: str) -> None:
    assert local_folder(uri, Path("/here")) == Path(folder)


@pytest.mark.parametrize(
    ("uri", "sentence"),
    [("", "names no folder"), ("/", "names no folder"), ("s3://bucket/1/artifacts", "Import from the address of")],
)
def test_any_other_address_is_explained(uri: str, sentence: str) -> None:
    with pytest.raises(NotFound, match=sentence):
        local_folder(uri, Path("/here"))


def test_links_out_of_the_folder_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "artifacts"
    (folder / "a").mkdir(parents=True)
    (folder / "a" / "b.txt").write_text("hello")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert [(file.path, file.size) for file in files_below(folder)] == [("a/b.txt", 5)]
    assert list(files_below(tmp_path / "missing")) == []
    with opened(folder, "a/b.txt") as stream:
        assert stream.read() == b"hello"
    with pytest.raises(NotFound, match="cannot be read"):
        opened(folder, "missing")
