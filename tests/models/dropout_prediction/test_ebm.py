import warnings
from typing import ClassVar

import numpy as np
import pytest

pytest.importorskip("interpret")

from interpret.glassbox import ExplainableBoostingClassifier

from attain.models.dropout_prediction.ebm import EBM, terms_of
from attain.tasks.context import FitContext
from attain.testing.dropout_predictor import ExplainsTests
from attain.testing.small_enrolments import small_enrolments


class TestEBM(ExplainsTests):
    model = EBM
    params: ClassVar = {"bags": 1, "bins": 16, "learning_rate": 0.2}


class TestWithSmote(ExplainsTests):
    model = EBM
    params: ClassVar = {"bags": 2, "bins": 16, "learning_rate": 0.2, "imbalance": "smote", "pairs": 1}


def test_rows_that_are_there_twice_do_not_keep_it_from_stopping() -> None:
    """A learner's rows are on one side, so what was learned by heart does not look like progress."""
    log = small_enrolments(0)
    twice = log.take(np.tile(np.arange(len(log)), 4))
    model = EBM.create(bags=1, bins=16)
    model.fit(twice, FitContext())
    score = model.predict(log.without_outcome())
    assert np.abs(score - log.outcome).mean() > 0.2


def test_scores_and_reasons_are_those_of_the_machine_itself() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 4))
    x[:, 3] = x[:, 3] > 0
    x[rng.random(x.shape) < 0.1] = np.nan
    y = (rng.random(400) < 1 / (1 + np.exp(-np.nan_to_num(x[:, 0] * x[:, 1] + x[:, 3])))).astype(int)
    machine = ExplainableBoostingClassifier(
        feature_types=["continuous"] * 4, interactions=2, outer_bags=1, max_bins=16, n_jobs=1, learning_rate=0.2
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        machine.fit(x[:300], y[:300])
    terms = terms_of(machine)
    assert sorted(len(term.columns) for term in terms.terms) == [1, 1, 1, 1, 2, 2]
    far = np.vstack([x[300:], [[1e9, -1e9, 0, 5], [np.nan] * 4], machine.bins_[0][0][:4].repeat(4).reshape(4, 4)])
    np.testing.assert_allclose(terms(far), machine.predict_proba(far)[:, 1], rtol=0, atol=1e-12)
    ours = np.stack([term(far) for term in terms.terms], axis=1)
    np.testing.assert_allclose(ours, machine.eval_terms(far), rtol=0, atol=1e-12)
