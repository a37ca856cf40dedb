import numpy as np
import pytest

from attain.charts.calibration import draw_calibration
from attain.charts.calibration_bins import calibration


def test_bins_hold_their_answers_with_mean_score_and_share_right() -> None:
    facts = calibration(np.array([0, 1, 1, 1]), np.array([0.1, 0.2, 0.9, 1.0]), bins=4)
    assert facts.edges.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert facts.right.n.tolist() == [2, 0, 0, 2]
    assert facts.score.tolist() == pytest.approx([0.15, np.nan, np.nan, 0.95], nan_ok=True)
    assert facts.right.share.tolist() == pytest.approx([0.5, np.nan, np.nan, 1], nan_ok=True)


def test_the_drawing_says_how_many_answers_each_bin_has() -> None:
    score = np.linspace(0, 1, 1500)
    figure = draw_calibration(calibration((score > 0.5) * 1.0, score), model="bkt")
    counts = [text.get_text() for text in figure.axes[1].texts]
    assert counts == ["150"] * 10
    assert figure.get_suptitle() == "Calibration of bkt"
    detail = figure.axes[0].get_title(loc="left").replace("\n", " ")
    assert "1,500 answers" in detail
    assert "treat answers as independent" in detail


def test_a_bin_with_few_answers_shows_no_share_and_no_count() -> None:
    score = np.append(np.full(50, 0.75), 0.05)
    figure = draw_calibration(calibration(np.ones(51), score), model="bkt")
    assert [text.get_text() for text in figure.axes[1].texts if text.get_text()] == ["<10", "50"]
    drawn = figure.axes[0].containers[0].lines[0].get_xdata()
    assert np.allclose(drawn, [0.75])


def test_no_answers_still_draw() -> None:
    figure = draw_calibration(calibration(np.empty(0), np.empty(0)), model="bkt")
    figure.canvas.draw()
    assert [len(drawn.lines[0].get_xdata()) for drawn in figure.axes[0].containers] in ([], [0]), "no share is drawn"
