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


@pytest.mark.parametrize(
    ("judges", "kept", "words"),
    [
        ({"valid_auc": [0.6, 0.8, 0.8, 0.7], "valid_loss": [0.1, 0.2, 0.3, 0.4]}, 11, "valid auc is best"),
        ({"valid_loss": [0.5, 0.4, 0.3, 0.4]}, 12, "valid loss is best"),
    ],
)
def test_the_epoch_that_is_kept_has_a_ring_in_each_panel(judges: dict[str, list[float]], kept: int, words: str) -> None:
    steps = np.arange(10, 14)
    points = {("loss", "fold 0"): (steps, np.array([4.0, 3.0, 2.0, 1.0]))}
    points |= {(name, "fold 0"): (steps, np.array(values)) for name, values in judges.items()}
    figure = draw_training_curves(training_curves(points), model="dkt", step="epoch")
    for ax in figure.axes:
        (ring,) = [line for line in ax.lines if line.get_gid() == "kept fold 0"]
        assert list(ring.get_xdata()) == [kept]
    detail = figure.axes[0].get_title("left").replace("\n", " ")
    assert f"rings: where {words}, which is the epoch that early stopping keeps" in detail


def test_without_held_out_learners_no_epoch_is_marked() -> None:
    points = {("loss", "fold 0"): (np.arange(3), np.array([3.0, 2.0, 1.0]))}
    figure = draw_training_curves(training_curves(points), model="irt")
    assert "rings" not in figure.axes[0].get_title("left")
    assert all(len(line.get_xdata()) == 0 for line in figure.axes[0].lines if line.get_gid() == "kept fold 0")
