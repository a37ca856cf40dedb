import pytest

from attain.charts.forest import Estimate, draw_forest, panel

MODELS = [Estimate("irt", 0.70, 0.69, 0.71), Estimate("dkt", 0.75, 0.74, 0.76), Estimate("bkt", 0.745, 0.735, 0.755)]


def test_the_best_comes_first_and_the_others_stand_as_they_were_compared() -> None:
    facts = panel("auc", "max", "probability", MODELS, [("irt", "dkt"), ("bkt", "irt")])
    assert [(r.estimate.model, r.standing) for r in facts.rows] == [("dkt", "best"), ("bkt", "tied"), ("irt", "behind")]


def test_less_is_better_where_the_metric_says_so() -> None:
    facts = panel("log_loss", "min", "nats", MODELS, [])
    assert [row.estimate.model for row in facts.rows] == ["irt", "bkt", "dkt"]


def test_nothing_is_ranked_without_a_comparison_or_a_better_side() -> None:
    for facts in (panel("auc", "max", "probability", MODELS, None), panel("share", "none", "share", MODELS, [])):
        assert {row.standing for row in facts.rows} == {"unranked"}


def test_undefined_values_come_last_and_are_not_ranked() -> None:
    facts = panel("auc", "max", "probability", [Estimate("x", None, reason="one class"), *MODELS], [])
    assert facts.rows[-1].estimate.model == "x"
    assert facts.rows[-1].standing == "unranked"


def test_the_drawing_gives_numbers_standing_direction_and_reason_in_words() -> None:
    clear = [("irt", "dkt")]
    panels = [
        panel("auc", "max", "probability", [Estimate("x", None, reason="one class"), *MODELS], clear),
        panel("seconds_per_correct_answer", "none", "seconds", [Estimate("dkt", 1234.5)], None),
    ]
    figure = draw_forest(panels, title="quick", n_units=1234)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == [
        "0.750 [0.740, 0.760]  best value",
        "0.745 [0.735, 0.755]  no clear difference from the best",
        "0.700 [0.690, 0.710]  clearly behind the best",
        "no value: one class",
    ]
    assert figure.axes[0].get_xlabel() == "auc (probability; more is better)"
    assert [text.get_text() for text in figure.axes[1].texts] == ["1,234"]
    assert "1,234 learners" in figure.axes[0].get_title(loc="left")


def test_models_of_equal_value_are_all_best() -> None:
    facts = panel("share", "max", "share", [Estimate(name, 1.0, 1.0, 1.0) for name in "abc"], [])
    assert [row.standing for row in facts.rows] == ["best"] * 3


def test_long_names_leave_the_points_their_room() -> None:
    names = [f"recorded system=a-model-with-a-long-name-{place}" for place in range(15)]
    estimates = [Estimate(name, place / 15, place / 16, place / 14) for place, name in enumerate(names)]
    figure = draw_forest([panel("chrf", "max", "score", estimates, [])], title="quick", n_units=200)
    figure.draw_without_rendering()  # which lays it out, and warns where axes collapse
    (ax,), width = figure.axes, figure.get_figwidth()
    assert ax.get_position().width * width > 2
    detail = next(text for text in ax.get_children() if getattr(text, "get_text", str)().startswith("Value and 95 %"))
    assert detail.get_window_extent().x1 < figure.bbox.x1


def test_no_metric_is_an_error() -> None:
    with pytest.raises(ValueError, match="no metric to draw"):
        draw_forest([], title="quick", n_units=2)
