from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from lifelines import AalenJohansenFitter

from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.metrics._practice import Practice
from attain.metrics._survival import Watched
from attain.metrics.discover import find

ByHand = Callable[..., Predictions]

# ann masters add at her 4th opportunity and goes on for 2; bob never masters add in 5, and sub at his 3rd;
# cat is seen 11 times on add without three in a row, and 2 times on sub.
ANSWERS = {
    "ann": {"add": "011101"},
    "bob": {"add": "01101", "sub": "111"},
    "cat": {"add": "01101101101", "sub": "11"},
}


def at(identity: str, table: Predictions) -> float:
    statistic = find(identity).statistic(table)
    return float(statistic.at(np.ones((1, len(table.units))))[0])


def test_the_restricted_mean_is_the_area_under_the_worked_curve(by_hand: ByHand) -> None:
    # times: 2 (lost), 3 (mastered), 4 (mastered), 5 (lost), 11 (lost)
    # S = 1 up to 3, then 3/4, then 3/4 * 2/3 = 1/2 from 4 on
    table = by_hand(ANSWERS)
    assert at("time_to_mastery_opportunities[three_in_a_row,8]", table) == pytest.approx(3 + 0.75 + 0.5 * 4)
    assert at("time_to_mastery_median_opportunities[three_in_a_row]", table) == 4
    assert at("mastered_share[three_in_a_row,3]", table) == pytest.approx(0.25)
    assert at("mastered_share[three_in_a_row,10]", table) == pytest.approx(0.5)
    assert np.isnan(at("time_to_mastery_opportunities[three_in_a_row,12]", table))


def test_the_note_counts_the_censored(by_hand: ByHand) -> None:
    statistic = find("mastered_share").statistic(by_hand(ANSWERS))
    assert statistic.note(np.ones(3)) == "3 of 5 learner-skill pairs censored: not mastered when last seen"
    assert statistic.note(np.array([1.0, 0, 0])) == ""


def test_a_median_that_is_never_reached_is_undefined_with_its_reason(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "111"}, "bob": {"add": "0000"}, "cat": {"add": "0000"}})
    statistic = find("time_to_mastery_median_opportunities").statistic(table)
    assert np.isnan(statistic.at(np.ones((1, 3)))[0])
    assert statistic.why(np.ones(3)) == "fewer than half ever master the skill"


def test_active_seconds_add_up_capped_durations_up_to_mastery(by_hand: ByHand) -> None:
    seconds = {"ann": {"add": [10.0, 20, 700, 5]}, "bob": {"add": [30.0, 40]}}
    table = by_hand({"ann": {"add": "1110"}, "bob": {"add": "10"}}, seconds=seconds)
    # ann masters after 10 + 20 + 600 = 630 s, bob is lost at 70 s: S = 1 up to 630, then 0
    assert at("time_to_mastery_active_seconds[three_in_a_row,100]", table) == 100
    assert at("time_to_mastery_active_seconds[three_in_a_row,1000]", table) == 630
    assert at("time_to_mastery_median_active_seconds", table) == 630
    said = find("time_to_mastery_active_seconds").statistic(table).note(np.ones(2))
    assert said == (
        "1 of 2 learner-skill pairs censored: not mastered when last seen; "
        "1 of 6 durations capped at 600 s: they took longer"
    )


def test_a_pair_with_an_unknown_duration_before_mastery_is_left_out_and_counted(by_hand: ByHand) -> None:
    nan = float("nan")
    seconds = {"ann": {"add": [10.0, 20, 30, nan]}, "bob": {"add": [1.0, nan, 1]}}
    table = by_hand({"ann": {"add": "1110"}, "bob": {"add": "111"}}, seconds=seconds)
    assert at("time_to_mastery_median_active_seconds", table) == 60
    statistic = find("time_to_mastery_median_active_seconds").statistic(table)
    assert statistic.note(np.ones(2)) == "1 of 2 learner-skill pairs left out: a duration is not known"
    assert statistic.counted.tolist() == [True, False]


def test_the_models_rule_reads_the_mastery_table(by_hand: ByHand) -> None:
    known = {"ann": {"add": [0.2, 0.96, 0.5]}, "bob": {"add": [0.9, 0.94, 0.9]}}
    table = by_hand({"ann": {"add": "010"}, "bob": {"add": "111"}}, mastery=known)
    assert at("mastered_share[model>=0.95,2]", table) == 0.5
    assert at("mastered_share[model>=.9,2]", table) == 1
    assert at("time_to_mastery_opportunities[model>=0.95,3]", table) == pytest.approx(2 + 0.5)
    assert at("over_practice_rate[model>=0.95]", table) == pytest.approx(1 / 6)


def test_where_the_model_says_nothing_the_answer_is_no_opportunity(by_hand: ByHand) -> None:
    nan = float("nan")
    table = by_hand({"ann": {"add": "01", "sub": "11"}}, mastery={"ann": {"add": [nan, nan], "sub": [0.1, 0.99]}})
    assert at("time_to_mastery_median_opportunities[model>=0.95]", table) == 2
    assert at("under_practice_rate[model>=0.95]", table) == 0


def test_declaring_mastery_sooner_is_not_called_better() -> None:
    assert find("time_to_mastery_opportunities[model>=0.95,20]").direction == "none"
    assert find("time_to_mastery_opportunities[three_in_a_row,20]").direction == "min"
    assert find("mastered_share").direction == "max"


def test_the_models_rule_needs_a_mastery_table(by_hand: ByHand) -> None:
    assert "mastery" in find("mastered_share[model>=0.95,10]").lacks(by_hand(ANSWERS))
    assert not find("mastered_share[three_in_a_row,10]").lacks(by_hand(ANSWERS))


@pytest.mark.parametrize("rule", ["eleven_in_a_row", "one_in_a_row", "model>=2", "model>0.9", "bkt>=0.95"])
def test_an_unknown_rule_says_which_there_are(rule: str) -> None:
    with pytest.raises(
        UserError, match=r"rule is .* Expected 'three_in_a_row' \(two to ten\), or 'model>=' or 'ema>=' and a share"
    ):
        find(f"over_practice_rate[{rule}]")


def test_an_answer_with_two_skills_is_an_opportunity_for_each() -> None:
    frame = pd.DataFrame({"unit": "ann", "example": range(3), "target": 1.0, "score": 0.5, "step": range(3)})
    frame["skill"] = ["add~~sub", "add~~sub", "add"]
    practice = Practice.of(Predictions(frame).rows("pair"), "three_in_a_row")
    assert practice.opportunities.tolist() == [3, 2]
    assert practice.mastered_at.tolist() == [3, -1]


def test_a_table_without_skills_has_no_value() -> None:
    frame = pd.DataFrame({"unit": ["ann"], "example": [0], "target": [1.0], "score": [0.5], "step": [0], "skill": [""]})
    for identity in ("time_to_mastery_opportunities", "mastered_share", "over_practice_rate", "wheel_spinning_rate"):
        assert np.isnan(at(identity, Predictions(frame)))


def test_the_reason_for_a_cohort_counts_the_opportunities_of_that_cohort(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "0" * 25}, "bob": {"add": "000"}})
    statistic = find("time_to_mastery_opportunities").statistic(table)
    everyone, bob = np.ones(2), np.array([0.0, 1.0])
    assert statistic.at(everyone[None, :])[0] == 20
    assert np.isnan(statistic.at(bob[None, :])[0])
    assert statistic.why(bob).startswith("no one is seen for 20 opportunities, 3 at most")


def test_a_moving_average_of_the_answers_is_a_rule(by_hand: ByHand) -> None:
    # ann: .2, .36, .488, .590, .672; bob: .2, .36, .288, .430, .544, .635
    table = by_hand({"ann": {"add": "11111"}, "bob": {"add": "1101111"}})
    assert at("effort[ema>=0.6]", table) == pytest.approx((5 + 6) / 2)
    assert at("mastered_share[ema>=0.6,5]", table) == pytest.approx(0.5)
    assert find("effort[ema>=0.60]").id == "effort[ema>=0.6]"
    assert find("over_practice_rate[ema>=0.6]").direction == "min"


def test_a_moving_average_is_not_missed_by_rounding(by_hand: ByHand) -> None:
    # 1 - .8 = .2 after one right answer, 1 - .8^2 = .36 after two, .67232 after five
    for level, answers in (("0.2", 1), ("0.36", 2), ("0.67232", 5)):
        table = by_hand({"ann": {"add": "1" * 6}})
        assert at(f"effort[ema>={level}]", table) == answers
        assert at(f"already_known_share[ema>={level}]", table) == 1


def test_an_average_that_is_never_reached_is_no_rule() -> None:
    with pytest.raises(UserError, match="comes near 1 and never reaches it"):
        find("effort[ema>=1]")


def test_how_many_in_a_row_stands_in_the_rule(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "0110111011111"}})
    counts = {"two": 3, "three": 7, "four": 12, "five": 13, "six": 13}
    for word, opportunities in counts.items():
        assert at(f"effort[{word}_in_a_row]", table) == opportunities
    assert at("mastered_share[six_in_a_row,13]", table) == 0
    assert at("already_known_share[two_in_a_row]", by_hand({"ann": {"add": "11"}, "bob": {"add": "011"}})) == 0.5


def test_days_to_mastery_count_from_the_first_answer_on_the_skill(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "1110"}, "bob": {"add": "10"}})
    day = 86_400.0
    table.frame["time_s"] = [100.0, 100 + day, 100 + 3 * day, 100 + 9 * day, 50.0, 50 + 4 * day]
    # ann masters after 3 days, bob is lost after 4: S = 1 up to 3, then 1/2
    assert at("time_to_mastery_days[three_in_a_row,4]", Predictions(table.frame)) == pytest.approx(3 + 0.5 * 1)
    assert at("time_to_mastery_median_days", Predictions(table.frame)) == pytest.approx(3)


def test_who_leaves_before_has_not_mastered_the_skill_where_dropout_counts(by_hand: ByHand) -> None:
    # five started: ann's add at 4 and bob's sub at 3 in time; cat's sub was left after 2, bob's add after 5
    table = by_hand(ANSWERS)
    assert at("dropout_adjusted_mastery[three_in_a_row,10]", table) == pytest.approx(2 / 5)
    assert at("dropout_adjusted_mastery[three_in_a_row,3]", table) == pytest.approx(1 / 5)
    note = find("dropout_adjusted_mastery[three_in_a_row,10]").statistic(table).note(np.ones(3))
    assert note == "2 of 5 learner-skill pairs count as not mastered: left before"


@pytest.mark.filterwarnings("ignore")
def test_dropout_adjusted_mastery_is_the_cumulative_incidence_of_aalen_and_johansen(by_hand: ByHand) -> None:
    generator = np.random.default_rng(0)
    answers = {
        f"l{i}": {"add": "".join(generator.choice(list("01"), generator.integers(1, 13), p=[0.35, 0.65]))}
        for i in range(300)
    }
    table = by_hand(answers)
    times, events = [], []
    for own in answers.values():
        found = own["add"].find("111")
        times.append(found + 3 if found >= 0 else len(own["add"]))
        events.append(1 if found >= 0 else 2)  # leaving is the competing event
    fitted = AalenJohansenFitter(calculate_variance=False, jitter_level=1e-9, seed=0).fit(
        times, events, event_of_interest=1
    )
    expected = float(fitted.cumulative_density_.loc[:8.5].iloc[-1, 0])
    assert at("dropout_adjusted_mastery[three_in_a_row,8]", table) == pytest.approx(expected, abs=1e-6)


def test_who_is_right_from_the_first_answer_on_knew_the_skill(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "111", "sub": "0111"}, "bob": {"add": "11", "sub": "1110"}})
    assert at("already_known_share", table) == pytest.approx(2 / 4)
    assert at("already_known_share[ema>=0.3]", table) == pytest.approx(3 / 4)  # two right ones do it


def test_a_model_s_own_rule_warns_of_stops_that_hang_on_it(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "111"}}, mastery={"ann": {"add": [0.5, 0.9, 0.97]}})
    note = find("time_to_mastery_opportunities[model>=0.95,3]").statistic(table).note(np.ones(1))
    assert "if practice ends when this model declares mastery" in note


def test_the_truth_is_a_rule_and_may_hold_before_the_first_answer(by_hand: ByHand) -> None:
    # ann knew add, bob learned it at his 2nd of 3, cat after what is seen here, dan never
    known_at = {"ann": {"add": 0}, "bob": {"add": 2}, "cat": {"add": 4}, "dan": {"add": -1}}
    table = by_hand({name: {"add": "000"} for name in known_at}, known_at=known_at)
    # S = 3/4 from the start, 1/2 from 2 on
    assert at("time_to_mastery_opportunities[truth,3]", table) == pytest.approx(0.75 * 2 + 0.5)
    assert at("time_to_mastery_median_opportunities[truth]", table) == 2
    assert at("mastered_share[truth,3]", table) == 0.5
    assert at("already_known_share[truth]", table) == 0.25
    assert at("over_practice_rate[truth]", table) == pytest.approx((3 + 1) / 12)
    assert at("mastered_at_end[truth]", table) == 0.5


def test_the_truth_is_only_for_those_of_whom_it_is_known(by_hand: ByHand) -> None:
    table = by_hand({"ann": {"add": "1"}, "bob": {"add": "1"}}, known_at={"ann": {"add": 1}})
    assert at("mastered_share[truth,1]", table) == 1
    assert "known_at" in find("mastered_share[truth,1]").lacks(by_hand({"ann": {"add": "1"}}))


def test_time_to_mastery_is_unbiased_where_the_mean_of_those_who_mastered_is_not() -> None:
    """Geometric mastery at a chance of .08 an opportunity, while a tenth leave at every opportunity."""
    generator = np.random.default_rng(0)
    mastery, leaving = generator.geometric(0.08, 40_000), generator.geometric(0.1, 40_000)
    watched = Watched.of(
        np.minimum(mastery, leaving).astype(float), mastery <= leaving, np.arange(40_000, dtype=np.int32)
    )
    everyone = np.ones((1, 40_000))
    true_mean = np.minimum(mastery, 20).mean()
    naive = mastery[mastery <= leaving].mean()
    assert watched.restricted_mean(20)(everyone)[0] == pytest.approx(true_mean, abs=0.15)
    assert watched.median()(everyone)[0] == np.median(mastery)
    assert naive < 0.7 * mastery.mean()
