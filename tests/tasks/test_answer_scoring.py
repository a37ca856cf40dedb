from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.core.component import Params
from attain.core.errors import UserError
from attain.data.answer_split import ByPart, ByQuestion
from attain.data.dataset import Dataset
from attain.data.scored_answers import ScoredAnswers
from attain.data.split import ByLearner
from attain.models.answer_scoring.question_mean import QuestionMean
from attain.models.answer_scoring.token_overlap import TokenOverlap
from attain.tasks import answer_scoring
from attain.tasks.context import FitContext
from attain.tasks.find import task
from attain.testing.answer_scorer import small_fold
from attain.testing.small_answers import small_answers


def data(log: ScoredAnswers | None = None) -> Dataset[ScoredAnswers]:
    return Dataset("small", small_answers() if log is None else log, "")


def test_a_row_holds_the_share_and_beside_it_points_maximum_question_and_part() -> None:
    fold = small_fold()
    frame = answer_scoring.run(QuestionMean(), fold, FitContext()).frame
    assert set(frame.columns) == answer_scoring.columns(data(), QuestionMean)
    np.testing.assert_array_equal(frame["example"], fold.test.row)
    np.testing.assert_allclose(frame["target"] * frame["maximum"], fold.test.points)
    np.testing.assert_array_equal(frame["points"], fold.test.points)
    assert set(frame["part"]) == {"unseen_answers", "unseen_questions"}
    assert frame["item"].astype(str).tolist() == [f"question {code}" for code in fold.test.question]


@pytest.mark.parametrize(("resample", "word", "units"), [("questions", "question", 6), ("answers", "answer", None)])
def test_a_unit_is_what_intervals_draw(resample: Literal["questions", "answers"], word: str, units: int | None) -> None:
    fold = answer_scoring.make_fold(ByPart(resample=resample), data(), 0)
    table = answer_scoring.run(QuestionMean(), fold, FitContext())
    assert table.units_are == word
    assert len(table.units) == (units or len(fold.test))


class Careless(QuestionMean):
    """Says what it is told to."""

    params: Params
    name = "careless"

    def predict(self, answers: ScoredAnswers) -> NDArray[np.floating]:
        return self.said(answers)  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (lambda answers: answers.maximum_of_answer[:-1], r"'careless': predict\(\) gave shape"),
        (lambda answers: answers.maximum_of_answer * 1.01, r"not numbers in \[0, 1\]"),
        (lambda answers: answers.maximum_of_answer * np.nan, r"not numbers in \[0, 1\]"),
    ],
)
def test_points_that_cannot_be_are_refused(said: object, words: str) -> None:
    fold, model = small_fold(), Careless()
    model.said = said  # type: ignore[attr-defined]
    model.learned = None  # type: ignore[assignment]
    with pytest.raises(UserError, match=words):
        answer_scoring.judge(model, fold)


def test_a_model_that_mixes_answers_is_refused() -> None:
    model = Careless()
    model.said = lambda answers: answers.maximum_of_answer * len(answers) / 1e3  # type: ignore[attr-defined]
    with pytest.raises(UserError, match="'careless' mixes answers"):
        answer_scoring.look(model, small_fold(answers=60))


def test_points_are_hidden_from_a_model_that_predicts() -> None:
    model = Careless()
    model.said = lambda answers: answers.points  # type: ignore[attr-defined]
    with pytest.raises(UserError, match="not numbers"):
        answer_scoring.judge(model, small_fold())


def test_copies_that_are_kept_stop_a_run_unless_the_suite_says_why() -> None:
    split = ByPart(copies="keep")
    fold = answer_scoring.make_fold(split, data(), 0)
    with pytest.raises(UserError, match=r"(?s)guard stops this run.*4 of 40 answers of unseen_answers stand word for"):
        answer_scoring.guarded(split, fold, {})
    [found] = answer_scoring.guarded(split, fold, {"copied_answers": "as they were published"})
    assert found["allowed"] == "as they were published"
    with pytest.raises(UserError, match="without a reason"):
        answer_scoring.guarded(split, fold, {"copied_answers": " "})
    with pytest.raises(UserError, match="'copies'"):
        answer_scoring.guarded(split, fold, {"copies": "why not"})


def test_copies_that_are_dropped_are_kept_count_of_and_stop_nothing() -> None:
    fold = answer_scoring.make_fold(ByPart(), data(), 0)
    [found] = answer_scoring.guarded(ByPart(), fold, {})
    assert found["evidence"] == {"verbatim": 4, "nearly": 0, "of": 40}


def test_what_stands_beside_the_figures_names_copies_and_supposed_maxima() -> None:
    log = small_answers()
    raised = replace(log, points=np.where(log.row == len(log) - 1, 3.0, log.points))
    said = answer_scoring.said_beside(QuestionMean, ByPart(), data(raised), 0)
    assert "4 of 40 answers of unseen_answers stand word for word among the training answers" in said
    assert "0 more nearly so: they are not judged" in said
    assert (
        "2 questions is worth (question 4, question 5) is not known: taken to be the most common of training (1)"
        in said
    )
    assert "1 judged answers have more points than their question's maximum" in said
    assert "Intervals draw answers anew" in answer_scoring.said_beside(
        QuestionMean, ByPart(resample="answers"), data(), 0
    )


def test_nothing_stands_beside_where_nothing_is_copied_and_all_is_known() -> None:
    log = replace(small_answers(), maximum=np.array([2.0, 1, 1, 1, 1, 1]))
    assert answer_scoring.said_beside(QuestionMean, ByQuestion(folds=3), data(log), 0) == ""


def test_another_task_s_split_is_refused() -> None:
    with pytest.raises(UserError, match="by learner is not for scored answers; use part or question"):
        answer_scoring.make_fold(ByLearner(), data(), 0)


def test_knowing_words_helps_on_questions_that_were_never_seen() -> None:
    fold = small_fold(answers=90)
    new = fold.test.part == 2
    error = {}
    for model in (QuestionMean(), TokenOverlap()):
        frame = answer_scoring.run(model, fold, FitContext()).frame[new]
        error[model.name] = float(((frame["score"] - frame["target"]) ** 2).mean())
    assert error["token_overlap"] < 0.6 * error["question_mean"]


def test_the_task_is_found_by_its_name() -> None:
    assert task("answer_scoring").MODELS.names() == task(answer_scoring.NAME).MODELS.names()
    assert set(answer_scoring.BASELINES) <= set(answer_scoring.MODELS.names())
