"""The metrics on real interactions, against what other libraries make of the same rows."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from attain.core.table import Predictions
from attain.data.load import load
from attain.metrics.discover import find

NAME = "statistics_cloze"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Predictions:
    folders = os.environ.get("ATTAIN_DATA", "").split(os.pathsep)
    if not any((Path(folder) / NAME).is_dir() for folder in folders if folder):
        pytest.skip(f"no folder of ATTAIN_DATA holds {NAME}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTAIN_HOME", str(tmp_path_factory.mktemp("home")))
        frame = load(NAME).log.frame()
    frame = frame.rename(columns={"learner": "unit", "correct": "target"})
    return Predictions(frame.assign(fold=0, example=np.arange(len(frame)), score=0.5, target=frame["target"] * 1.0))


def at(identity: str, table: Predictions) -> float:
    return float(find(identity).statistic(table).at(np.ones((1, len(table.units))))[0])


def first_three_in_a_row(answers: "pd.Series[float]") -> tuple[int, bool]:
    text = "".join("1" if answer else "0" for answer in answers)
    found = text.find("111")
    return (found + 3, True) if found >= 0 else (len(text), False)


@pytest.mark.data
def test_time_to_mastery_is_that_of_lifelines_on_a_plain_loop(table: Predictions) -> None:
    pairs = [first_three_in_a_row(own["target"]) for _, own in table.frame.groupby(["unit", "skill"], sort=False)]
    time, event = np.array(pairs).T
    peer = KaplanMeierFitter().fit(time, event)
    expected = restricted_mean_survival_time(peer, t=10)
    assert at("time_to_mastery_opportunities[three_in_a_row,10]", table) == pytest.approx(expected)
    assert at("mastered_share[three_in_a_row,10]", table) == pytest.approx(1 - float(peer.predict(10)))
    assert at("time_to_mastery_median_opportunities", table) == peer.median_survival_time_


@pytest.mark.data
def test_sessions_and_days_are_those_of_a_plain_loop(table: Predictions) -> None:
    sessions, days = [], []
    for _, own in table.frame.groupby("unit"):
        times = own["time_s"].sort_values()
        sessions.append(1 + int((times.diff() > 1800).sum()))
        days.append((times // 86_400).nunique())
    assert at("sessions[30m]", table) == pytest.approx(np.mean(sessions))
    assert at("active_days", table) == pytest.approx(np.mean(days))
