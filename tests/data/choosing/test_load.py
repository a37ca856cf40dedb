from pathlib import Path

import numpy as np
import pytest

from attain.core.cohorts import UNKNOWN
from attain.core.errors import UserError
from attain.data.load import load

CARD = """
title: Small
tasks: [recommendation]
description: For a test.
licence: {name: none, redistribution: true}
choices:
  file: events.csv
  learner: who
  item: what
  order: n
  item_skills: {file: about.csv, item: course, skill: target, where: {relation: concept}}
  prerequisites: {file: graph.csv, before: first, after: then}
  about_learners: {file: people.csv, learner: who, cohorts: {gender: g}}
"""
EVENTS = "who,n,what\nb,1,y\na,2,y\na,1,x\na,3,x\nb,0,z\n"
ABOUT = "course,relation,target\nx,concept,k1\nx,concept,k2\nx,school,s\ny,concept,k1\nw,concept,k3\n"
GRAPH = "first,then\nx,y\ny,x\ny,z\nx,w\n"
PEOPLE = "who,g\na,f\nb,\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    own = tmp_path / "datasets" / "small"
    own.mkdir(parents=True)
    for name, text in (("events", EVENTS), ("about", ABOUT), ("graph", GRAPH), ("people", PEOPLE)):
        (own / f"{name}.csv").write_text(text)
    (own / "card.yaml").write_text(CARD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "home"))
    return own


def test_events_stand_in_the_order_of_their_learner(folder: Path) -> None:
    log = load("small").log
    assert log.items[log.item].tolist() == ["x", "y", "x", "z", "y"]
    assert log.learner.tolist() == [0, 0, 0, 1, 1]
    assert log.ordered


def test_learners_are_pseudonyms_and_keep_their_cohorts(folder: Path) -> None:
    data = load("small")
    assert not {"a", "b"} & set(data.log.learners)
    assert data.cohorts is not None
    assert data.cohorts.loc[data.log.learners, "gender"].tolist() == ["f", UNKNOWN]


def test_skills_are_those_of_rows_that_are_wanted_and_of_items_that_were_taken(folder: Path) -> None:
    assert load("small").log.skill_text.tolist() == ["k1~~k2", "k1", ""]


def test_edges_that_close_a_cycle_are_cut_and_said(folder: Path) -> None:
    data = load("small")
    edges = set(zip(data.log.items[data.log.before], data.log.items[data.log.after], strict=True))
    assert edges == {("x", "y"), ("y", "z")}
    said = [change.what for change in data.changes]
    assert "cut the prerequisite 'y' of 'x', which closes a cycle" in said
    assert "left out prerequisites of items that nobody took" in said


def test_without_an_order_repeats_of_a_learner_and_item_are_dropped(folder: Path) -> None:
    (folder / "card.yaml").write_text(CARD.replace("order: n", "ordered: false"))
    data = load("small")
    assert len(data.log) == 4
    assert not data.log.ordered
    assert [change.rows for change in data.changes if "repeats" in change.what] == [1]


def test_only_so_many_learners_are_drawn(folder: Path) -> None:
    assert len(load("small", {"learners": 1}).log.present) == 1


def test_learners_with_few_events_are_dropped(folder: Path) -> None:
    np.testing.assert_array_equal(np.diff(load("small", {"min_events": 3}).log.learner_start), [3])


def test_nothing_left_is_said(folder: Path) -> None:
    with pytest.raises(UserError, match="no events are left"):
        load("small", {"min_events": 9})


def test_an_empty_cell_is_named_with_its_line(folder: Path) -> None:
    (folder / "events.csv").write_text("who,n,what\nb,1,y\n,2,y\n")
    with pytest.raises(UserError, match=r"line 3.*'who'.*is empty"):
        load("small")


def test_an_order_that_is_no_number_is_named_with_its_line(folder: Path) -> None:
    (folder / "events.csv").write_text("who,n,what\nb,1,y\na,two,y\n")
    with pytest.raises(UserError, match=r"line 3.*'two' is not a number"):
        load("small")
