"""A gap that grew is seen, one that did not is not, and of few learners nobody can tell."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from attain.audit.growth import Growth, Measure, attribute_cohorts, growths, rate_measures
from attain.audit.policy import Policy
from attain.audit.rows import audit_rows
from attain.core.metric import Sums

POLICY = Policy(metrics=["false_positive_rate", "selection_rate"], replicates=300)


def world(seed: int, n: int = 3000, *, lift: float = 0.0, third: float = 0.0) -> tuple[pd.DataFrame, ...]:
    """Predictions of a champion and of a challenger that lifts the scores of women, and the learners' gender."""
    rng = np.random.default_rng(seed)
    gender = rng.choice(["F", "M", "X"], n, p=[0.5 - third / 2, 0.5 - third / 2, third])
    truth = rng.normal(size=n)
    names = np.array([f"l{i}" for i in range(n)], dtype=object)
    keys = pd.DataFrame({"unit": names, "target": (truth + rng.normal(size=n) > 0.5) * 1.0})
    champion, challenger = (
        keys.assign(score=1 / (1 + np.exp(-truth - own * (gender == "F") - 0.5 * rng.normal(size=n))))
        for own in (0.0, lift)
    )
    return champion, challenger, pd.DataFrame({"gender": gender}, index=names)


def asked(champion: pd.DataFrame, challenger: pd.DataFrame, known: pd.DataFrame, policy: Policy) -> list[Growth]:
    before, after = audit_rows(champion), audit_rows(challenger)
    cohorts = attribute_cohorts(known, before.units.tolist(), ["gender"])
    return growths(rate_measures(before, after, policy), cohorts, before.n_units, policy)


def test_a_planted_gap_is_told_with_its_figures() -> None:
    found = asked(*world(0, lift=0.8), POLICY)
    assert [(one.cohort, one.measure) for one in found] == [
        ("gender: F", "false_positive_rate"),
        ("gender: F", "selection_rate"),
    ]
    assert {one.verdict for one in found} == {"grew"}
    assert found[0].growth is not None
    assert found[0].low is not None
    assert found[0].high is not None
    assert 0 < found[0].low < found[0].growth < found[0].high
    assert found[0].sentence.startswith("gender: F against the others, false positive rate: the gap is ")
    assert "and is past the 10.0 points that the policy tolerates." in found[0].sentence


def test_the_gap_is_that_of_the_rates_of_flags() -> None:
    champion, challenger, known = world(1, lift=0.8)
    found = asked(champion, challenger, known, POLICY)[0]
    for frame, gap in ((champion, found.champion), (challenger, found.challenger)):
        flag = frame["score"] >= np.sort(frame["score"])[-len(frame) // 5]
        fine, women = frame["target"].to_numpy() == 0, (known["gender"] == "F").to_numpy()
        assert gap == pytest.approx(flag[fine & women].mean() - flag[fine & ~women].mean())


def test_a_gap_that_was_there_before_has_not_grown() -> None:
    _, unfair, known = world(2, lift=0.8)
    found = asked(unfair, unfair.copy(), known, POLICY)
    assert {one.verdict for one in found} == {"did not grow"}
    assert {one.growth for one in found} == {0.0}


def test_a_growth_within_what_is_tolerated_passes_and_is_told() -> None:
    found = asked(*world(3, 12_000, lift=0.15), POLICY.model_copy(update={"tolerance": {"default": 0.2}}))
    assert {one.verdict for one in found} == {"did not grow"}
    assert any("It has grown, and is still within the 20.0 points" in one.sentence for one in found)


def test_a_cohort_of_few_gives_no_figure_and_is_no_pass() -> None:
    champion, challenger, known = world(4, 2000)
    known.iloc[:4, 0] = "X"
    found = asked(champion, challenger, known, POLICY)
    small = [one for one in found if one.cohort == "gender: X"]
    assert {one.verdict for one in small} == {"cannot tell"}
    assert all("fewer than 10 learners, so nobody can tell" in one.sentence for one in small)
    hidden = [one for one in found if "cannot be worked out" in one.sentence]
    assert hidden, "the next smallest would give it away"
    assert all(one.champion is one.challenger is one.n is None for one in [*small, *hidden])


def test_where_a_growth_could_have_been_missed_nobody_can_tell() -> None:
    found = asked(*world(5, 70), POLICY)
    assert "cannot tell" in {one.verdict for one in found}
    assert any("could have been missed, so nobody can tell" in one.sentence for one in found)


def test_learners_of_whom_nothing_is_known_are_in_no_cohort() -> None:
    champion, _, known = world(6, 2000)
    known.iloc[1999] = "(unknown)"
    (women, men) = attribute_cohorts(known.iloc[200:], champion["unit"].tolist(), ["gender"])["gender"]
    assert women.members.sum() + men.members.sum() == 1799
    assert (women.members == men.rest).all()
    crossed = attribute_cohorts(
        known[:1999].assign(age=(["old", "young"] * 1000)[:1999]), champion["unit"].tolist(), ["gender*age"]
    )
    assert [one.label for one in crossed["gender*age"]] == [
        "gender: F, age: old",
        "gender: F, age: young",
        "gender: M, age: old",
        "gender: M, age: young",
    ]


def test_fair_challengers_are_not_accused() -> None:
    """Two equally good models, a policy that tolerates next to nothing: any growth past chance counts."""
    strict = POLICY.model_copy(update={"tolerance": {"default": 0.001}, "replicates": 200})
    worlds = 120
    accused = sum(
        any(one.verdict == "grew" for one in asked(*world(100 + seed, 800, third=0.2), strict))
        for seed in range(worlds)
    )
    assert binomtest(accused, worlds, 0.05, alternative="greater").pvalue > 0.01, accused / worlds


def test_figures_are_rounded_where_the_policy_says_so() -> None:
    policy = POLICY.model_copy(update={"rounding": "nearest_5"})
    (found, _) = asked(*world(0, lift=0.8), policy)
    assert "past the 10 points" in found.sentence
    assert not any(part in found.sentence.partition("(p = ")[0] for part in (".0 ", ".5 "))


def test_metrics_are_told_as_they_are() -> None:
    values = np.arange(40.0)
    mean = [
        Sums(np.column_stack([by, np.ones(40)]), lambda sums: sums[:, 0] / sums[:, 1], "") for by in (values, values)
    ]
    known = pd.DataFrame({"side": ["a", "b"] * 20}, index=range(40))
    (found,) = growths(
        [Measure("auc", mean[0], mean[1], 0.02, points=False)],
        attribute_cohorts(known, list(range(40)), ["side"]),
        40,
        POLICY,
    )
    assert found.champion == pytest.approx(-1)
    assert (
        "the gap is 1.000 under the champion and 1.000 under the challenger, +0.000 [+0.000, +0.000]." in found.sentence
    )
