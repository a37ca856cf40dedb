import os
from collections.abc import Callable
from pathlib import Path

import pytest

from attain.data.formats.columns import RawTable
from attain.data.formats.read import read

Write = Callable[..., Path]


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a working folder and a home of its own; real data stays where ATTAIN_DATA says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ATTAIN_PSEUDONYM_KEY", raising=False)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file into the working folder; give its path."""

    def do(content: str | bytes, name: str = "a.csv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return do


@pytest.fixture
def table(write: Write) -> Callable[[str], RawTable]:
    """The raw table with all columns of a CSV text."""

    def do(text: str) -> RawTable:
        path = write(text)
        header = text.split("\n", 1)[0].split(",")
        return read(path, path.read_bytes(), {name: name for name in header})

    return do


@pytest.fixture
def real() -> Callable[[str], None]:
    """Skip the test unless a folder of ATTAIN_DATA holds the data set."""

    def need(name: str) -> None:
        folders = [Path(p) for p in os.environ.get("ATTAIN_DATA", "").split(os.pathsep) if p]
        if not any((folder / name).is_dir() for folder in folders):
            pytest.skip(f"no folder of ATTAIN_DATA holds {name!r}")

    return need
