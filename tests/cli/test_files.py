import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.tracking.artifacts import log_files
from attain.tracking.store import open_store

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import
FILES = {"figures/roc.svg": b"<svg/>", "figures/roc.png": b"p" * 48_300, "suite.yaml": b"suite: a\n"}


@pytest.fixture
def run_id(home: Path) -> str:
    """A run with files in the usual store, beside one that has none."""
    store = open_store()
    store.create_run("0", name="empty")
    run = store.create_run("0", name="full").run_id
    log_files(store, run, FILES)
    store.close()
    return run


def copied(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_files_are_listed_with_their_sizes(attain: Attain, run_id: str) -> None:
    said = attain("files", run_id[:8])
    assert [line.split() for line in said.out.splitlines()[1:4]] == [
        ["figures/roc.png", "48", "kB"],
        ["figures/roc.svg", "6", "B"],
        ["suite.yaml", "9", "B"],
    ]
    facts = json.loads(attain("files", run_id, "figures/", "--json").out)
    assert facts["run_id"] == run_id
    assert [(file["path"], file["size"]) for file in facts["files"]] == [
        ("figures/roc.png", 48_300),
        ("figures/roc.svg", 6),
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", set(FILES)),
        ("figures", {"figures/roc.svg", "figures/roc.png"}),
        ("figures/roc.svg", {"figures/roc.svg"}),
    ],
)
def test_one_file_a_folder_or_all_are_copied_with_their_names(
    attain: Attain, run_id: str, tmp_path: Path, path: str, expected: set[str]
) -> None:
    said = attain("files", run_id[:8], path, "--to", str(tmp_path / "out" / "here"))
    assert said.status == 0
    assert str(tmp_path / "out" / "here" / path) in said.out
    assert copied(tmp_path / "out" / "here") == {name: FILES[name] for name in expected}
    again = json.loads(attain("files", run_id[:8], path, "--to", str(tmp_path / "out" / "here"), "--json").out)
    assert again["to"] == str(tmp_path / "out" / "here")


def test_a_mistake_is_one_sentence(attain: Attain, run_id: str, tmp_path: Path) -> None:
    said = attain("files", run_id, "figures/rok.svg")
    assert said.status == 2
    assert f"Unknown file of run {run_id[:8]} 'figures/rok.svg'. Did you mean 'figures/roc.svg'" in said.err
    (tmp_path / "taken").write_text("a file")
    said = attain("files", run_id, "--to", str(tmp_path / "taken"))
    assert (said.status, "Cannot write" in said.err, "taken" in said.err) == (2, True, True)
    empty = open_store().search_runs(["0"], "attributes.run_name = 'empty'").items[0].run_id
    said = attain("files", empty)
    assert (said.status, "(empty) has no files" in said.err) == (2, True)
