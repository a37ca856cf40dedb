import numpy as np
import pandas as pd
import pytest

from attain.core.table import Predictions
from attain.metrics.discover import find

DAY = 86_400.0


def table(times: dict[str, list[float]], **columns: list[float]) -> Predictions:
    rows = [{"unit": who, "step": k, "time_s": t} for who, own in times.items() for k, t in enumerate(own)]
    frame = pd.DataFrame(rows).assign(fold=0, score=0.5, **({"target": 1.0} | columns))
    return Predictions(frame.assign(example=np.arange(len(frame))))


def at(identity: str, given: Predictions) -> float:
    return float(find(identity).statistic(given).at(np.ones((1, len(given.units))))[0])


def test_stickiness_is_the_mean_share_of_days_on_which_a_learner_of_an_item_uses_it() -> None:
    # 30 learners on item a: 15 on two days of four, 15 on one; item b has one learner only
    times = {f"l{i}": [0.0, 10.0] + [DAY] * (i < 15) + [3.9 * DAY] * (i == 0) for i in range(30)}
    given = table(times)
    given.frame["item"] = ["b" if t == 3.9 * DAY else "a" for t in given.frame["time_s"]]
    given = Predictions(given.frame)
    assert at("content_stickiness_index[4d]", given) == pytest.approx((15 * 2 + 15 * 1) / 30 / 4)
    statistic = find("content_stickiness_index[4d]").statistic(given)
    assert statistic.note(np.ones(30)) == "items left out with fewer than 30 learners: 1"
    only = np.zeros((1, 30))
    only[0, 0] = 1
    assert statistic.at(only)[0] == pytest.approx(2 / 4)


def test_stickiness_needs_thirty_learners() -> None:
    given = table({"ann": [0.0]})
    given.frame["item"] = "a"
    statistic = find("content_stickiness_index").statistic(Predictions(given.frame))
    assert np.isnan(statistic.at(np.ones((1, 1)))[0])
    assert "no item has 30 learners" in statistic.why(np.ones(1))


def test_completion_is_of_the_catalogue_or_of_what_was_started() -> None:
    given = table({"ann": [0, 1, 2, 3], "bob": [0, 1]}, target=[0, 1, 1, 0, 1, 0])
    given.frame["item"] = ["a", "a", "b", "c", "a", "d"]
    given = Predictions(given.frame)
    # ann did a and b of a, b, c; bob did a of a, d; four items in all
    assert at("content_completion_rate[catalogue]", given) == pytest.approx((2 / 4 + 1 / 4) / 2)
    assert at("content_completion_rate[started]", given) == pytest.approx((2 / 3 + 1 / 2) / 2)
