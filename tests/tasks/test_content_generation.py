from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.dataset import Dataset
from attain.data.load import load
from attain.data.prompt_split import AllPrompts, ByPrompt
from attain.data.prompts import Prompts
from attain.data.split import ByLearner
from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate
from attain.models.content_generation.recorded import Recorded
from attain.models.content_generation.template import Template
from attain.tasks import content_generation as task
from attain.tasks.content_generation import Generator, GeneratorParams, Piece
from attain.tasks.context import FitContext


class Scripted(Generator):
    """Puts out what it is told, and remembers what it saw."""

    name = "scripted"
    params: GeneratorParams

    def __init__(self, *pieces: Piece, **params: float) -> None:
        super().__init__(GeneratorParams.model_validate(params))
        self.pieces = pieces

    def generate(self, prompts: Prompts, context: FitContext) -> Iterable[Piece]:
        self.seen = prompts
        return self.pieces


@pytest.fixture
def lessons(home: Path) -> Dataset[Prompts]:
    dataset: Dataset[Prompts] = load("small_lessons", {"prompts": 3})
    return dataset


def judged(model: Generator, dataset: Dataset[Prompts]) -> "task.Predictions":
    return task.run(model, task.make_fold(AllPrompts(), dataset, 0), FitContext())


ONE, TWO, THREE = "lesson_01", "lesson_02", "lesson_03"


def test_each_piece_is_a_row_with_what_became_of_it(lessons: Dataset[Prompts]) -> None:
    pieces = (
        Piece(THREE, "", state="refused", error="not allowed to", tokens_in=9),
        Piece(ONE, "What is it?", seconds=0.5, tokens_in=10, tokens_out=4, finish_reason="stop"),
        Piece(TWO, " "),
    )
    frame = judged(Scripted(*pieces), lessons).frame
    assert frame["unit"].tolist() == [ONE, TWO, THREE]
    assert frame["state"].tolist() == ["ok", "empty", "refused"]
    assert frame["score"].tolist() == [1.0, 0.0, 0.0]
    assert frame["text"].tolist() == ["What is it?", "", ""]
    assert frame["error"].tolist() == ["", "", "not allowed to"]
    np.testing.assert_array_equal(frame["tokens_in"], [10, np.nan, 9])
    assert frame["references"].tolist() == lessons.log.table["references"].tolist()
    assert frame["target"].isna().all()


def test_a_generator_sees_no_references_and_no_one_elses_pieces(lessons: Dataset[Prompts]) -> None:
    model = Scripted(*(Piece(name, "x") for name in (ONE, TWO, THREE)))
    judged(model, lessons)
    assert set(model.seen.table["references"]) == {"[]"}
    assert not len(model.seen.pieces)
    assert not len(model.seen.ratings)


@pytest.mark.parametrize(
    ("pieces", "problem"),
    [
        ([Piece(ONE, "a"), Piece(TWO, "b")], "no piece for 1 prompts: 'lesson_03'"),
        ([Piece(ONE, "a"), Piece(ONE, "b")], "sample 0 of prompt 'lesson_01' twice"),
        ([Piece("other", "a")], "sample 0 of prompt 'other' which was not asked for"),
        ([Piece(ONE, "a", sample=1)], "sample 1 of prompt 'lesson_01' which was not asked for"),
    ],
)
def test_pieces_are_joined_strictly_by_id(lessons: Dataset[Prompts], pieces: list[Piece], problem: str) -> None:
    with pytest.raises(UserError, match=problem):
        judged(Scripted(*pieces), lessons)


def test_a_run_fails_where_more_pieces_failed_than_is_allowed(lessons: Dataset[Prompts]) -> None:
    pieces = [Piece(ONE, "a"), Piece(TWO, "b"), Piece(THREE, "", state="failed", error="It broke.")]
    assert len(judged(Scripted(*pieces, max_failed_share=0.34), lessons).frame) == 3
    with pytest.raises(UserError, match=r"1 of 3 pieces of 'scripted' failed.*'lesson_03'\. Most often: It broke\."):
        judged(Scripted(*pieces, max_failed_share=0.3), lessons)


def test_the_target_is_what_people_gave_and_each_dimension_stands_beside(lessons: Dataset[Prompts]) -> None:
    frame = judged(Recorded.create(system="plain"), lessons).frame
    ratings = lessons.log.ratings
    for row in frame.to_dict("records"):
        own = ratings[(ratings["prompt"] == row["unit"]) & (ratings["system"] == "plain")]
        by_dimension = own.groupby("dimension")["value"].mean()
        assert row["target"] == pytest.approx(by_dimension.mean())
        assert {name: row[f"rating.{name}"] for name in by_dimension.index} == pytest.approx(by_dimension.to_dict())


@pytest.mark.parametrize("model", [Template(), Recorded.create(system="careful")])
def test_a_table_has_the_columns_that_were_promised(lessons: Dataset[Prompts], model: Generator) -> None:
    assert judged(model, lessons).columns == task.columns(lessons, type(model))


def test_only_splits_of_prompts_are_taken(lessons: Dataset[Prompts]) -> None:
    assert task.count(ByPrompt(folds=3), lessons) == 3
    with pytest.raises(UserError, match="A split by learner is not for prompts; use all, prompt or published"):
        task.count(ByLearner(), lessons)


def test_shares_count_every_piece_that_was_asked_for(lessons: Dataset[Prompts]) -> None:
    pieces = (Piece(ONE, "x"), Piece(TWO, ""), Piece(THREE, "", state="refused"))
    names = ("delivered_share", "empty_share", "refused_share", "failed_share")
    values = evaluate(judged(Scripted(*pieces), lessons), [find(name) for name in names], replicates=0)
    assert [v.value for v in values] == pytest.approx([1 / 3, 1 / 3, 1 / 3, 0])
