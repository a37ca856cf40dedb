import numpy as np
import pytest

from attain.charts.training import draw_training_curves, training_curves


def test_points_are_sorted_by_step_and_the_last_report_of_a_step_counts() -> None:
    facts = training_curves({("loss", "fold 0"): (np.array([2, 0, 1, 1]), np.array([0.2, 0.9, 0.5, 0.4]))})
    steps, values = facts.panels["loss"]["fold 0"]
    assert (steps.tolist(), values.tolist()) == ([0, 1, 2], [0.9, 0.4, 0.2])


def test_each_value_has_a_panel_and_each_fold_a_labelled_line() -> None:
    line = (np.arange(5), np.arange(5) / 5)
    facts = training_curves({(name, f"fold {k}"): line for name in ("loss", "validation_auc") for k in range(3)})
    figure = draw_training_curves(facts, model="dkt", step="epoch")
    assert [ax.get_ylabel() for ax in figure.axes] == ["loss", "validation auc"]
    for ax in figure.axes:
        assert [text.get_text() for text in ax.texts] == ["fold 0", "fold 1", "fold 2"]
        assert ax.get_xlabel() == "epoch"


def test_many_folds_are_drawn_without_labels_and_one_step_is_enough() -> None:
    point = (np.array([0]), np.array([0.5]))
    figure = draw_training_curves(training_curves({("loss", f"fold {k}"): point for k in range(12)}), model="dkt")
    assert not figure.axes[0].texts
    figure.canvas.draw()


def test_no_curve_is_an_error() -> None:
    with pytest.raises(ValueError, match="no training curve"):
        draw_training_curves(training_curves({}), model="dkt")
