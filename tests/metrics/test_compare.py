from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.metrics.compare import compare, compare_many, corrected
from attain.metrics.difference import Difference, verdict
from attain.metrics.discover import find
from attain.metrics.intervals import bootstrap_weights

Simulate = Callable[..., Predictions]


def worse(table: Predictions, noise: float, seed: int = 0) -> Predictions:
    """The same answers with scores that are partly noise."""
    jitter = np.random.default_rng(seed).random(len(table.frame))
    return Predictions(table.frame.assign(score=(1 - noise) * table.frame["score"] + noise * jitter))


def test_the_difference_is_paired_as_in_a_plain_loop(simulate: Simulate) -> None:
    a, b = simulate(), worse(simulate(), 0.5)
    (found,) = compare(a, b, [find("auc")], replicates=200, seed=2)
    merged = a.frame.merge(b.frame[["example", "score"]], on="example", suffixes=("", "_b"))
    rows = [merged[merged["unit"] == unit] for unit in a.units]
    apart = []
    for weights in np.concatenate(list(bootstrap_weights(25, 200, seed=2))):
        drawn = pd.concat([rows[u] for u in np.repeat(np.arange(25), weights.astype(int))])
        values = [roc_auc_score(drawn["target"], drawn[column]) for column in ("score", "score_b")]
        apart.append(values[0] - values[1])
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(apart, [0.025, 0.975])))
    share = np.mean(np.array(apart) <= 0)
    assert found.p == pytest.approx(2 * (1 + 200 * min(share, 1 - share)) / 201)


def test_the_order_of_rows_does_not_matter(simulate: Simulate) -> None:
    a, b = simulate(), worse(simulate(), 0.5)
    shuffled = Predictions(b.frame.sample(frac=1, random_state=9))
    metrics = [find("auc"), find("log_loss")]
    assert compare(a, b, metrics, replicates=50) == compare(a, shuffled, metrics, replicates=50)


def test_only_the_answers_that_both_have_are_compared(simulate: Simulate) -> None:
    a = simulate()
    b = Predictions(worse(a, 0.5).frame.iloc[7:])
    short = Predictions(a.frame.iloc[7:])
    (found,) = compare(Predictions(a.frame.iloc[:-2]), b, [find("auc")], replicates=0)
    assert found.dropped == 9
    assert found.a == compare(Predictions(short.frame.iloc[:-2]), b, [find("auc")], replicates=0)[0].a


def test_other_targets_are_refused(simulate: Simulate) -> None:
    a = simulate()
    b = Predictions(a.frame.assign(target=1 - a.frame["target"]))
    with pytest.raises(UserError, match=r"'a' and 'b' were judged on different data sets: of (\d+) .* \1 have another"):
        compare(a, b, [find("auc")])
    others = Predictions(a.frame.assign(unit="other " + a.frame["unit"]))
    with pytest.raises(UserError, match=r"different data sets: of (\d+) .* \1 have another learner\. Compare runs on"):
        compare(a, others, [find("auc")])


def test_tables_without_a_common_example_are_refused(simulate: Simulate) -> None:
    a = simulate()
    with pytest.raises(UserError, match="different data: no answer is in all of them"):
        compare(a, Predictions(a.frame.assign(example=a.frame["example"] + 1)), [find("auc")])


def test_an_example_predicted_twice_is_refused(simulate: Simulate) -> None:
    a = simulate()
    with pytest.raises(UserError, match="several predictions for one example"):
        compare(a, Predictions(pd.concat([a.frame, a.frame])), [find("auc")])


def test_a_model_compared_with_itself_does_not_differ(simulate: Simulate) -> None:
    (found,) = compare(simulate(), simulate(), [find("auc")], names=("x", "y"), replicates=50)
    assert (found.difference, found.low, found.high, found.p) == (0, 0, 0, 1)
    assert verdict(found) == "no clear difference between x and y on auc: 0.000 [0.000, 0.000]"


def test_many_pairs_are_corrected_metric_by_metric(simulate: Simulate) -> None:
    base = simulate(learners=60)
    tables = {"a": base, "b": worse(base, 0.9), "c": worse(base, 0.9, seed=1)}
    found = compare_many(tables, [find("auc"), find("brier")])
    assert [d.names for d in found] == [("a", "b"), ("a", "c"), ("b", "c")] * 2
    auc = found[:3]
    assert all(d.p is not None and d.p_holm is not None and d.p <= d.p_holm for d in auc)
    assert min(d.p_holm for d in auc) == pytest.approx(3 * min(d.p for d in auc))  # type: ignore[operator,type-var]
    assert auc[0].clear
    assert not auc[2].clear


def test_with_many_pairs_there_are_enough_replicates_to_find_a_difference(simulate: Simulate) -> None:
    base = simulate(learners=60)
    tables = {str(k): worse(base, 0.95, seed=k) for k in range(7)} | {"good": base}
    found = compare_many(tables, [find("auc")], replicates=20)
    assert all(d.clear for d in found if "good" in d.names)


def test_a_column_that_one_model_lacks_gives_a_reason(simulate: Simulate) -> None:
    a = simulate()
    (found,) = compare(a, Predictions(a.frame.drop(columns="skill")), [find("auc_skill_mean")], names=("x", "y"))
    assert verdict(found) == "x and y cannot be compared on auc_skill_mean: y needs skill, which this run does not have"


def difference(value: float, half: float, p: float, direction: str = "max") -> Difference:
    ends = {"difference": value, "low": value - half, "high": value + half}
    return Difference("m", direction, ("dkt", "bkt"), 50, 0, p=p, p_holm=p, **ends)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (difference(0.03, 0.0046, 0.002), "dkt is better than bkt on m by 0.030 [0.025, 0.035]"),
        (difference(-0.03, 0.004, 0.002), "bkt is better than dkt on m by 0.030 [0.026, 0.034]"),
        (difference(-0.03, 0.004, 0.002, "min"), "dkt is better than bkt on m by 0.030 [0.026, 0.034]"),
        (difference(0.03, 0.004, 0.002, "min"), "bkt is better than dkt on m by 0.030 [0.026, 0.034]"),
        (difference(-0.03, 0.004, 0.002, "none"), "bkt is higher than dkt on m by 0.030 [0.026, 0.034]"),
        (
            difference(0.03, 0.004, 0.06),
            "no clear difference between dkt and bkt on m: 0.030 [0.026, 0.034], corrected for several comparisons",
        ),
        (difference(-1.2, 1.84, 0.2), "no clear difference between dkt and bkt on m: -1.2 [-3.0, 0.6]"),
        (difference(0.0004, 0.0001, 0.002), "dkt is better than bkt on m by 0.0004 [0.0003, 0.0005]"),
        (difference(120.31, 9.0, 0.002), "dkt is better than bkt on m by 120.3 [111.3, 129.3]"),
    ],
)
def test_a_verdict_reads_as_a_sentence(found: Difference, words: str) -> None:
    assert verdict(found) == words


def test_beyond_what_replicates_can_tell_the_p_value_is_of_students_t(simulate: Simulate) -> None:
    a, b = simulate(learners=200, digits=3), worse(simulate(learners=200, digits=3), 1.0)
    (found,) = compare(a, b, [find("auc")], replicates=200)
    assert found.difference is not None
    apart = []
    keyed = b.frame.set_index("example")["score"]
    for weights in np.concatenate(list(bootstrap_weights(200, 200, seed=0))):
        rows = a.frame.assign(w=weights[pd.Categorical(a.frame["unit"], categories=a.units).codes])
        other = rows["example"].map(keyed)
        apart.append(
            roc_auc_score(rows["target"], rows["score"], sample_weight=rows["w"])
            - roc_auc_score(rows["target"], other, sample_weight=rows["w"])
        )
    assert min(apart) > 0
    assert found.p == pytest.approx(2 * stats.t.sf(found.difference / np.std(apart), 199), rel=1e-6)
    assert found.p < 1 / 201, "so that it survives Holm's factor for many pairs"


def test_holm_counts_the_comparisons_of_a_metric_on_all_data_sets() -> None:
    def of(metric: str, p: float | None) -> Difference:
        return Difference(metric, "max", ("a", "b"), 50, 0, p=p)

    found = corrected([of("auc", 0.01), of("rmse", 0.04), of("auc", 0.03), of("auc", None)])
    assert [d.p_holm for d in found] == [pytest.approx(0.02), 0.04, 0.03, None]
