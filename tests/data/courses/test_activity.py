"""Clicks come out the same whichever way they are read, and as a plain count of the rows gives them."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attain.data.courses import activity
from attain.data.dataset import Dataset
from attain.data.enrolments import Enrolments, Events
from attain.data.formats import typed

from .conftest import CARD, FILES

Load = Callable[..., Dataset[Enrolments]]


def many(rows: int = 4000, *, step: float = 1) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "id": rng.choice(["ann", "bob", "cat", "zoe"], rows),
            "course": "A",
            "term": rng.choice(["spring", "autumn"], rows),
            "page": rng.choice(["p1", "p2", "p3"], rows),
            "day": rng.integers(-5, 30, rows) * step,
            "n": rng.integers(1, 5, rows),
        }
    )


def seen(log: Enrolments) -> pd.DataFrame:
    events = log.activity
    assert isinstance(events, Events)
    who = log.learners[log.learner][events.owner]
    frame = pd.DataFrame({"id": who, "page": events.about, "day": events.day, "n": events.amount})
    return frame.groupby(["id", "day", "page"])["n"].sum().reset_index()


@pytest.mark.parametrize("step", [1, 0.5])
def test_clicks_are_summed_by_enrolment_page_and_day(courses: Load, step: float) -> None:
    table = many(step=step)
    log = courses({"clicks.csv": table.to_csv(index=False)}, as_of=20 * step, terms=["spring"]).log
    own = table[(table["term"] == "spring") & (table["day"] <= 20 * step) & table["id"].isin(log.learners[log.learner])]
    expected = own.groupby(["id", "day", "page"])["n"].sum()
    found = seen(log)
    assert len(found) == len(expected)
    assert sorted(found["n"]) == sorted(expected)
    pd.testing.assert_series_equal(
        found.groupby("id")["n"].sum(), own.groupby("id")["n"].sum(), check_dtype=False, check_index_type=False
    )


@pytest.mark.parametrize("way", ["latin-1", "quoted line end", "gzip", "blanks", "many pieces", "large keys"])
def test_it_does_not_matter_how_the_file_is_read(
    courses: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    text = many().to_csv(index=False)
    plain = courses({"clicks.csv": text}, as_of=20).log
    card = CARD
    if way == "many pieces":
        monkeypatch.setattr(typed, "_BLOCK", 1 << 10)
        monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "another"))
    if way == "large keys":
        monkeypatch.setattr(activity, "_BITS", 0)
        monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "another"))
    if way == "latin-1":
        card = CARD.replace("    file: clicks.csv\n", "    file: clicks.csv\n    encoding: latin-1\n")
    if way == "quoted line end":
        text += '"ann\n",A,spring,p1,29,1\n'
    if way == "blanks":
        text = text.replace("ann,A", "ann ,A").replace("p1,", " p1,")
    if way == "gzip":
        (tmp_path / "datasets/small/clicks.csv.gz").write_bytes(gzip.compress(text.encode()))
        card = CARD.replace("file: clicks.csv", "file: clicks.csv.gz")
    log = courses({"clicks.csv": text}, card, as_of=20).log
    assert plain.activity is not None
    assert log.activity is not None
    for name in ("start", "day", "kind", "amount"):
        np.testing.assert_array_equal(getattr(log.activity, name), getattr(plain.activity, name), err_msg=name)


def test_a_card_that_says_nothing_of_the_record_has_all_of_it(courses: Load) -> None:
    card = CARD.replace("    complete_until: {A spring: 40, A autumn: 10}\n", "")
    log = courses(card=card, as_of=20).log
    assert log.recorded.all()
    assert log.activity is not None
    assert log.activity.amount.sum() == 7 + 5 + 8 + 8  # dan's clicks of day 11 too


def test_who_is_in_an_offering_without_a_record_is_told_apart_from_who_did_nothing(courses: Load) -> None:
    log = courses(as_of=20).log
    assert log.recorded.tolist() == [True, True, False]
    assert courses(as_of=10).log.recorded.all()


def test_a_file_without_rows_of_these_learners_gives_no_activity(courses: Load) -> None:
    log = courses({"clicks.csv": FILES["clicks.csv"].split("\n")[0] + "\nzoe,A,spring,p1,5,1\n"}, as_of=20).log
    assert log.activity is not None
    assert len(log.activity) == 0
    assert "clicks_total" not in log.facts
    assert np.isnan(log.facts["peers_clicks"].values[2])
