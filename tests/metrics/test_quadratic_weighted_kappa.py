import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from attain.metrics.discover import find
from attain.metrics.quadratic_weighted_kappa import quadratic_weighted_kappa
from attain.testing.small_lists import value
from attain.testing.small_scores import scores

HAND = scores({"a": [(0, 0), (0.5, 0.5), (1, 0.5), (1, 1)]})
"""On three levels: three of four agree and one is one level off. By chance, of 16 pairs of a human and a model score
(0 1 2 2 against 0 1 1 2) the squared distances add up to (0+1+1+4) + (1+0+0+1) + 2 (4+1+1+0) = 20."""


def test_a_table_worked_by_hand() -> None:
    assert value(HAND, "quadratic_weighted_kappa[3]").value == pytest.approx(1 - (1 / 4) / (20 / 16))


worlds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@settings(max_examples=60)
@given(worlds, st.integers(2, 7), st.integers(1, 40), st.booleans())
def test_it_is_what_scikit_learn_says(generator: np.random.Generator, levels: int, n: int, by_answer: bool) -> None:
    human, model = generator.integers(0, levels, (2, n))
    near = np.clip(model + generator.uniform(-0.49, 0.49, n), 0, levels - 1) / (levels - 1)
    question = generator.integers(0, 4, n)
    pairs = {
        f"q{q}": list(zip(human[question == q] / (levels - 1), near[question == q], strict=True)) for q in range(4)
    }
    table = scores(pairs, by_answer=by_answer)

    def expected(rows: np.ndarray) -> float | None:
        if len(set(human[rows])) < 2:
            return None
        return float(cohen_kappa_score(human[rows], model[rows], labels=range(levels), weights="quadratic"))

    whole = value(table, f"quadratic_weighted_kappa[{levels}]").value
    assert whole == (None if expected(question >= 0) is None else pytest.approx(expected(question >= 0), abs=1e-9))
    each = [found for q in range(4) if (question == q).any() and (found := expected(question == q)) is not None]
    mean = value(table, f"quadratic_weighted_kappa_question_mean[{levels}]").value
    assert mean == (pytest.approx(np.mean(each), abs=1e-9) if each else None)


def test_where_all_human_scores_are_equal_it_is_undefined_and_says_so() -> None:
    table = scores({"a": [(1, 0.5), (1, 1)], "b": [(1, 0)]})
    for name in ("quadratic_weighted_kappa", "quadratic_weighted_kappa_question_mean"):
        found = value(table, name)
        assert found.value is None
        assert "all human scores are equal" in found.reason


def test_questions_without_a_value_are_left_out_of_the_mean_and_counted() -> None:
    table = scores({"a": [(1, 0.5), (1, 1)], "b": [(0, 0), (1, 1)], "c": [(0, 1), (1, 0)]})
    found = value(table, "quadratic_weighted_kappa_question_mean")
    assert found.value == pytest.approx(0)  # 1 and -1
    assert "1 of 3 questions left out: all human scores are equal" in found.note


def test_a_model_that_always_says_the_same_agrees_as_by_chance() -> None:
    assert value(scores({"a": [(0, 0.6), (1, 0.6), (0.5, 0.6)]}), "quadratic_weighted_kappa").value == pytest.approx(0)


def test_human_scores_between_two_levels_are_counted() -> None:
    found = value(scores({"a": [(0, 0), (0.3, 0.25), (1, 1), (0.875, 1)]}), "quadratic_weighted_kappa[5]")
    assert "2 of 4 human scores put on a level: they lie between two" in found.note
    assert found.value == pytest.approx(1)  # 0.3 is nearest to 0.25; 0.875 lies in the middle and goes up


def test_parts_are_never_taken_together() -> None:
    parts = {"a": "known", "b": "new"}
    table = scores({"a": [(0, 0), (1, 1)], "b": [(0, 1), (1, 0)]}, parts=parts)
    assert value(table, "quadratic_weighted_kappa[5,known]").value == 1
    assert value(table, "quadratic_weighted_kappa[5,new]").value == -1
    for bare in ("quadratic_weighted_kappa", "score_rmse", "rmse"):
        found = value(table, bare)
        assert found.value is None
        assert "would mix parts that are judged apart (known, new); name a metric with its part" in found.reason


def test_a_part_that_is_not_there_is_named_beside_those_that_are() -> None:
    found = value(HAND, "quadratic_weighted_kappa[5,unseen]")
    assert found.value is None
    assert found.reason == "no judged answer is of part 'unseen'; there are: held_out"


def test_an_id_has_levels_first_and_the_part_where_one_is_named() -> None:
    assert find("quadratic_weighted_kappa").id == quadratic_weighted_kappa().id == "quadratic_weighted_kappa[5]"
    assert find("quadratic_weighted_kappa[4,new]").id == quadratic_weighted_kappa(4, "new").id


def test_intervals_draw_questions_and_are_wider_than_those_that_draw_answers_where_questions_differ() -> None:
    generator = np.random.default_rng(0)
    pairs = {}
    for q in range(8):
        human = generator.integers(0, 5, 40) / 4
        pairs[f"q{q}"] = list(zip(human, human if q % 2 else generator.permutation(human), strict=True))
    wide, narrow = (value(scores(pairs, by_answer=own), "quadratic_weighted_kappa", 400) for own in (False, True))
    assert wide.value == narrow.value
    assert wide.n_units == 8
    assert narrow.n_units == 320
    assert wide.low is not None
    assert wide.high is not None
    assert narrow.low is not None
    assert narrow.high is not None
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    assert "only 8 questions" in wide.note


def test_a_question_that_is_drawn_twice_counts_twice_in_the_mean() -> None:
    table = scores({"a": [(0, 0), (1, 1)], "b": [(0, 1), (1, 0)], "c": [(0.5, 1)]})
    statistic = find("quadratic_weighted_kappa_question_mean").statistic(table)
    assert statistic.at(np.array([[2.0, 1, 0], [0, 0, 3], [1, 1, 1]])).tolist() == pytest.approx(
        [1 / 3, np.nan, 0], nan_ok=True
    )
