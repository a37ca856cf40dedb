import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from attain.models.dropout_prediction._recalibration import Calibration, Recalibration

RNG = np.random.default_rng(0)
TRUE = RNG.random(4000)
TARGET = (RNG.random(4000) < TRUE).astype(np.int64)
TOO_SURE = TRUE**2 / (TRUE**2 + (1 - TRUE) ** 2)


@pytest.mark.parametrize("how", ["sigmoid", "isotonic"])
def test_scores_that_are_too_sure_become_probabilities(how: Calibration) -> None:
    learned = Recalibration.learn(how, TOO_SURE, TARGET)
    assert np.abs(learned(TOO_SURE) - TRUE).mean() < 0.02
    assert np.abs(TOO_SURE - TRUE).mean() > 0.08
    assert (np.diff(learned(np.linspace(0, 1, 50))) >= 0).all()


def test_isotonic_is_scikit_learns() -> None:
    plain = LogisticRegression().fit(TRUE[:, None], TARGET)
    peer = CalibratedClassifierCV(FrozenEstimator(plain), method="isotonic", ensemble=False).fit(TRUE[:, None], TARGET)
    score = plain.predict_proba(TRUE[:, None])[:, 1]
    ours = Recalibration.learn("isotonic", score, TARGET)(score)
    np.testing.assert_allclose(ours, peer.predict_proba(TRUE[:, None])[:, 1], atol=1e-6)


def test_none_changes_nothing() -> None:
    assert Recalibration.learn("none", TRUE, TARGET)(TRUE) is TRUE
