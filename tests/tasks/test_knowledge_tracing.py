from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.core.component import Params
from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.data.dataset import Dataset
from attain.data.interactions import Interactions
from attain.data.split import ByLearner, ByTime, Fold, make
from attain.metrics.compare import compare
from attain.metrics.discover import find
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer, columns, judge, run
from attain.testing.small import make_log

# ann answers 0 1 1 | 1 0 and bob 1 | 1, the bar being the cut; item 0 is add, item 1 is add and sub, item 2 none
LOG = replace(
    make_log(
        np.array([0, 0, 0, 0, 0, 1, 1]),
        np.array([0, 1, 0, 0, 2, 1, 1]),
        np.array([0, 1, 1, 1, 0, 1, 1]),
        [[0], [0, 1], []],
    ),
    row=np.arange(100, 107),
    time_s=np.array([1.0, 2, 3, 11, 12, 4, 13]),
)
DATASET = Dataset("made", LOG, "")
CUT = make(ByTime(train_share=0.5), LOG, None, 0)


class StepOverTen(KnowledgeTracer):
    """Scores a row by its place in the learner's history, so that a row in the wrong place is seen."""

    name = "step_over_ten"
    params: Params

    def fit(self, log: Interactions, context: FitContext) -> None:
        pass

    def predict(self, log: Interactions) -> NDArray[np.floating]:
        return log.step / 10

    def save(self, folder: Path) -> None:
        pass

    @classmethod
    def load(cls, folder: Path) -> Self:
        return cls()


class WithMastery(StepOverTen):
    def mastery(self, log: Interactions) -> NDArray[np.floating]:
        return np.repeat(log.step / 20, np.diff(log.skill_start))


def value(table: Predictions, identity: str) -> float:
    return float(find(identity).statistic(table).at(np.ones((1, len(table.units))))[0])


def test_each_held_out_answer_is_a_row_with_its_own_score() -> None:
    frame = judge(StepOverTen(), make(ByLearner(folds=2), LOG, None, 0)).frame
    held_out = LOG.take(np.isin(LOG.row, frame["example"]))
    assert frame["example"].tolist() == held_out.row.tolist()
    assert frame["unit"].tolist() == held_out.learners[held_out.learner].tolist()
    assert frame["item"].tolist() == held_out.items[held_out.item].tolist()
    assert frame["skill"].tolist() == list(held_out.skill_text)
    assert frame["target"].tolist() == held_out.correct.tolist()
    assert frame["step"].tolist() == held_out.step.tolist()
    assert frame["score"].tolist() == (held_out.step / 10).tolist()
    assert frame["time_s"].tolist() == held_out.time_s.tolist()


def test_where_no_row_is_history_there_is_no_such_column() -> None:
    assert "scored" not in judge(StepOverTen(), make(ByLearner(folds=2), LOG, None, 0)).frame


def test_history_before_the_cut_is_kept_and_told_from_what_is_judged() -> None:
    frame = judge(StepOverTen(), CUT).frame
    assert frame["example"].tolist() == [100, 101, 102, 103, 104, 105, 106]
    assert frame["scored"].tolist() == [False, False, False, True, True, False, True]


def test_only_the_answers_after_the_cut_are_judged() -> None:
    answers = judge(StepOverTen(), CUT).rows("answer")
    assert answers["example"].tolist() == [103, 104, 106]
    assert answers["score"].tolist() == [0.3, 0.4, 0.1]
    assert value(judge(StepOverTen(), CUT), "share_correct") == pytest.approx(2 / 3)


def test_opportunities_count_from_the_learners_start_and_not_from_the_cut() -> None:
    pairs = judge(StepOverTen(), CUT).rows("pair")
    assert pairs["example"].tolist() == [103, 106, 106]
    assert pairs.opportunity.tolist() == [4, 2, 2]


def test_practice_before_the_cut_counts_towards_mastery() -> None:
    # on add ann has 0 1 1 1: three in a row at her 4th opportunity, of which one comes after the cut
    table = judge(StepOverTen(), CUT)
    ann = np.array([[1.0, 0.0]])
    assert find("time_to_mastery_median_opportunities").statistic(table).at(ann)[0] == 4
    assert find("over_practice_rate").statistic(table).at(ann)[0] == 0


def test_mastery_is_kept_for_history_too_and_stands_with_its_answer() -> None:
    table = judge(WithMastery(), CUT)
    assert table.rows("pair").numbers("mastery") == pytest.approx([0.15, 0.05, 0.05])
    assert table.rows("practice").numbers("mastery") == pytest.approx([0, 0.05, 0.1, 0.15, 0.05, 0, 0.05, 0, 0.05])


def test_history_is_not_compared_on() -> None:
    by_time = judge(StepOverTen(), CUT)
    whole = Fold(0, LOG, LOG, np.ones(len(LOG), dtype=bool))
    metrics = [find("share_correct"), find("time_to_mastery_median_opportunities")]
    rate, mastery = compare(by_time, judge(StepOverTen(), whole), metrics, replicates=0)
    assert (rate.a, rate.b, rate.dropped, rate.n_units) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 4, 2)
    assert (mastery.a, mastery.b) == (4, 4)


def test_the_columns_said_beforehand_are_those_of_the_table() -> None:
    for model in (StepOverTen(), WithMastery()):
        assert judge(model, make(ByLearner(folds=2), LOG, None, 0)).columns == columns(DATASET, type(model))
        assert judge(model, CUT).columns == columns(DATASET, type(model)) | {"scored"}


def test_a_run_fits_on_the_training_part_only_and_judges_the_held_out_part() -> None:
    class Remembers(StepOverTen):
        def fit(self, log: Interactions, context: FitContext) -> None:
            self.rows = log.row.tolist()

    model = Remembers()
    table = run(model, CUT, FitContext())
    assert model.rows == [100, 101, 102, 105]
    assert table.frame.equals(judge(model, CUT).frame)


def test_a_score_that_is_no_probability_is_refused() -> None:
    class TooSure(StepOverTen):
        def predict(self, log: Interactions) -> NDArray[np.floating]:
            return np.full(len(log), 1.5)

    with pytest.raises(UserError, match="not numbers in"):
        judge(TooSure(), CUT)
