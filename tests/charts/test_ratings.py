"""The figures of ratings show each number once, where it belongs, and say what is left out."""

import numpy as np
from numpy.testing import assert_allclose

from attain.charts.ratings import Scattered, draw_agreement, draw_ratings, draw_scatter


def test_each_system_has_its_mean_and_interval_in_each_panel_the_highest_on_top() -> None:
    means = {
        "clarity": [("a", 2.0, 1.5, 2.5), ("b", 3.0, 2.75, 3.25)],
        "tone_of_voice": [("a", 4.0, None, None), ("b", None, None, None)],
    }
    figure = draw_ratings(means, scale=(1, 5), raters=3, prompts=1200)
    left, right = figure.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["a", "b"]
    points = [line.get_xdata()[0] for line in left.lines if line.get_marker() == "o"]
    ends = [tuple(line.get_xdata()) for line in left.lines if line.get_marker() != "o"]
    assert points == [3.0, 2.0] or points == [2.0, 3.0]
    assert set(ends) == {(1.5, 2.5), (2.75, 3.25)}
    assert len(right.lines) == 1
    assert right.get_title(loc="left") == "tone of voice"
    said = figure.get_supxlabel()
    assert "3 raters, 1,200 prompts" in said
    assert "too narrow" in said
    assert "from 1 to 5" in said
    assert "too narrow" not in draw_ratings(means, scale=(1, 5), raters=6, prompts=9).get_supxlabel()


def test_agreement_shows_each_level_and_leaves_out_what_is_undefined() -> None:
    alphas = {
        "clarity": {"nominal": (0.4, 0.3, 0.5), "interval": (0.6, 0.5, 0.7)},
        "tone": {"nominal": (None, None, None), "interval": (0.2, None, None)},
    }
    figure = draw_agreement(alphas, raters=2)
    (ax,) = figure.axes
    nominal, interval = (c for c in ax.containers)
    assert_allclose(nominal.lines[0].get_xdata(), [np.nan, 0.4])
    assert_allclose(interval.lines[0].get_xdata(), [0.2, 0.6])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["nominal", "interval"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["tone", "clarity"]


def test_a_metric_against_people_shows_pieces_and_systems_apart() -> None:
    values, human = np.array([[0.1, 0.2, np.nan], [0.8, 0.9, 0.7]]), np.array([[1.0, 2, 3], [3, 3, np.nan]])
    facts = Scattered("rouge_l", "clarity", values, human, ["a", "b"], 0.91, 0.5, 0.97, ["reference"])
    figure = draw_scatter(facts)
    left, right = figure.axes
    points = left.collections[0].get_offsets()
    assert_allclose(points[:, 0], [0.1, 0.2, 0.8, 0.9])
    assert_allclose(points[:, 1], [1, 2, 3, 3], atol=0.1)
    assert_allclose(right.lines[0].get_xydata(), [(0.85, 3), (0.15, 1.5)])
    assert [text.get_text() for text in right.texts] == ["1", "2"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["1  b", "2  a"]
    said = figure.get_supxlabel()
    assert said.replace("\n", " ").startswith("4 pieces, pooled Pearson 0.91 [0.50, 0.97].")
    assert "Without reference, whose pieces are the references." in said.replace("\n", " ")


def test_systems_with_one_mean_share_a_label_that_names_them_all() -> None:
    values, human = np.array([[0.9], [0.1], [0.9], [0.5]]), np.array([[3.0], [1.0], [2.99], [2.0]])
    _, right = draw_scatter(Scattered("m", "clarity", values, human, list("abcd"), 0.9, None, None, [])).axes
    assert [text.get_text() for text in right.texts] == ["1, 2", "3", "4"]
