from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.metrics.discover import find

MINUTE, DAY = 60.0, 86_400.0


def table(times: dict[str, list[float]], **columns: list[float]) -> Predictions:
    rows = [{"unit": who, "step": k, "time_s": t} for who, own in times.items() for k, t in enumerate(own)]
    frame = pd.DataFrame(rows).assign(fold=0, score=0.5, **({"target": 1.0} | columns))
    return Predictions(frame.assign(example=np.arange(len(frame))))


def at(identity: str, given: Predictions) -> float:
    return float(find(identity).statistic(given).at(np.ones((1, len(given.units))))[0])


def test_a_pause_of_more_than_thirty_minutes_begins_a_session() -> None:
    given = table({"ann": [0, 30 * MINUTE, 60.5 * MINUTE], "bob": [5.0]})
    assert at("sessions[30m]", given) == (2 + 1) / 2
    assert at("sessions[31m]", given) == 1
    assert at("sessions[29m]", given) == (3 + 1) / 2


def test_time_on_task_adds_up_the_short_pauses_only() -> None:
    given = table({"ann": [0, 10 * MINUTE, 60 * MINUTE, 65 * MINUTE], "bob": [5.0]})
    assert at("time_on_task_minutes[30m]", given) == (10 + 5) / 2
    assert at("time_on_task_minutes[50m]", given) == 65 / 2


def test_active_days_are_counted_once_each() -> None:
    given = table({"ann": [0, 100, DAY - 1, DAY, 5 * DAY], "bob": [DAY, DAY + 1]})
    assert at("active_days", given) == (3 + 1) / 2


def test_answers_out_of_order_in_time_and_without_time_do_no_harm() -> None:
    given = table({"ann": [60 * MINUTE, 0, np.nan, 1 * MINUTE], "bob": [np.nan]})
    assert at("sessions[30m]", given) == 2
    assert at("active_days", given) == 1
    assert at("time_on_task_minutes[30m]", given) == 1


def test_seconds_per_correct_answer_is_a_ratio_of_sums_with_long_answers_capped() -> None:
    given = table({"ann": [0, 1, 2], "bob": [0, 1]}, duration_s=[10, 900, 20, np.nan, 40], target=[1, 0, 1, 1, 0])
    assert at("seconds_per_correct_answer", given) == (10 + 600 + 20 + 40) / 2
    assert at("seconds_of_correct_answers", given) == 15
    said = find("seconds_per_correct_answer").statistic(given).note(np.ones(2))
    assert said == (
        "1 of 5 answers left out: the duration is not known; 1 of 4 durations capped at 600 s: they took longer"
    )


def test_without_a_right_answer_the_price_of_one_is_undefined() -> None:
    given = table({"ann": [0, 1]}, duration_s=[10, 10], target=[0, 0])
    assert np.isnan(at("seconds_per_correct_answer", given))
    assert np.isnan(at("seconds_of_correct_answers", given))


def test_a_set_without_times_has_no_sessions() -> None:
    given = table({"ann": [np.nan, np.nan]})
    assert find("sessions").lacks(given) == "needs time_s, which this run does not have"


@pytest.mark.parametrize("pause", ["30", "0m", "half an hour"])
def test_a_pause_is_given_in_minutes(pause: str) -> None:
    with pytest.raises(UserError, match="Expected minutes, such as '30m'"):
        find(f"sessions[{pause}]")


def test_sessions_agree_with_a_loop_over_sorted_times() -> None:
    rng = np.random.default_rng(0)
    times = {f"l{k}": list(rng.integers(0, 40_000, rng.integers(1, 30)).astype(float)) for k in range(20)}
    counts = []
    for own in times.values():
        ordered = sorted(own)
        counts.append(1 + sum(b - a > 600 for a, b in pairwise(ordered)))
    assert at("sessions[10m]", table(times)) == pytest.approx(np.mean(counts))


def test_a_session_of_one_answer_is_a_bounce() -> None:
    given = table({"ann": [0, MINUTE, 100 * MINUTE], "bob": [5.0]})
    assert at("bounce_rate[30m]", given) == pytest.approx(2 / 3)
    assert at("bounce_rate[120m]", given) == pytest.approx(1 / 2)


def test_who_comes_back_within_the_days_has_returned_and_late_comers_are_left_out() -> None:
    given = table(
        {
            "ann": [0, 100.0],  # never on a later day
            "bob": [0, 3 * DAY],
            "cat": [0, 9 * DAY],  # too late
            "dan": [8 * DAY],  # not watched for a week
        }
    )
    assert at("return_rate@7d", given) == pytest.approx(1 / 3)
    assert at("return_rate@9d", given) == pytest.approx(2 / 3)
    note = find("return_rate@7d").statistic(given).note(np.ones(4))
    assert note == "1 of 4 learners left out: they came too late to be watched as long"
