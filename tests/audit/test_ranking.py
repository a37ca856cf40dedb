from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from attain.audit.ranking import ranked_apart, ranking_gaps
from attain.audit.rows import audit_rows
from attain.audit.suppression import SHOW_ALL, Hidden


def test_a_model_that_knows_nothing_of_women_is_found(world: Callable) -> None:
    made = world(1, n=1500)
    women = (made.cohorts.loc[made.frame["unit"], "gender"] == "F").to_numpy()
    noise = np.random.default_rng(0).random(1500)
    rows = replace(made.rows(["gender"]), score=np.where(women, noise, made.frame["score"]))
    (gap,) = ranking_gaps(rows, SHOW_ALL, shuffles=200)
    assert gap.here == pytest.approx(roc_auc_score(made.frame["target"][women], noise[women]))
    assert gap.rest == pytest.approx(roc_auc_score(made.frame["target"][~women], made.frame["score"][~women]))
    assert gap.value == pytest.approx(gap.rest - gap.here, abs=0.03)
    assert gap.p == pytest.approx(1 / 201)
    assert gap.n + gap.n_rest == 1500


def test_the_comparisons_are_counted_before_they_are_made(world: Callable) -> None:
    rows = world(n=600).rows(["gender", "age", "gender*age"])
    hidden = Hidden(frozenset({("age", 3, "prevalence"), ("age", 0, "prevalence"), ("gender*age", 2, "prevalence")}))
    found = ranking_gaps(rows, hidden, shuffles=20)
    assert len(ranked_apart(rows, hidden)) == sum(gap.p is not None for gap in found) == 1 + 1 + 7
    assert [g.level for g in found if g.reason and g.attribute == "age"] == ["age: 18-24", "age: 55+"]


def test_hidden_cohorts_are_not_among_the_others(world: Callable) -> None:
    made = world(n=400)
    rows = made.rows(["age"])
    hidden = Hidden(frozenset({("age", 2, "prevalence"), ("age", 3, "prevalence")}))
    shown = [gap for gap in ranking_gaps(rows, hidden, shuffles=20) if gap.n is not None]
    sizes = made.cohorts["age"].value_counts()
    assert (shown[0].n, shown[0].n_rest) == (sizes["18-24"], sizes["25-34"])


def test_a_cohort_with_one_outcome_has_no_curve() -> None:
    names = [f"l{i}" for i in range(60)]
    frame = pd.DataFrame({"unit": names, "target": [1.0] * 30 + [0.0, 1.0] * 15, "score": np.linspace(0, 1, 60)})
    rows = audit_rows(frame, pd.DataFrame({"g": ["a"] * 30 + ["b"] * 30}, index=names), by=["g"])
    (gap,) = ranking_gaps(rows, SHOW_ALL, shuffles=20)
    assert (gap.value, gap.p, gap.n) == (None, None, None)
    assert "all alike" in gap.reason
