import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from attain.audit.findings import AuditRules, Finding, audit, judged
from attain.audit.gaps import Gap
from attain.audit.rates import rates
from attain.audit.rows import audit_rows
from attain.audit.small_groups import SuppressionRule

ALL = rates(["false_positive_rate", "false_negative_rate", "false_discovery_rate", "selection_rate"])
RULES = AuditRules()


def finding(value: float | None = 0.05, p: float | None = 0.5, detectable: float | None = 0.08) -> Finding:
    numbers = {"low": -0.01, "high": 0.1, "here": 0.25, "rest": 0.2, "n": 812, "n_rest": 903}
    gap = Gap("gender", "gender: F", "false_positive_rate", "rest", "", value, p=p, detectable=detectable, **numbers)
    return judged([gap], RULES)[0]


def test_a_planted_bias_is_found_and_named(world: Callable) -> None:
    made = world(7, n=3000, bias=1.0)
    found = audit(made.rows(), made.flag, ALL, RULES).findings
    clear = {(f.gap.attribute, f.gap.rate) for f in found if f.verdict == "gap found"}
    assert {("gender", "false_positive_rate"), ("gender", "selection_rate"), ("gender", "equalized_odds")} <= clear
    assert not any(attribute == "age" for attribute, _ in clear)
    assert any(
        "people (gender: F) who did not have the outcome" in f.sentence for f in found if f.verdict == "gap found"
    )


def test_fair_worlds_are_cleared_at_the_nominal_rate(world: Callable) -> None:
    """Of 20 fair worlds, with a dozen tests each, 5 % or fewer have any gap; 5 or more have a chance of 0.3 %."""
    accused = 0
    for seed in range(20):
        made = world(seed, n=400, repeat=seed % 5 == 0)
        numbers = audit(made.rows(), made.flag, ALL, RULES)
        assert numbers.n_tests >= 8
        accused += any(f.verdict == "gap found" for f in numbers.findings)
    assert accused < 5


def test_nothing_found_is_no_gap_only_where_one_would_have_been_seen() -> None:
    assert finding().verdict == "no clear gap"
    assert finding(detectable=0.3).verdict == "cannot tell"
    assert (
        "under 30.0 points would most likely be missed here; the policy wants 10.0" in finding(detectable=0.3).sentence
    )
    assert finding(p=0.001, detectable=0.3).verdict == "gap found"
    assert finding(None, None, None).verdict == "cannot tell"


def test_a_sentence_names_its_denominators() -> None:
    assert finding(p=0.01).sentence == (
        "Gap found: of 812 people (gender: F) who did not have the outcome, 25 % were flagged; "
        "of the other 903, 20 %: 5.0 points more (95 % interval -1.0 to 10.0)."
    )


def test_a_sentence_and_its_numbers_are_rounded_as_the_rule_says_but_for_p() -> None:
    rule = SuppressionRule(rounding="nearest_5")
    gap = Gap("gender", "gender: F", "recall", "rest", "", 0.0523, -0.011, 0.098, 0.251, 0.199, 812, 903, 0.0004, 0.084)
    (found,) = judged([gap], AuditRules(suppression=rule))
    assert found.sentence == (
        "Gap found: of 810 people (gender: F) who had the outcome, 25 % were flagged; "
        "of the other 905, 20 %: 5.0 points more (95 % interval -1.0 to 10.0)."
    )
    plain = found.to_dict(rule)
    assert [plain[name] for name in ("value", "n", "n_rest", "p", "p_holm")] == [0.05, 810, 905, 0.0004, 0.0004]


def test_a_range_names_its_ends() -> None:
    gap = Gap("age", "", "recall", "range", "", 0.2, here=0.5, rest=0.3, p=0.02, detectable=0.05)
    both = [gap, Gap("age", "", "selection_rate", "range", "", 0.2, here=0.5, rest=0.3, p=0.9, detectable=0.05)]
    assert [f.sentence for f in judged(both, RULES)] == [
        "Gap found: by age, from 30 % to 50 % of those who had the outcome were flagged.",
        "No clear gap: by age, from 30 % to 50 % were flagged.",
    ]


def test_roc_curves_are_among_the_findings_where_asked_for(world: Callable) -> None:
    made = world(2, n=300)
    without, with_it = (
        audit(made.rows(["gender"]), made.flag, ALL, AuditRules(ranking=ranking)) for ranking in (False, True)
    )
    (roc,) = [f for f in with_it.findings if f.gap.kind == "abroca"]
    assert with_it.n_tests == without.n_tests + 1
    assert "AUC 0." in roc.sentence
    assert roc.p_holm is not None
    assert roc.gap.p is not None
    assert roc.p_holm >= roc.gap.p


def test_p_values_are_corrected_for_all_tests_of_the_audit() -> None:
    gap = Gap("gender", "gender: F", "recall", "range", "", 0.2, here=0.5, rest=0.3, p=0.02, detectable=0.05)
    assert [f.verdict for f in judged([gap], RULES)] == ["gap found"]
    assert {f.verdict for f in judged([gap] * 3, RULES)} == {"no clear gap"}


def test_a_cohort_below_ten_is_hidden(world: Callable) -> None:
    made = world(n=1500)
    cohorts = made.cohorts.copy()
    cohorts.iloc[:7, 0] = "X"
    rows = audit_rows(made.frame, cohorts, by=["gender", "gender*age"], stratum="course")
    numbers = audit(rows, made.flag, ALL, RULES)
    text = json.dumps(numbers.to_dict(RULES.suppression), allow_nan=False)
    table = json.loads(text)["tables"][1]
    rates_of_x = {c["values"]["gender"]: c["rates"] for c in table["cohorts"]}["X"]
    assert all(set(rate) == {"value", "reason"} and rate["value"] is None for rate in rates_of_x.values())
    assert all("gender: X" not in c.level or c.n is c.ece is None for c in numbers.calibration)
    of_x = [f for f in numbers.findings if "gender: X" in f.gap.level]
    assert {f.verdict for f in of_x} == {"cannot tell"}
    assert {(f.gap.n, f.gap.p, f.gap.value) for f in of_x} == {(None, None, None)}


def test_the_same_rows_in_another_order_give_the_same_audit(world: Callable) -> None:
    made = world(3, n=700, repeat=True)
    order = np.random.default_rng(0).permutation(len(made.frame))
    first = audit(made.rows(["gender"]), made.flag, ALL, RULES)
    other = audit_rows(made.frame.iloc[order], made.cohorts.sample(frac=1), by=["gender"], stratum="course")
    assert audit(other, made.flag[order], ALL, RULES).to_dict(RULES.suppression) == first.to_dict(RULES.suppression)


@pytest.mark.parametrize("attribute", ["all missing", "one person", "one class"])
def test_a_cohort_that_cannot_be_compared_is_no_error(world: Callable, attribute: str) -> None:
    made = world(n=400)
    cohorts = made.cohorts.assign(**{"all missing": None, "one person": "many", "one class": "both"})
    cohorts.iloc[0, cohorts.columns.get_loc("one person")] = "one"
    positive = made.frame.loc[made.frame["target"] == 1, "unit"]
    cohorts.loc[positive[:50], "one class"] = "positive"
    numbers = audit(audit_rows(made.frame, cohorts, by=[attribute]), made.flag, ALL, RULES)
    fpr = [f for f in numbers.findings if f.gap.rate == "false_positive_rate"]
    assert {f.verdict for f in fpr} == {"cannot tell"}
    assert all(f.gap.reason for f in fpr)


def test_rows_without_an_outcome_are_counted_and_left_out(world: Callable) -> None:
    made = world(n=300)
    frame = made.frame.assign(target=made.frame["target"].mask(made.frame.index < 30))
    numbers = audit(audit_rows(frame, made.cohorts, by=["gender"]), made.flag, ALL, RULES)
    assert (numbers.n_rows, numbers.n_unknown) == (300, 30)
    everybody = pd.DataFrame(numbers.tables[0]["cohorts"][0]["rates"]).loc["n", "selection_rate"]
    assert everybody == 270
    assert numbers.to_dict(SuppressionRule(smallest=31))["n_unknown"] is None
