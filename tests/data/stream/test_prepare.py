"""What is prepared block by block is what the whole file gives in memory."""

import csv
import gzip
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from attain.core.errors import UserError
from attain.core.places import home
from attain.data.dataset import Dataset
from attain.data.load import load, load_source
from attain.data.stream.bound import Bound

Write = Callable[..., Path]

WHOLE = Bound(memory_gb=1000)
COLUMNS = {"learner": "who", "item": "item", "correct": "right", "skill": "kc", "time": "at", "duration": "took"}
NAMES = [*COLUMNS.values(), "place", "id", "group", "part"]

usual = st.tuples(
    st.sampled_from(["ann", "bob", "ann", "Ωλίβια", " ann", "7", ""]),  # who
    st.sampled_from(["p", "q", "r", "問題", "", "p "]),  # item
    st.sampled_from(["1", "0", "true", "", "hint"]),  # right
    st.sampled_from(["x", "y", "x~~y", "y~~x", "", "~~"]),  # kc
    st.sampled_from(["5", "5", "9", "1", "", "-3", "2.5"]),  # at
    st.sampled_from(["3", "0", "99999", "", "1.25"]),  # took
    st.sampled_from(["1", "1.0", "2", "3", ""]),  # place
    st.sampled_from(["A", "B", "C", ""]),  # id
    st.sampled_from(["f", "m", ""]),  # group
    st.sampled_from(["train"]),
)
reading = st.fixed_dictionaries(
    {"time_unit": st.sampled_from(["s", "ms"])},
    optional={"cohorts": st.just({"sex": "group"}), "published": st.just({"column": "part", "folds": {"train": -1}})},
)
options = st.fixed_dictionaries(
    {"expanded": st.sampled_from(["keep", "merge", "refuse"])},
    optional={"min_answers": st.just(2), "learners": st.just(1), "keep_without_skill": st.just(False)},
)
more_columns = st.fixed_dictionaries({}, optional={"order": st.just("place"), "answer_id": st.just("id")})


def text_of(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([NAMES, *rows])
    return out.getvalue()


def outcome(source: dict[str, Any], options: dict[str, Any], memory: Bound) -> Dataset | str:
    """The data, or the sentence that says why there are none; nothing is taken from the cache."""
    shutil.rmtree(home() / "cache", ignore_errors=True)
    try:
        return load_source(source, options, memory=memory)
    except UserError as error:
        return str(error)


def assert_same(one: Dataset, other: Dataset) -> None:
    ours, theirs = one.log.arrays(), other.log.arrays()
    assert list(ours) == list(theirs)
    for name, array in ours.items():
        assert array.dtype == theirs[name].dtype
        np.testing.assert_array_equal(array, theirs[name], err_msg=name)
    assert one.log.texts() == other.log.texts()
    assert one.changes == other.changes
    assert (one.cohorts is None) == (other.cohorts is None)
    if one.cohorts is not None and other.cohorts is not None:
        pd.testing.assert_frame_equal(one.cohorts, other.cohorts)
    np.testing.assert_array_equal(one.published, other.published)  # type: ignore[arg-type]  # or None


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(usual, min_size=1, max_size=12),
    reading=reading,
    columns=more_columns,
    options=options,
    at_once=st.integers(1, 5),
)
@example(
    rows=[("ann", "p", "1", "x", "5", "3", "1", "A", "f", "train")] * 2
    + [("bob", "p", "1", "x", "", "3", "", "A", "", "train"), ("ann", "q", "0", "y", "1", "0", "2", "B", "m", "train")],
    reading={"time_unit": "s", "cohorts": {"sex": "group"}, "published": {"column": "part", "folds": {"train": -1}}},
    columns={},
    options={"expanded": "keep", "learners": 1},
    at_once=1,
)
def test_a_streamed_file_gives_what_it_gives_as_a_whole(
    write: Write,
    rows: list[tuple[str, ...]],
    reading: dict[str, Any],
    columns: dict[str, str],
    options: dict[str, Any],
    at_once: int,
) -> None:
    path = write(text_of(rows))
    source = {"file": str(path), "columns": COLUMNS | columns, "not_answers": ["hint"], **reading}
    whole = outcome(source, options, WHOLE)
    streamed = outcome(source, options, Bound(1, always=True, at_once=at_once))
    if isinstance(whole, str) or isinstance(streamed, str):
        assert streamed == whole
        return
    assert_same(streamed, whole)
    assert streamed.fingerprint == whole.fingerprint
    assert streamed.folder is not None
    about = json.loads((streamed.folder / "about.json").read_text())
    assert sorted(about["sha256"]) == sorted(p.name for p in streamed.folder.iterdir() if p.name != "about.json")


ROWS = [
    ("ann", "p", "1", "x", "2024-01-01 10:00:05", "3", "1", "A", "f", "train"),
    ("bob", "q", "0", "y", "2024-01-01 10:00:05.000", "4", "1", "B", "m", "train"),
    ("ann", "q", "1", "", "2024-01-01T09:00Z", "5", "2", "C", "f", "train"),
    ("cat", "r", "0", "x~~y", "2023-12-31", "", "1", "D", "", "train"),
    ("bob", "p", "1", "x", "", "7.5", "2", "E", "m", "train"),
]


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet", "latin-1"])
def test_all_kinds_of_files_can_be_streamed(tmp_path: Path, kind: str) -> None:
    path, text = tmp_path / f"a.{kind.replace('latin-1', 'csv')}", text_of(ROWS).replace("bob", "bøb")
    source: dict[str, Any] = {"file": str(path), "columns": COLUMNS, "cohorts": {"sex": "group"}}
    if kind == "parquet":
        frame = pd.DataFrame(ROWS, columns=NAMES).astype({"right": int, "place": int})
        frame.assign(at=pd.to_datetime(frame["at"], format="ISO8601", utc=True)).to_parquet(path)
    elif kind == "csv.gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_bytes(text.encode("latin-1" if kind == "latin-1" else "utf-8"))
        source["encoding"] = "latin-1" if kind == "latin-1" else "utf-8"
    whole, streamed = (outcome(source, {}, memory) for memory in (WHOLE, Bound(1, always=True, at_once=2)))
    assert not isinstance(whole, str)
    assert not isinstance(streamed, str)
    assert_same(streamed, whole)


@pytest.mark.parametrize("named", ["log", "log/*.csv"])
def test_files_of_a_folder_or_a_pattern_are_read_by_name_as_one(write: Write, tmp_path: Path, named: str) -> None:
    parts = [ROWS[:2], [], ROWS[2:3], ROWS[3:]]
    for number, rows in enumerate(parts):
        write(text_of(rows), f"log/{number}.csv")
    source = {"file": str(write(text_of(ROWS))), "columns": COLUMNS}
    whole, parted = outcome(source, {}, WHOLE), outcome({**source, "file": named}, {}, WHOLE)
    assert not isinstance(whole, str)
    assert not isinstance(parted, str)
    assert_same(parted, whole)
    assert parted.name == "log"


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([*ROWS, ("ann", "p", "maybe", "x", "", "", "", "", "", "train")], r"log, 1\.csv, line 7, column 'right'"),
        ([*ROWS, ("ann", "p", "1", "x", "soon", "", "", "", "", "train")], r"log, 1\.csv, line 7, column 'at'"),
        ([*ROWS, ("ann", "p")], r"1\.csv, line 7: 2 fields where the header has 10"),
        ([], r"log: a header and no rows"),
        (
            [("", "p", "1", "x", "", "", "", "", "", "train")],
            r"log: no answer is left \(dropped rows without a learner",
        ),
    ],
)
def test_a_bad_row_is_named_with_its_file_and_line_and_nothing_is_left(
    write: Write, rows: list[tuple[str, ...]], message: str
) -> None:
    write(text_of([]), "log/0.csv")
    write(text_of(rows), "log/1.csv")
    with pytest.raises(UserError, match=message):
        load_source({"file": "log", "columns": COLUMNS}, memory=Bound(1, at_once=2))
    assert [path for path in (home() / "cache").glob("*") if path.is_dir()] == []


def test_a_large_file_of_a_card_is_streamed_by_itself_and_keeps_its_pseudonyms(write: Write) -> None:
    write(text_of(ROWS), "datasets/mine/a.csv")
    columns = "\n".join(f"      {ours}: {theirs}" for ours, theirs in COLUMNS.items())
    card = "title: T\ntasks: [knowledge_tracing]\ndescription: D\nlicence: {name: CC0, redistribution: true}\n"
    write(
        f"{card}pseudonymous: true\nvariants:\n  all:\n    file: a.csv\n    columns:\n{columns}\n",
        "datasets/mine/card.yaml",
    )
    heard: list[str] = []
    dataset = load("mine", memory=Bound(1e-6, at_once=2), hear=lambda what, done, total: heard.append(what))
    assert list(dataset.log.learners) == ["ann", "bob", "cat"]
    assert set(heard) == {"reading", "sorting"}
    assert isinstance(dataset.log.time_s, np.memmap)
