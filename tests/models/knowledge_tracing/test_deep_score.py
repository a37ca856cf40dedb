import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from attain.models.knowledge_tracing._deep_score import judged


def test_the_area_and_the_loss_are_those_of_another_implementation() -> None:
    rng = np.random.default_rng(0)
    correct, logit = rng.integers(0, 2, 200), rng.normal(size=200).round(1)
    found = judged(correct, logit)
    assert found.auc == pytest.approx(roc_auc_score(correct, logit))
    assert found.loss == pytest.approx(log_loss(correct, 1 / (1 + np.exp(-logit))))
    assert found.curves() == {"valid_loss": found.loss, "valid_auc": found.auc}


def test_among_equal_areas_and_where_there_is_none_the_lower_loss_is_better() -> None:
    answers, alike = np.array([0, 1]), np.array([1, 1])
    assert judged(answers, np.array([-3.0, 3])).quality > judged(answers, np.array([-1.0, 1])).quality
    assert judged(alike, np.array([3.0, 3])).quality > judged(alike, np.array([1.0, 1])).quality
    assert judged(alike, np.array([3.0, 3])).auc is None
