import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attain.audit.evidence import Evidence, at_cut_off, judged_rows, usual_attributes
from attain.audit.policy import Calls, Policy
from attain.audit.results import results
from attain.core.errors import UserError
from attain.testing.audits import at_risk_table
from attain.testing.small_enrolments import small_enrolments

POLICY = Policy(replicates=100)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    frame, cohorts = at_risk_table(small_enrolments(learners=2400), bias=1.5)
    return Evidence(frame, cohorts, ("gender", "age"))


def test_the_counts_are_those_of_pandas(evidence: Evidence) -> None:
    found = results(evidence, POLICY)
    frame = evidence.frame
    most = int(0.2 * len(frame))
    flagged = frame["score"] >= frame["score"].nlargest(most).min()
    fine = frame["target"] == 0
    rates = found["tables"][0]["cohorts"][0]["rates"]
    assert rates["false_positive_rate"]["count"] == int((flagged & fine).sum())
    assert rates["false_positive_rate"]["n"] == int(fine.sum())
    assert rates["false_discovery_rate"]["n"] == most == found["flags"]["flagged"]
    gender = evidence.cohorts["gender"].reindex(frame["unit"]).to_numpy()
    women = next(c for c in found["tables"][1]["cohorts"] if c["values"]["gender"] == "F")
    assert women["rates"]["selection_rate"]["count"] == int((flagged & (gender == "F")).sum())


def test_a_planted_bias_is_found_and_each_metric_has_its_own_tolerance(evidence: Evidence) -> None:
    found = results(evidence, POLICY)["findings"]
    clear = {(one["attribute"], one["rate"]) for one in found if one["verdict"] == "gap found"}
    assert ("gender", "selection_rate") in clear
    wide = Policy(replicates=100, tolerance={"false_positive_rate": 0.9, "default": 0.001})
    verdicts = {one["rate"]: set() for one in found}
    for one in results(evidence, wide)["findings"]:
        if one["value"] is not None and one["attribute"] == "age":
            verdicts[one["rate"]].add(one["verdict"])
    assert "cannot tell" not in verdicts["false_positive_rate"]
    assert "no clear gap" not in verdicts["selection_rate"]


def test_the_same_evidence_gives_the_same_numbers_as_json(evidence: Evidence) -> None:
    first, second = (json.dumps(results(evidence, POLICY), allow_nan=False) for _ in range(2))
    assert first == second


def test_choices_are_told_only_where_enough_learners_are_between_them(evidence: Evidence) -> None:
    few = results(evidence, Policy(replicates=100, capacity=Calls(count=8)))
    assert [one["rule"] for one in few["choices"]] == ["the highest scores: 8 in all"]
    many = results(evidence, POLICY)
    assert len(many["choices"]) == 3
    rates = many["choices"][1]["tables"][0]["cohorts"][0]["rates"]
    assert rates["false_discovery_rate"]["n"] == many["flags"]["flagged"]
    assert len(many["curve"]) == 20


def test_a_few_unknown_outcomes_can_not_be_counted_from_what_is_shown(evidence: Evidence) -> None:
    frame = evidence.frame.copy()
    frame.loc[frame.index[:4], "target"] = np.nan
    found = results(replace(evidence, frame=frame), POLICY)
    assert found["population"]["rows"] is None
    assert found["population"]["unknown"] is None
    assert found["flags"]["flagged"] is None
    assert found["flags"]["cuts"][0]["n"] is None


def test_a_capacity_of_each_course_says_where_the_line_fell_and_hides_small_courses(evidence: Evidence) -> None:
    frame = evidence.frame.copy()
    frame.loc[frame.index[:5], "course"] = "tiny"
    policy = Policy(replicates=100, capacity=Calls(share=0.2, per_course=True))
    flags = results(replace(evidence, frame=frame), policy)["flags"]
    assert flags["rule"] == "the highest scores: 20 % of each course"
    assert "tiny" not in {cut["stratum"] for cut in flags["cuts"]}
    assert flags["cuts_hidden"] == 2, "the tiny one, and one more that would give it away"


def test_a_simpler_model_is_compared_at_equal_capacity(evidence: Evidence) -> None:
    noise = evidence.frame.assign(score=np.random.default_rng(0).random(len(evidence.frame)))
    found = results(replace(evidence, baseline=("chance", noise)), POLICY)["baseline"]
    assert found["verdict"] == "the audited model finds more"
    assert found["recall"][0] > found["recall"][1]
    other = noise.iloc[:-1]
    with pytest.raises(UserError, match="chance was not judged on the same enrolments"):
        results(replace(evidence, baseline=("chance", other)), POLICY)


def test_a_week_with_nearly_the_same_learners_is_hidden(evidence: Evidence) -> None:
    frame = evidence.frame
    later = (frame.iloc[:-3].assign(as_of=56.0), frame.iloc[:-40].assign(as_of=84.0))
    weeks = results(replace(evidence, weeks=later), POLICY)["weeks"]
    assert [one["as_of"] for one in weeks] == [28.0, 56.0, 84.0]
    assert [one["rates"] is None for one in weeks] == [False, True, False]


def test_drift_is_of_columns_that_are_no_cohorts(evidence: Evidence) -> None:
    rng = np.random.default_rng(0)
    before = pd.DataFrame({"clicks": rng.normal(0, 1, 500), "same": rng.normal(0, 1, 500), "gender": "F"})
    now = pd.DataFrame({"clicks": rng.normal(1, 1, 500), "same": rng.normal(0, 1, 500), "gender": "M"})
    found = results(replace(evidence, before=(before, now)), POLICY)["drift"]
    assert [one["column"] for one in found] == ["clicks", "same"]
    assert found[0]["p_holm"] < 0.05 < found[1]["p_holm"]


def test_several_cut_offs_need_one_to_be_named(evidence: Evidence) -> None:
    both = judged_rows(pd.concat([evidence.frame, evidence.frame.assign(as_of=56.0)]))
    with pytest.raises(UserError, match=r"several cut-off days \(28, 56\); say which is audited: --as-of"):
        at_cut_off(both, None)
    chosen, others = at_cut_off(both, 56)
    assert (chosen["as_of"] == 56).all()
    assert len(others) == 1
    with pytest.raises(UserError, match="no predictions as of 30; there are some as of 28, 56"):
        at_cut_off(both, 30)


def test_predictions_of_answers_are_refused() -> None:
    with pytest.raises(UserError, match="have no course, term, as_of: they are not of enrolments"):
        judged_rows(pd.DataFrame({"unit": ["a"], "example": [0], "target": [1.0], "score": [0.5]}))


def test_an_attribute_with_one_value_or_with_hundreds_is_not_taken_unasked() -> None:
    cohorts = pd.DataFrame({"same": ["x"] * 60, "id": range(60), "gender": ["F", "M"] * 30})
    assert usual_attributes(cohorts) == ("gender",)


@pytest.mark.parametrize("score", [0.5, 0.0, 1.0])
def test_scores_that_are_all_equal_are_flagged_by_name_and_said_to_be(evidence: Evidence, score: float) -> None:
    found = results(replace(evidence, frame=evidence.frame.assign(score=score)), POLICY)
    assert found["flags"]["decided_by_name"] == len(evidence.frame)
