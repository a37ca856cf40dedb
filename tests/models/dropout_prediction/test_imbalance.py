from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from attain.core.errors import UserError
from attain.data.enrolment_split import make
from attain.data.enrolments import Enrolments
from attain.data.split import ByLearner
from attain.models.dropout_prediction._imbalance import Imbalance, balanced
from attain.models.dropout_prediction.gradient_boosting import GradientBoosting
from attain.models.dropout_prediction.logistic_regression import LogisticRegression
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import run
from attain.testing.small_enrolments import small_enrolments

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(100, 3)), (np.arange(100) < 10).astype(np.int64)


@pytest.mark.parametrize(("how", "size"), [("undersample", 20), ("oversample", 180), ("smote", 180)])
def test_both_outcomes_come_to_the_same_number(how: Imbalance, size: int) -> None:
    rows = balanced(X, Y, how, 1)
    assert np.bincount(rows.y).tolist() == [size // 2, size // 2]
    assert (rows.weight == 1).all()
    real = rows.row >= 0
    np.testing.assert_array_equal(rows.x[real], X[rows.row[real]])
    np.testing.assert_array_equal(rows.y[real], Y[rows.row[real]])
    assert real.all() == (how != "smote")


def test_weights_bring_both_outcomes_to_the_same_sum() -> None:
    rows = balanced(X, Y, "class_weights", 1)
    assert np.bincount(rows.y, rows.weight).tolist() == pytest.approx([50, 50])
    assert rows.x is X


def test_repeated_rows_are_the_rare_ones() -> None:
    rows = balanced(X, Y, "oversample", 1)
    assert {tuple(row) for row in rows.x[rows.y == 1]} == {tuple(row) for row in X[Y == 1]}


def test_too_few_rows_for_smote_are_said() -> None:
    with pytest.raises(UserError, match="more than 5 training rows of each outcome; the rarer has 4"):
        balanced(X, (np.arange(100) < 4).astype(np.int64), "smote", 1)


def rare(seed: int) -> Enrolments:
    """Courses in which about one in twelve ends badly."""
    log = small_enrolments(seed, learners=2500)
    kept = (log.outcome == 0) | (np.random.default_rng(seed).random(len(log)) < 0.12)
    return log.take(kept)


@pytest.mark.parametrize("how", ["class_weights", "undersample", "oversample", "smote"])
def test_ranking_hardly_moves_and_probabilities_are_lost_unless_they_are_calibrated(how: Imbalance) -> None:
    train, test = rare(0), rare(1)
    mean, auc = {}, {}
    for imbalance, calibration in (("none", "none"), (how, "none"), (how, "sigmoid")):
        model = LogisticRegression.create(imbalance=imbalance, calibration=calibration)
        model.fit(train, FitContext())
        score = model.predict(test.without_outcome())
        mean[imbalance, calibration] = score.mean()
        auc[imbalance, calibration] = roc_auc_score(test.outcome, score)
    rate = test.outcome.mean()
    assert mean["none", "none"] == pytest.approx(rate, abs=0.02)
    assert mean[how, "none"] > 4 * rate
    assert mean[how, "sigmoid"] == pytest.approx(rate, abs=0.02)
    assert auc[how, "none"] == pytest.approx(auc["none", "none"], abs=0.03)
    assert auc[how, "sigmoid"] == pytest.approx(auc[how, "none"])


def test_rows_made_up_before_the_split_flatter_and_ours_cannot() -> None:
    """Outcomes are coins, so that nothing can be learned."""
    log = rare(0)
    log = replace(log, outcome=(np.random.default_rng(5).random(len(log)) < 0.08).astype(float))
    x = np.random.default_rng(6).normal(size=(len(log), 5))
    made_up = balanced(x, log.outcome.astype(np.int64), "smote", 1)
    score = cross_val_predict(
        HistGradientBoostingClassifier(max_iter=100, random_state=0), made_up.x, made_up.y, cv=5, method="predict_proba"
    )[:, 1]
    assert roc_auc_score(made_up.y, score) > 0.85
    model = GradientBoosting.create(imbalance="smote", trees=30)
    table = run(model, make(ByLearner(), log, 0), FitContext()).frame
    assert len(table) == pytest.approx(len(log) / 5, rel=0.1)
    assert roc_auc_score(table["target"], table["score"]) == pytest.approx(0.5, abs=0.12)
