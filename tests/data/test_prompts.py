from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data.cache import open_prepared, write_prepared
from attain.data.dataset import Dataset
from attain.data.load import load
from attain.data.prompt_split import AllPrompts, ByPrompt, count, make
from attain.data.prompts import Prompts
from attain.data.split import Published


def small(home: Path) -> Prompts:
    prompts: Prompts = load("small_lessons").log
    return prompts


def test_prompts_come_back_from_the_cache_as_they_were(home: Path) -> None:
    dataset = load("small_lessons", {"prompts": 5, "raters": 2})
    write_prepared(dataset, home / "copy")
    again = open_prepared(home / "copy").log
    for name in ("table", "pieces", "ratings"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(dataset.log, name), check_dtype=False)
    assert again.scale == dataset.log.scale == (1.0, 5.0)


def test_prompts_without_pieces_and_ratings_come_back_too(home: Path) -> None:
    bare = Prompts(pd.DataFrame({"prompt": ["a"], "row": [0], "passage": ["Καλημέρα"], "references": ["[]"]}))
    write_prepared(Dataset("bare", bare, "f"), home / "bare")
    again = open_prepared(home / "bare").log
    assert again.table.to_dict("list") == bare.table.to_dict("list")
    assert not len(again.pieces)
    assert list(again.ratings.columns) == list(bare.ratings.columns)


def test_a_part_keeps_what_belongs_to_its_prompts(home: Path) -> None:
    prompts = small(home)
    part = prompts.take(np.array([3, 7]))
    assert set(part.pieces["prompt"]) == set(part.ratings["prompt"]) == set(part.ids) == {"lesson_04", "lesson_08"}
    assert len(part.pieces) == 2 * len(prompts.systems)


def test_what_a_generator_sees_holds_no_references_ratings_or_pieces(home: Path) -> None:
    seen = small(home).asked()
    assert set(seen.table["references"]) == {"[]"}
    assert not len(seen.pieces)
    assert not len(seen.ratings)
    assert len(small(home).asked(with_pieces=True).pieces)


def test_each_prompt_is_held_out_once_and_never_learned_from_then(home: Path) -> None:
    dataset = load("small_lessons")
    split = ByPrompt(folds=4)
    folds = [make(split, dataset, index) for index in range(count(split, dataset))]
    held_out = [prompt for fold in folds for prompt in fold.test.ids]
    assert sorted(held_out) == sorted(dataset.log.ids)
    for fold in folds:
        assert not set(fold.train.ids) & set(fold.test.ids)
        assert set(fold.train.pieces["prompt"]) <= set(fold.train.ids)


def test_prompts_of_one_passage_are_never_parted() -> None:
    passages = ["One.", "one. ", "Two.", "Three.", "Two.", "", ""]
    table = pd.DataFrame({"prompt": list("abcdefg"), "row": range(7), "passage": passages, "references": "[]"})
    dataset = Dataset("twins", Prompts(table), "f")
    for index in range(2):
        test = set(make(ByPrompt(folds=2), dataset, index).test.ids)
        assert len(test & {"a", "b"}) != 1
        assert len(test & {"c", "e"}) != 1


def test_a_split_that_judges_all_learns_from_none(home: Path) -> None:
    fold = make(AllPrompts(), load("small_lessons"), 0)
    assert len(fold.train) == 0
    assert len(fold.test) == 48


@pytest.mark.parametrize(
    ("split", "problem"),
    [(ByPrompt(folds=99), "cannot be dealt into 99 folds"), (Published(), "not published with a split")],
)
def test_a_split_that_cannot_be_made_says_so(home: Path, split: ByPrompt | Published, problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        make(split, load("small_lessons"), 0)
