from dataclasses import replace

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.answer_split import AnswerSplit, ByPart, ByQuestion, count, make, maxima
from attain.data.scored_answers import ScoredAnswers
from attain.testing.small_answers import small_answers


def test_by_part_one_part_is_learned_from_and_the_others_are_judged() -> None:
    log = small_answers()
    fold = make(ByPart(copies="keep"), log, 0)
    assert set(log.parts[fold.train.part]) == {"training"}
    assert set(log.parts[fold.test.part]) == {"unseen_answers", "unseen_questions"}
    assert sorted([*fold.train.row, *fold.test.row]) == list(range(len(log)))


def test_by_question_every_answer_is_judged_once_and_no_question_is_on_both_sides() -> None:
    log = small_answers()
    split = ByQuestion(folds=3)
    folds = [make(split, log, index) for index in range(count(split, log))]
    for fold in folds:
        assert not np.intersect1d(fold.train.present, fold.test.present).size
    assert sorted(row for fold in folds for row in fold.test.row) == list(range(len(log)))
    assert count(ByQuestion(folds=3, only=2), log) == 2


def test_copies_are_not_judged_unless_they_are_kept() -> None:
    log = small_answers()
    dropped, kept = make(ByPart(), log, 0), make(ByPart(copies="keep"), log, 0)
    found = kept.copied["unseen_answers"]
    assert found.verbatim.sum() == 4  # small_answers copies one to each of the four known questions
    assert len(kept.test) - len(dropped.test) == found.rows.sum()
    assert dropped.copied["unseen_answers"].rows.sum() == found.rows.sum()
    assert not kept.copied["unseen_questions"].rows.any()


def test_maxima_come_from_the_data_then_from_training_then_from_what_is_usual() -> None:
    log = small_answers()
    maximum, how = maxima(log.take(log.part == 0))
    assert how.tolist() == ["training", "training", "given", "training", "usual", "usual"]
    assert maximum.tolist() == [2, 1, 1, 1, 1, 1]


@pytest.mark.parametrize("split", [ByPart(), ByQuestion(folds=3)])
def test_points_that_are_to_be_judged_move_no_maximum(split: AnswerSplit) -> None:
    log = small_answers()
    held_out = np.isin(log.row, make(split, log, 0).test.row)
    raised = replace(log, points=np.where(held_out, 50.0, log.points))
    np.testing.assert_array_equal(make(split, raised, 0).test.maximum, make(split, log, 0).test.maximum)
    assert (make(split, raised, 0).test.share == 1).all()  # more than the maximum counts as a full answer


def test_of_two_usual_maxima_that_are_as_common_the_lower_is_taken() -> None:
    log = small_answers()
    two = log.take(np.isin(log.question, [0, 1]) & (log.part == 0))  # worth 2 and 1
    assert maxima(two)[0][5] == 1


def whole(log: ScoredAnswers) -> ScoredAnswers:
    return replace(log, part=np.zeros_like(log.part), parts=np.array([""], dtype=object))


@pytest.mark.parametrize(
    ("split", "words"),
    [
        (ByPart(), "not published in parts. Use 'by: question'"),
        (ByQuestion(folds=7), "6 questions cannot be dealt into 7 folds"),
    ],
)
def test_a_split_that_cannot_be_made_says_why(split: AnswerSplit, words: str) -> None:
    with pytest.raises(UserError, match=words):
        make(split, whole(small_answers()), 0)


def test_a_part_that_is_not_there_is_named() -> None:
    with pytest.raises(UserError, match=r"'trainig'.*Did you mean 'training'"):
        make(ByPart(train="trainig"), small_answers(), 0)


def test_nothing_can_be_learned_where_nobody_has_points() -> None:
    log = small_answers()
    with pytest.raises(UserError, match="no training answer with points above 0"):
        make(ByPart(), replace(log, points=np.zeros(len(log))), 0)
