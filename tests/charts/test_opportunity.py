import numpy as np
import pytest

from attain.charts.opportunity import draw_learning_curve, learning_curve


def answers(counts: list[int]) -> np.ndarray:
    return np.repeat(np.arange(1, len(counts) + 1), counts)


def test_means_stand_by_opportunity_until_one_has_fewer_than_ten_answers() -> None:
    opportunity = answers([20, 12, 9, 30])
    target = (np.arange(len(opportunity)) % 2 == 0) * 1.0
    facts = learning_curve(opportunity, target, opportunity / 10)
    assert facts.opportunity.tolist() == [1, 2]
    assert facts.observed.n.tolist() == [20, 12]
    assert facts.observed.share.tolist() == [0.5, 0.5]
    assert facts.predicted.tolist() == pytest.approx([0.1, 0.2])


def test_no_more_than_the_asked_opportunities_are_shown() -> None:
    opportunity = answers([15] * 30)
    ones = np.ones(len(opportunity))
    assert learning_curve(opportunity, ones, ones, most=7).opportunity.tolist() == list(range(1, 8))


def test_the_drawing_labels_both_lines_and_counts_answers() -> None:
    opportunity = answers([1500, 1200, 800])
    figure = draw_learning_curve(learning_curve(opportunity, opportunity % 2, opportunity / 4), model="bkt")
    assert [text.get_text() for text in figure.axes[0].texts] == ["observed", "predicted"]
    assert "treat answers as independent" in figure.axes[0].get_title(loc="left").replace("\n", " ")
    assert [text.get_text() for text in figure.axes[1].texts] == ["1.5k", "1.2k", "800"]


def test_too_few_answers_are_not_drawn() -> None:
    with pytest.raises(ValueError, match="No opportunity has 10 answers"):
        draw_learning_curve(learning_curve(answers([3]), np.ones(3), np.ones(3)), model="bkt")


def test_one_opportunity_is_drawn_too() -> None:
    facts = learning_curve(np.ones(20, int), np.arange(20) % 2, np.full(20, 0.5))
    figure = draw_learning_curve(facts, model="bkt")
    assert figure.axes[0].containers[0].lines[0].get_xdata().tolist() == [1]
