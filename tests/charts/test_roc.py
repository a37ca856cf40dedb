import numpy as np
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from attain.charts.roc import draw_roc
from attain.charts.roc_curve import POINTS, roc


def sample(n: int, digits: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(n)
    score = rng.random(n).round(digits)
    return (rng.random(n) < score).astype(float), score


def test_every_threshold_is_that_of_scikit_learn() -> None:
    target, score = sample(300, 1)
    facts = roc(target, score)
    assert facts is not None
    false_alarms, found, _ = roc_curve(target, score, drop_intermediate=False)
    assert facts.false_alarms == pytest.approx(false_alarms)
    assert facts.found == pytest.approx(found)
    assert (facts.n, facts.n_right) == (300, target.sum())


def test_thinning_keeps_the_ends_and_the_area() -> None:
    target, score = sample(5000, 8)
    facts = roc(target, score)
    assert facts is not None
    assert len(facts.found) == POINTS
    assert (facts.false_alarms[[0, -1]].tolist(), facts.found[[0, -1]].tolist()) == ([0, 1], [0, 1])
    assert facts.auc == pytest.approx(roc_auc_score(target, score))


def test_one_class_has_no_curve() -> None:
    assert roc(np.ones(4), np.arange(4) / 4) is None
    assert roc(np.zeros(4), np.arange(4) / 4) is None


def test_the_drawing_names_each_model_with_its_area_best_first() -> None:
    target, score = sample(300, 2)
    good, bad = roc(target, score), roc(target, 1 - score)
    assert good is not None
    assert bad is not None
    texts = [text.get_text() for text in draw_roc({"bad": bad, "good": good}).axes[0].texts]
    assert texts == [f"good  AUC {good.auc:.3f}", f"bad  AUC {bad.auc:.3f}"]


def test_an_interval_stands_beside_the_area_and_is_explained() -> None:
    target, score = sample(300, 2)
    good, bad = roc(target, score), roc(target, 1 - score)
    assert good is not None
    assert bad is not None
    ax = draw_roc({"bad": bad, "good": good}, {"good": (0.6789, 0.9)}).axes[0]
    texts = [text.get_text() for text in ax.texts]
    assert texts == [f"good  AUC {good.auc:.3f} [0.679, 0.900]", f"bad  AUC {bad.auc:.3f}"]
    assert "[ ]: 95 % interval over learners" in ax.get_title("left").replace("\n", " ")
    assert "brackets" not in draw_roc({"bad": bad}).axes[0].get_title("left")
