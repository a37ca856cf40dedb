from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge

from attain.core.words import words
from attain.models.answer_scoring._vocabulary import Vocabulary
from attain.models.answer_scoring.tfidf_ridge import TfidfRidge
from attain.tasks.context import FitContext
from attain.testing.answer_scorer import AnswerScorerTests, small_fold


class TestTfidfRidge(AnswerScorerTests):
    model = TfidfRidge
    at_least_correlation: ClassVar = 0.85
    tolerance: ClassVar = 1e-7


@pytest.mark.parametrize(("longest", "least"), [(1, 1), (2, 2), (3, 1)])
def test_weights_are_those_of_scikit_learn(longest: int, least: int) -> None:
    fold = small_fold()
    reference = TfidfVectorizer(
        tokenizer=words, token_pattern=None, lowercase=False, ngram_range=(1, longest), min_df=least, sublinear_tf=True
    ).fit(fold.train.response)
    own = Vocabulary.of(fold.train.response, longest=longest, least=least)
    assert own.terms.tolist() == reference.get_feature_names_out().tolist()
    np.testing.assert_allclose(
        own.rows(fold.test.response).toarray(), reference.transform(fold.test.response).toarray(), atol=1e-12
    )


@pytest.mark.parametrize("penalty", [0.3, 5.0])
def test_coefficients_are_those_of_scikit_learn(penalty: float) -> None:
    fold = small_fold()
    model = TfidfRidge.create(penalty=penalty)
    model.fit(fold.train, FitContext())
    mean = fold.train.share.mean()
    reference = Ridge(alpha=penalty, fit_intercept=False, solver="cholesky")
    reference.fit(model._columns(fold.train).toarray(), fold.train.share - mean)
    shares = np.clip(mean + reference.predict(model._columns(fold.test).toarray()), 0, 1)
    np.testing.assert_allclose(model.predict(fold.test), shares * fold.test.maximum_of_answer, atol=1e-6)


def test_no_word_of_an_answer_to_be_scored_is_in_the_vocabulary() -> None:
    fold = small_fold()
    marked = replace(fold.test, response=np.array([f"{text} zzzunseen" for text in fold.test.response], dtype=object))
    model = TfidfRidge()
    model.fit(fold.train, FitContext())
    model.predict(marked)
    assert not any("zzzunseen" in term for term in model.learned.names["terms"])
    only_train = {word for text in fold.train.response for word in words(text)}
    only_train |= {word for q in fold.train.present for text in fold.train.references_of(q) for word in words(text)}
    assert {word for term in model.learned.names["terms"] for word in term.split()} <= only_train


@pytest.mark.parametrize("off", ["text", "likeness", "question"])
def test_each_kind_of_column_can_be_left_out(off: str) -> None:
    fold = small_fold()
    whole, part = TfidfRidge(), TfidfRidge.create(**{off: False})
    for model in (whole, part):
        model.fit(fold.train, FitContext())
    used = [np.count_nonzero(model.learned.arrays["coefficient"]) for model in (whole, part)]
    assert used[1] < used[0]
    assert not np.allclose(whole.predict(fold.test), part.predict(fold.test))
