import numpy as np

from attain.data.interactions import skill_rows
from attain.models.knowledge_tracing._bkt_parameters import Learners, Of, Parameters
from attain.testing.small import make_log

SKILLS, ITEMS = (np.array([f"{kind}-0", f"{kind}-1"], dtype=object) for kind in ("skill", "item"))
VALUES = np.array([[0.1, 0.2, 0.3, 0.4, 0.5], [0.6, 0.7, 0.8, 0.9, 0.0], [0.5, 0.5, 0.5, 0.5, 0.5]])
LOG = make_log(np.zeros(4, dtype=int), np.array([0, 1, 2, 3]), np.array([1, 0, 1, 1]), [[0], [0], [1], [2]])
OF_ITEM = Of("item", np.array([1]), np.array([[0.01, 0.02]]))  # skill-0 with item-1


def test_a_class_has_its_own_values_others_their_skills_and_an_unknown_skill_the_last() -> None:
    known = Parameters(SKILLS, VALUES, ITEMS, learn=OF_ITEM)
    found = known.of_rows(skill_rows(LOG, "first"), LOG)
    expected = VALUES[[0, 0, 1, 2]]
    expected[1, [1, 4]] = 0.01, 0.02
    np.testing.assert_array_equal(found.values, expected)
    assert found.first.shape == (0, 3)
    guess = Parameters(SKILLS, VALUES, ITEMS, guess=OF_ITEM).of_rows(skill_rows(LOG, "first"), LOG).values
    np.testing.assert_array_equal(guess[1], [0.1, 0.2, 0.01, 0.02, 0.5])


def test_the_parameters_that_were_saved_are_the_same() -> None:
    known = Parameters(SKILLS, VALUES, ITEMS, OF_ITEM, Of("pair", np.array([7]), np.array([[0.3, 0.4]])), VALUES[:, :3])
    saved = Learners((Parameters(SKILLS, VALUES, ITEMS), known), np.array([0.3, 0.7])).learned()
    learners = Learners.of_learned(saved, {"learn": "item", "guess": "pair"})
    np.testing.assert_array_equal(learners.share, [0.3, 0.7])
    assert learners.groups[0].learn is None
    again = learners.groups[1]
    for name in ("skills", "items", "values", "first"):
        np.testing.assert_array_equal(getattr(again, name), getattr(known, name))
    for name in ("learn", "guess"):
        np.testing.assert_array_equal(getattr(again, name).key, getattr(known, name).key)
        np.testing.assert_array_equal(getattr(again, name).values, getattr(known, name).values)


def test_the_mean_over_learners_counts_each_group_by_its_share() -> None:
    groups = tuple(Parameters(SKILLS, VALUES * factor, ITEMS) for factor in (1, 0.5))
    np.testing.assert_allclose(Learners(groups, np.array([0.2, 0.8])).values, 0.6 * VALUES)
