import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr

from attain.testing.small_lists import value
from attain.testing.small_scores import scores


def test_a_table_worked_by_hand() -> None:
    table = scores({"a": [(0, 0), (0.5, 1), (1, 0.5)], "b": [(0, 1), (1, 0)]})
    # around their means: (-.5, 0, .5, -.5, .5) and (-.5, .5, 0, .5, -.5)
    assert value(table, "score_correlation").value == pytest.approx((0.25 + 0 + 0 - 0.25 - 0.25) / 1.0)
    assert value(table, "score_correlation_question_mean").value == pytest.approx((0.5 - 1) / 2)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1).map(np.random.default_rng), st.integers(3, 30), st.booleans())
def test_it_is_what_scipy_says(generator: np.random.Generator, n: int, by_answer: bool) -> None:
    pairs = {f"q{q}": generator.random((n, 2)) for q in range(3)}
    table = scores({q: [(a, b) for a, b in own] for q, own in pairs.items()}, by_answer=by_answer)
    whole = np.concatenate(list(pairs.values()))
    assert value(table, "score_correlation").value == pytest.approx(pearsonr(*whole.T).statistic)
    each = [pearsonr(*own.T).statistic for own in pairs.values()]
    assert value(table, "score_correlation_question_mean").value == pytest.approx(np.mean(each))


@pytest.mark.parametrize("pairs", [[(1, 0.2), (1, 0.7)], [(0.1, 0.3), (0.2, 0.3)], [(0.1, 0.3)]])
def test_it_is_undefined_where_either_side_never_varies(pairs: list[tuple[float, float]]) -> None:
    for metric in ("score_correlation", "score_correlation_question_mean"):
        found = value(scores({"a": pairs}), metric)
        assert found.value is None
        assert "all human scores are equal, or all of the model's" in found.reason


def test_a_model_with_one_value_per_question_correlates_over_questions_and_within_none() -> None:
    table = scores({"a": [(0, 0.2), (0.4, 0.2)], "b": [(0.6, 0.8), (1, 0.8)]})
    assert (value(table, "score_correlation").value or 0) > 0.8
    assert value(table, "score_correlation_question_mean").value is None
