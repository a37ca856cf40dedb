import numpy as np
import pytest

from attain.charts.mastery_map import MOST_LEARNERS, MOST_SKILLS, draw_mastery_map, mastery_map

NAMES = [f"l{k}" for k in range(100)], [f"s{k}" for k in range(50)]


def test_the_last_known_mastery_stands_with_the_best_first() -> None:
    facts = mastery_map(
        np.array([0, 0, 1, 1, 1]),
        np.array([0, 0, 0, 1, 1]),
        np.array([0.2, 0.4, 0.9, 0.6, np.nan]),
        ["ann", "bob", "cat"],
        ["add", "sub", "div"],
    )
    assert facts.learners == ("bob", "ann")
    assert facts.skills == ("add", "sub")
    assert facts.mastery.tolist() == [[0.9, 0.6], [0.4, pytest.approx(np.nan, nan_ok=True)]]
    assert (facts.n_learners, facts.n_skills) == (2, 2)


def test_a_large_class_is_cut_to_the_most_practised_skills_and_busiest_learners() -> None:
    learner, skill = (a.ravel() for a in np.indices((100, 50)))
    kept = (skill < 40) | (learner < 5)
    facts = mastery_map(learner[kept], skill[kept], np.full(kept.sum(), 0.5), *NAMES)
    assert facts.mastery.shape == (MOST_LEARNERS, MOST_SKILLS)
    assert (facts.n_learners, facts.n_skills) == (100, 50)
    assert {"s45", "s49"}.isdisjoint(facts.skills)


def test_the_drawing_says_what_is_left_out_and_hatches_what_is_not_practised() -> None:
    facts = mastery_map(np.array([0, 1]), np.array([0, 1]), np.array([0.2, 0.9]), *NAMES)
    figure = draw_mastery_map(facts, model="bkt")
    assert "2 of 2 learners and 2 of 2 skills" in figure.axes[0].get_title(loc="left")
    assert figure.axes[0].patch.get_hatch()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["not practised"]


def test_long_names_are_cut() -> None:
    facts = mastery_map(np.array([0]), np.array([0]), np.array([0.2]), ["x" * 40], ["y" * 40])
    ax = draw_mastery_map(facts, model="bkt").axes[0]
    assert ax.get_yticklabels()[0].get_text() == "x" * 13 + "…"
    assert ax.get_xticklabels()[0].get_text() == "y" * 27 + "…"


def test_a_model_that_knows_nothing_is_not_drawn() -> None:
    facts = mastery_map(np.array([0]), np.array([0]), np.array([np.nan]), *NAMES)
    with pytest.raises(ValueError, match="no mastery to draw"):
        draw_mastery_map(facts, model="bkt")
