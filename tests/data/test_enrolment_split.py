import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.enrolment_split import ByCourse, ByOffering, ByTerm, count, make
from attain.data.enrolments import Enrolments
from attain.data.split import ByLearner


def enrolments(courses: int = 2, terms: int = 3, learners: int = 20) -> Enrolments:
    """Every learner once in every offering; every other one fails."""
    n = courses * terms * learners
    offering = np.repeat(np.arange(courses * terms), learners).astype(np.int32)
    learner = np.tile(np.arange(learners), courses * terms).astype(np.int32)
    return Enrolments(
        learner=learner,
        offering=offering,
        outcome=(learner % 2).astype(float),
        event_day=np.full(n, np.nan),
        row=np.arange(n),
        course=np.repeat(np.arange(courses), terms).astype(np.int32),
        term=np.tile(np.arange(terms), courses).astype(np.int32),
        length=np.full(courses * terms, 100.0),
        learners=np.array([f"l{i}" for i in range(learners)], dtype=object),
        courses=np.array([f"c{i}" for i in range(courses)], dtype=object),
        terms=np.array([f"t{i}" for i in range(terms)], dtype=object),
        as_of=28,
    )


def terms_of(log: Enrolments) -> set[int]:
    return set(log.term[log.offering].tolist())


def test_a_later_term_is_judged_by_what_was_learned_from_earlier_ones() -> None:
    log = enrolments()
    assert count(ByTerm(), log) == 1
    fold = make(ByTerm(), log, 0)
    assert (terms_of(fold.train), terms_of(fold.test)) == ({0, 1}, {2})
    middle = make(ByTerm(test="t1"), log, 0)
    assert (terms_of(middle.train), terms_of(middle.test)) == ({0}, {1})
    assert count(ByTerm(rolling=5), log) == 2
    assert terms_of(make(ByTerm(rolling=2), log, 1).test) == {1}


def test_a_course_or_an_offering_is_never_on_both_sides() -> None:
    log = enrolments()
    for split in (ByCourse(), ByOffering(folds=3)):
        seen = []
        for index in range(count(split, log)):
            fold = make(split, log, index)
            codes = (
                (lambda part: part.offering) if split.by == "offering" else (lambda part: part.course[part.offering])
            )
            assert not set(codes(fold.train).tolist()) & set(codes(fold.test).tolist())
            seen += fold.test.row.tolist()
        assert sorted(seen) == log.row.tolist()


def test_a_learner_dealt_at_random_is_on_one_side_with_all_enrolments() -> None:
    fold = make(ByLearner(folds=4), enrolments(), 1)
    assert not set(fold.train.learner.tolist()) & set(fold.test.learner.tolist())


def test_only_some_of_the_folds_are_run_where_asked() -> None:
    assert count(ByLearner(folds=4), enrolments()) == 4
    assert count(ByLearner(folds=4, only=2), enrolments()) == 2
    assert count(ByCourse(only=1), enrolments()) == 1


@pytest.mark.parametrize(
    ("split", "log", "words"),
    [
        (ByTerm(), enrolments(terms=1), "at least two terms"),
        (ByTerm(test="t0"), enrolments(), "Unknown term to hold out 't0'"),
        (ByOffering(folds=9), enrolments(), "6 offerings cannot be dealt into 9 folds"),
        (ByCourse(), enrolments(courses=1), "at least two courses"),
        (ByTerm(), enrolments().with_outcome(np.zeros(120)), "one outcome only"),
    ],
)
def test_a_split_that_cannot_be_made_says_why(split: ByTerm, log: Enrolments, words: str) -> None:
    with pytest.raises(UserError, match=words):
        make(split, log, 0)
