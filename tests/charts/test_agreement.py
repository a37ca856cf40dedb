import numpy as np
import pytest

from attain.charts.agreement import agreement, draw_agreement


def test_answers_stand_on_the_nearest_level_with_the_quantiles_of_their_scores() -> None:
    target = np.array([0, 0.1, 0.9, 1, 1, 1, 1, np.nan])
    score = np.array([0.5, 0.3, 0.2, 0.4, 0.6, 0.8, 1, 0.7])
    low, high = agreement(target, score, 3)
    assert (low.share, low.n, low.scores) == (0, 2, (0.5, 0.3))
    assert (high.share, high.n, high.scores) == (1, 5, ())
    assert (high.low, high.median, high.high) == pytest.approx(np.quantile(score[2:7], [0.1, 0.5, 0.9]))


def test_each_part_has_a_panel_that_says_how_many_answers_stand_where() -> None:
    levels = agreement(np.repeat([0.0, 0.5, 1], 6), np.linspace(0, 1, 18))
    figure = draw_agreement({"unseen_answers": levels, "unseen_questions": levels[:1]}, model="ridge")
    first, second = figure.axes
    assert [tick.get_text() for tick in first.get_xticklabels()] == ["0\n(6)", "0.5\n(6)", "1\n(6)"]
    assert second.get_xlabel() == "human share (answers)\nunseen questions"
    assert len(first.lines) == 1 + 2 * 3
    figure.canvas.draw()
