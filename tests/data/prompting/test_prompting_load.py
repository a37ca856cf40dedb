from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data.dataset import Dataset
from attain.data.load import load
from attain.data.prompts import Prompts

CARD = """
title: Mine
tasks: [content_generation]
description: Some prompts.
licence: {{name: none, redistribution: false}}
pseudonymous: true
prompts:
  file: prompts.csv
  prompt: id
  fields: {{passage: passage, answer: answer}}
  references: [first, second]
{more}
"""
RATED = """
  text: output
  system: who
  system_pattern: "(?P<school>[^:]+):(?P<system>.+)"
  ratings: {dimensions: [clarity, fluency], raters: [ann, bob], scale: [1, 5]}
"""
HEADER = "id,passage,answer,first,second"
RATED_HEADER = f"{HEADER},who,output,clarity_ann,clarity_bob,fluency_ann,fluency_bob"


def loaded(home: Path, *lines: str, more: str = "") -> Dataset[Prompts]:
    folder = home / "datasets" / "mine"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.yaml").write_text(CARD.format(more=more), encoding="utf-8")
    (folder / "prompts.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    dataset: Dataset[Prompts] = load("mine")
    return dataset


def test_each_row_is_a_prompt_with_its_references(home: Path) -> None:
    dataset = loaded(home, HEADER, "a,Ice melts.,ice,What melts?,", "b,水は蒸発する。,水,何が蒸発する?,蒸発するのは?")
    first, second = dataset.log.records()
    assert first == {"prompt": "a", "passage": "Ice melts.", "answer": "ice", "references": ["What melts?"]}
    assert second["references"] == ["何が蒸発する?", "蒸発するのは?"]


def test_outputs_and_ratings_on_record_are_joined_by_id(home: Path) -> None:
    rows = (
        "a,Ice melts.,ice,What melts?,,north:m1,What?,1,2,3,4",
        "b,Fire burns.,fire,What burns?,,south:m1,,5,,5,5",
        "a,Ice melts.,ice,What melts?,,north:m2,Ice?,2,2,2,2",
    )
    dataset = loaded(home, RATED_HEADER, *rows, more=RATED)
    prompts = dataset.log
    assert list(prompts.ids) == ["a", "b"]
    assert prompts.systems == ["m1", "m2"]
    assert prompts.pieces.to_dict("records")[1] == {"prompt": "b", "sample": 0, "system": "m1", "text": ""}
    assert len(prompts.ratings) == 11
    own = prompts.ratings.query("prompt == 'a' and system == 'm1' and dimension == 'fluency'")
    assert dict(zip(own["rater"], own["value"], strict=True)) == {"ann": 3.0, "bob": 4.0}
    assert dataset.cohorts is not None
    assert dataset.cohorts["school"].to_dict() == {"a": "north", "b": "south"}


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (["a,x,y,,", "a,z,w,,"], "line 3, column 'id': 'a' is the id of line 2 too"),
        ([",x,y,,"], "line 2, column 'id': is empty; give every prompt an id"),
        (["a,,,,"], "line 2, column 'passage': is empty: the prompt asks for nothing"),
        ([], "the file has a header and no rows"),
    ],
)
def test_a_bad_prompt_is_named_with_its_place(home: Path, rows: list[str], problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        loaded(home, HEADER, *rows)


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        ("a,x,y,,,n:m1,other,1,1,1,1", "'m1' has another output for prompt 'a' in line 2; keep one"),
        ("a,z,y,,,n:m2,other,1,1,1,1", "column 'passage': differs from line 2 of the same prompt 'a'"),
        ("a,x,y,,,n:m2,other,1,1,1,6", "line 3, column 'fluency_bob': 6 is outside the scale of the card, 1 to 5"),
        ("a,x,y,,,n:m2,other,1,1,1,good", "line 3, column 'fluency_bob': 'good' is not a number"),
        ("a,x,y,,,m2,other,1,1,1,1", "column 'who': 'm2' is not of the form"),
    ],
)
def test_a_bad_output_is_named_with_its_place(home: Path, second: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        loaded(home, RATED_HEADER, "a,x,y,,,n:m1,one,1,1,1,1", second, more=RATED)


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("  text: output", "`text` and `system` go together"),
        ("  text: o\n  system: s\n  system_pattern: '('", "is not a regular expression"),
        ("  text: o\n  system: s\n  system_pattern: 'x'", "no group"),
    ],
)
def test_a_card_that_cannot_be_meant_is_refused(home: Path, more: str, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        loaded(home, HEADER, "a,x,y,,", more=more)


def test_a_few_prompts_can_be_drawn_with_all_that_belongs_to_them(home: Path) -> None:
    loaded(home, HEADER, *(f"p{i},text {i},answer {i},," for i in range(20)))
    few = load("mine", {"prompts": 6})
    assert len(few.log) == 6
    assert list(few.log.table["row"]) == list(range(6))
    assert [change.rows for change in few.changes] == [14]
    assert not few.log.table.equals(load("mine", {"prompts": 6, "seed": 1}).log.table)


@pytest.mark.data
def test_qgeval_has_200_prompts_of_two_corpora_and_15_systems(real: Callable[[str], None]) -> None:
    real("qgeval")
    dataset = load("qgeval")
    prompts = dataset.log
    assert (len(prompts), len(prompts.pieces), len(prompts.systems)) == (200, 3000, 15)
    assert len(prompts.ratings) == 3000 * 7 * 3
    means = prompts.ratings.groupby(["prompt", "system", "dimension"])["value"].mean()
    assert (means.groupby("dimension").size() == 3000).all()
    assert isinstance(dataset.cohorts, pd.DataFrame)
    assert dataset.cohorts["corpus"].value_counts().to_dict() == {"SQuAD": 100, "HotpotQA": 100}
