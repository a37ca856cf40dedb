import logging
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data import cache
from attain.data.cache import cached, content_fingerprint, open_prepared, write_prepared
from attain.data.dataset import Dataset
from attain.data.load import load

SMALL = {"learners": 12, "skills": 3, "items": 9, "answers": 10}


def same(a: Dataset, b: Dataset) -> None:
    pd.testing.assert_frame_equal(a.log.frame(), b.log.frame())
    assert (a.name, a.fingerprint, a.options, a.changes) == (b.name, b.fingerprint, b.options, b.changes)
    assert a.cohorts is not None
    assert b.cohorts is not None
    pd.testing.assert_frame_equal(a.cohorts, b.cohorts)
    assert a.truth.keys() == b.truth.keys()
    for name in a.truth:
        pd.testing.assert_frame_equal(a.truth[name], b.truth[name], check_dtype=False)


def test_what_is_opened_is_what_was_written_and_is_mapped(tmp_path: Path) -> None:
    made = load("simulated", SMALL)
    assert made.folder is not None
    again = open_prepared(made.folder)
    same(made, again)
    assert isinstance(again.log.correct, np.memmap)
    assert again.log.correct.dtype == np.int8
    assert again.log.skill_start.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        again.log.correct[0] = 1


def test_preparing_happens_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first = load("simulated", SMALL)
    monkeypatch.setattr("attain.data.load.simulated", None)
    same(load("simulated", SMALL), first)


def test_what_other_loading_code_prepared_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = tmp_path / "code"
    (code / "formats").mkdir(parents=True)
    monkeypatch.setattr("attain.data.load.__file__", str(code / "load.py"))
    folders = []
    for text in ("a = 1", "a = 2", "a = 1"):
        (code / "formats" / "delimited.py").write_text(text)
        folders.append(load("simulated", SMALL).folder)
    assert folders[0] == folders[2]
    assert folders[0] != folders[1]


@pytest.mark.parametrize("damage", ["missing", "cut", "changed", "about"])
def test_a_damaged_cache_is_prepared_again(caplog: pytest.LogCaptureFixture, damage: str) -> None:
    first = load("simulated", SMALL)
    assert first.folder is not None
    file = first.folder / ("about.json" if damage == "about" else "item.npy")
    content = file.read_bytes()
    file.unlink()
    if damage != "missing":
        file.write_bytes(content[:-7] if damage != "changed" else content[:-1] + bytes([content[-1] ^ 1]))
    with caplog.at_level(logging.WARNING):
        again = load("simulated", SMALL)
    assert "prepared again" in caplog.text
    same(again, load("simulated", SMALL))
    assert again.fingerprint == first.fingerprint
    assert [p.name for p in first.folder.parent.iterdir()] == [first.folder.name]


def test_a_folder_that_is_not_whole_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is not whole"):
        open_prepared(tmp_path / "none")


def test_writers_at_the_same_time_leave_one_whole_folder(tmp_path: Path) -> None:
    made = load("simulated", SMALL)
    gate = threading.Barrier(4)
    opened: list[Dataset] = []

    def prepare() -> Dataset:
        gate.wait()
        return made

    threads = [threading.Thread(target=lambda: opened.append(cached("key", prepare))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 4
    for dataset in opened:
        same(dataset, made)
    left = {p.name for p in (tmp_path / "home" / "cache").iterdir()}
    assert left == {"key", made.folder.name if made.folder else ""}


def test_a_cache_that_cannot_be_written_leaves_the_data_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "file"))
    with caplog.at_level(logging.WARNING):
        made = load("simulated", SMALL)
    assert made.folder is None
    assert len(made.log) > 0
    assert "Cannot write the cache" in caplog.text


def test_the_fingerprint_changes_with_content_options_and_changes_but_not_with_pseudonyms() -> None:
    made = load("simulated", SMALL)
    first = content_fingerprint(made)

    def differs(**fields: object) -> bool:
        return content_fingerprint(replace(made, **fields)) != first  # type: ignore[arg-type]

    flipped = made.log.with_correct(1 - made.log.correct)
    assert differs(log=flipped)
    assert differs(options={**made.options, "seed": 5})
    assert differs(changes=(cache.Change("dropped", 1),))
    assert differs(source_sha256={"a.csv": "00"})
    assert not differs(folder=Path("elsewhere"))
    assert not differs(log=replace(made.log, learners=made.log.learners[::-1]))


def test_a_second_write_to_the_same_folder_keeps_the_first(tmp_path: Path) -> None:
    made = load("simulated", SMALL)
    write_prepared(made, tmp_path / "x")
    before = (tmp_path / "x" / "item.npy").stat().st_mtime_ns
    write_prepared(made, tmp_path / "x")
    assert (tmp_path / "x" / "item.npy").stat().st_mtime_ns == before
