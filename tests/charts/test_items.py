"""Charts of items: what stands in them, and in which order."""

import numpy as np
import pytest

from attain.charts.items import (
    MOST_NAMED,
    Aimed,
    Chosen,
    Hard,
    aside,
    draw_difficulties,
    draw_options,
    draw_targets,
    ordered,
)

ITEMS = [
    Hard("easy", "human", -1.0, -1.4, -0.6, 90, True),
    Hard("few", "tiny", 3.0, 1.0, 5.0, 8, False),
    Hard("hard", "tiny", 1.25, 0.8, 1.7, 120, True),
]


def test_the_hardest_comes_first_and_items_without_data_last() -> None:
    assert [one.item for one in ordered(ITEMS)] == ["hard", "easy", "few"]


def test_what_stands_above_the_axes_is_not_cut_where_names_are_long() -> None:
    detail = "Difficulty and 95 % interval, from abilities by irt, which never saw it; 3,750 answers of 150 learners."
    names = [f"recorded system=a-model-of-some-size/prompt-{place}/0" for place in range(3)]
    hard = [Hard(name, "human", 0.0, -1.0, 1.0, 90, True) for name in names]
    options = [(name, 90, [Chosen(name * 2, True, 0.6, 0.1), Chosen("b", False, 0.4, 0.1)]) for name in names]
    for figure in (draw_difficulties(hard, detail=detail), draw_options(options, detail=detail)):
        figure.draw_without_rendering()
        (above,) = [text for text in figure.axes[0].get_children() if "irt" in getattr(text, "get_text", str)()]
        assert above.get_window_extent().x1 < figure.bbox.x1
    figure = draw_difficulties(hard, detail=detail)
    assert len({text.get_text() for text in figure.axes[0].get_yticklabels()}) == 3, "names differ where they are cut"


def test_each_item_has_its_numbers_and_its_state_in_words() -> None:
    figure = draw_difficulties(ITEMS, detail="three items")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == [
        "+1.25 [+0.80, +1.70]  n = 120",
        "-1.00 [-1.40, -0.60]  n = 90",
        "+3.00 [+1.00, +5.00]  n = 8  not enough data",
    ]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["tiny", "human"]


def test_many_items_are_a_band_that_says_how_many_are_not_drawn() -> None:
    many = [Hard(f"i{k}", "human", k / 10, k / 10 - 1, k / 10 + 1, 50, k > 2) for k in range(MOST_NAMED + 3)]
    label = draw_difficulties(many, detail="").axes[0].get_xlabel()
    assert label == "place by difficulty among the 40 items with answers enough (not drawn: 3 others)"


def test_targets_have_a_line_a_system_and_no_item_hides_another() -> None:
    points = [
        Aimed(system, t, t * s, t * s - 1, t * s + 1) for system, s in (("a", 0.5), ("b", 0)) for t in (1, 1, 2, 3)
    ]
    figure = draw_targets(points, detail="")
    lines = {line.get_label(): line for line in figure.axes[0].lines if not str(line.get_label()).startswith("_")}
    assert set(lines) == {"a", "b"}
    fitted = [line for line in figure.axes[0].lines if str(line.get_label()).startswith("_")]
    assert [np.polyfit(*line.get_data(), 1)[0] for line in fitted] == pytest.approx([0.5, 0], abs=1e-9)
    drawn = np.concatenate([np.asarray(line.get_xdata()) for line in lines.values()])
    assert len(set(drawn.round(6))) == len(points)


def test_items_stay_nearer_to_their_target_than_to_the_next() -> None:
    target = np.repeat([1.0, 2.0, 3.0], 50)
    for place in range(3):
        assert np.abs(aside(target, place, 3, 1.0)).max() < 0.5


def test_options_say_share_ability_and_what_is_amiss() -> None:
    options = [Chosen("Paris", True, 0.6, 0.42), Chosen("Rome", False, 0.04, None, "does not function")]
    figure = draw_options([("capital", 70, options)], detail="")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["60.0%, mean ability +0.42", "4.0%  does not function", "capital (n = 70)"]
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["Paris ✓", "Rome"]


def test_a_chart_of_nothing_is_refused() -> None:
    for draw in (draw_difficulties, draw_targets, draw_options):
        with pytest.raises(ValueError, match="There is no item"):
            draw([], detail="")
