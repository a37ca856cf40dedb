import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data.card import find_card
from attain.data.load import load, load_csv, load_source, resolved_options

Write = Callable[..., Path]

CSV = "user,q,right,kc,when\nann,1,1,x~~y,2024-01-01 10:00\nann,2,0,,2024-01-01 09:00\nbob,1,1,y,2024-01-02\n"
COLUMNS = {"learner": "user", "item": "q", "correct": "right", "skill": "kc", "time": "when"}
CARD = """title: T
tasks: [knowledge_tracing]
description: D
licence: {name: CC0, redistribution: true}
pseudonymous: PSEUDONYMOUS
options: {min_answers: 2}
variants:
  first:
    file: a.csv
    columns: {learner: user, item: q, correct: right, skill: kc}
  second:
    file: b.csv
    columns: {learner: user, item: q, correct: right, skill: kc}
    item_skill: {file: q.csv, item: q, skill: k}
"""


@pytest.fixture
def mine(write: Write) -> Write:
    write(CSV, "datasets/mine/a.csv")
    write("user,q,right,kc\nann,1,1,7\nann,2,0,8\ncat,2,1,8\n", "datasets/mine/b.csv")
    write("q,k\n1,s1\n1,s2\n2,s3\n", "datasets/mine/q.csv")
    write(CARD.replace("PSEUDONYMOUS", "true"), "datasets/mine/card.yaml")
    return write


def skills(text: "pd.Series[str]") -> list[str]:
    return [str(value) for value in text]


def test_a_file_with_a_map_of_its_columns_is_a_data_set(write: Write) -> None:
    dataset = load_csv(write(CSV), COLUMNS)
    frame = dataset.log.frame()
    assert frame["item"].tolist() == ["2", "1", "1"]
    assert skills(frame["skill"]) == ["", "x~~y", "y"]
    assert frame["time_s"].diff().tolist()[1] == 3600
    assert dataset.name == "a"
    assert dataset.source_sha256 == {"a.csv": hashlib.sha256(CSV.encode()).hexdigest()}


def test_columns_with_our_names_need_no_map(write: Write) -> None:
    assert len(load_csv(write("learner,item,correct,skill\na,1,1,x\n")).log) == 1


def test_tab_separated_parquet_and_csv_files_of_the_same_rows_are_the_same_log(write: Write, tmp_path: Path) -> None:
    rows = pd.read_csv(write(CSV), dtype=str)
    rows.to_parquet(tmp_path / "a.parquet")
    write(CSV.replace(",", "\t"), "a.tsv")
    logs = [load_csv(tmp_path / name, COLUMNS).log.frame() for name in ("a.csv", "a.tsv", "a.parquet")]
    pd.testing.assert_frame_equal(logs[0], logs[1])
    pd.testing.assert_frame_equal(logs[0], logs[2])


def test_no_learners_id_is_left_anywhere(write: Write, tmp_path: Path) -> None:
    dataset = load_csv(write(CSV), COLUMNS)
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in dataset.log.learners)
    written = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())
    assert b"ann" not in written
    assert b"bob" not in written


def test_another_key_gives_other_pseudonyms_and_the_same_fingerprint(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(CSV)
    first = load_csv(path, COLUMNS)
    monkeypatch.setenv("ATTAIN_PSEUDONYM_KEY", "another")
    second = load_csv(path, COLUMNS)
    assert set(first.log.learners) & set(second.log.learners) == set()
    assert first.fingerprint == second.fingerprint


def test_the_fingerprint_follows_the_bytes_and_the_options(write: Write) -> None:
    first = load_csv(write(CSV), COLUMNS).fingerprint
    assert load_csv(write(CSV), COLUMNS).fingerprint == first
    assert load_csv(write(CSV), COLUMNS, {"min_answers": 2}).fingerprint != first
    assert load_csv(write(CSV.replace("bob,1,1", "bob,1,0")), COLUMNS).fingerprint != first


def test_messages_about_rows_name_lines_and_columns_but_no_learner(write: Write) -> None:
    with pytest.raises(UserError, match=r"a\.csv, line 4, column 'right': 'yes'") as caught:
        load_csv(write(CSV.replace("bob,1,1", "bob,1,yes")), COLUMNS)
    assert "bob" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ({"file": "none.csv"}, {}, r"There is no file '.*none\.csv'"),
        ({"file": "a.csv"}, {}, r"no column is named for 'learner', 'item', 'correct'.*the file has: user, q, right"),
        ({"file": "a.csv", "columns": "user"}, {}, "expected our names to the file's"),
        ({"file": "a.csv", "columns": {**COLUMNS, "learner": "usr"}}, {}, "Unknown column 'usr'. Did you mean 'user'"),
        ({"file": "a.csv", "columns": {**COLUMNS, "lerner": "x"}}, {}, "'columns.lerner'"),
        ({"file": "a.csv", "columns": COLUMNS, "time_units": "s"}, {}, "Unknown field 'time_units'. Did you mean"),
        ({"file": "a.csv", "columns": COLUMNS, "time_unit": "h"}, {}, "field 'time_unit' is 'h'"),
        ({"file": "a.csv", "columns": COLUMNS}, {"learner": 3}, "Unknown option of dataset 'a' 'learner'. Did you"),
        ({"file": "a.csv", "columns": COLUMNS}, {"learners": 0}, "option of dataset 'a' 'learners' is 0"),
    ],
)
def test_a_mistake_in_a_suites_file_is_one_sentence(
    write: Write, source: dict[str, object], options: dict[str, object], message: str, tmp_path: Path
) -> None:
    write(CSV)
    with pytest.raises(UserError, match=message):
        load_source(source, options, folder=tmp_path)


def test_a_card_gives_defaults_that_options_override(mine: Write) -> None:
    assert load("mine").log.learners.tolist() == ["ann"]
    assert load("mine", {"min_answers": 1}).log.learners.tolist() == ["ann", "bob"]
    assert load("mine").options["variant"] == "first"


def test_a_variant_with_a_q_matrix_has_its_skills_unless_joint_ids_are_asked_for(mine: Write) -> None:
    assert skills(load("mine", {"variant": "second"}).log.frame()["skill"]) == ["s1~~s2", "s3"]
    assert skills(load("mine", {"variant": "second", "skills": "joint"}).log.frame()["skill"]) == ["7", "8"]


def test_unknown_variants_and_options_are_answered_with_the_nearest(mine: Write) -> None:
    with pytest.raises(UserError, match=r"Unknown variant of dataset 'mine' 'secund'. Did you mean 'second'"):
        load("mine", {"variant": "secund"})
    with pytest.raises(UserError, match=r"'minanswers'. Did you mean 'min_answers'"):
        resolved_options(find_card("mine"), {"minanswers": 1})
    with pytest.raises(UserError, match=r"Unknown option of dataset 'simulated' 'learner'. Did you mean 'learners'"):
        load("simulated", {"learner": 3})


def test_a_file_that_is_not_the_published_one_is_refused(mine: Write) -> None:
    card = CARD.replace("PSEUDONYMOUS", "true")
    mine(card.replace("file: a.csv", "file: a.csv\n    sha256: '00'"), "datasets/mine/card.yaml")
    with pytest.raises(UserError, match=r"a\.csv: SHA-256 is [0-9a-f]{64}, and the card says 00"):
        load("mine")


def test_ids_that_are_pseudonyms_already_stay(mine: Write, tmp_path: Path) -> None:
    assert load("mine").log.learners.tolist() == ["ann"]
    assert not (tmp_path / "home" / "pseudonym.key").exists()
    mine(CARD.replace("PSEUDONYMOUS", "false"), "datasets/mine/card.yaml")
    assert load("mine").log.learners.tolist() != ["ann"]
