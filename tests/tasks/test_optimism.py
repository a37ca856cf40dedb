"""What a random split flatters is printed beside it, and resampling inside the fold cannot flatter at all."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import HistGradientBoostingClassifier

from attain.data.dataset import Dataset
from attain.data.enrolment_split import ByTerm
from attain.data.enrolments import Enrolments
from attain.data.features.table import feature_table
from attain.data.simulate.course_options import SimulateCoursesOptions
from attain.data.simulate.courses import simulated_courses
from attain.data.split import ByLearner
from attain.models.dropout_prediction.course_rate import CourseRate
from attain.models.dropout_prediction.gradient_boosting import GradientBoosting
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import make_fold, run
from attain.tasks.guard.features import auc
from attain.tasks.optimism import Optimism, optimism

SETS = ["demographics", "registration", "prior_results"]
"""Nothing in them tells who leaves next."""


def made(**options: object) -> Dataset[Enrolments]:
    return simulated_courses("simulated_courses", SimulateCoursesOptions.model_validate(options))


def test_the_same_model_is_judged_on_a_later_term_and_on_learners_dealt_at_random() -> None:
    dataset = made(courses=6, terms=5, drift=1.2, learners=100)
    found = optimism(CourseRate.create, dataset)
    frame = run(CourseRate.create(), make_fold(ByTerm(), dataset, 0), FitContext()).frame
    assert found.by_time == pytest.approx(auc(frame["score"].to_numpy(float), frame["target"].to_numpy(float)))
    assert found.gap == pytest.approx(found.at_random - found.by_time)
    assert found.folds == 5


def test_only_what_a_random_split_adds_is_called_flattery() -> None:
    more, less = Optimism(0.7, 0.75, 5), Optimism(0.7, 0.65, 5)
    assert more.sentence.endswith("0.750 on learners dealt at random: +0.050 that will not be there in use.")
    assert less.sentence.endswith("0.650 on learners dealt at random: no more than in use.")


def test_one_term_has_no_figure_by_time() -> None:
    found = optimism(CourseRate.create, made(terms=1, learners=80), at_random=ByLearner(folds=4, only=2))
    assert (found.by_time, found.gap, found.folds) == (None, None, 2)
    assert "cannot be told" in found.sentence


def test_smote_before_the_split_lifts_the_figure_and_inside_the_fold_it_cannot() -> None:
    dataset = made(outcome="withdrawn_within", horizon=7, learners=500)
    log = dataset.log
    assert 0.01 < log.outcome.mean() < 0.06
    columns = [fact.values.astype(float) for fact in feature_table(log, SETS).values()]
    x, y = SMOTE(random_state=0).fit_resample(np.nan_to_num(np.column_stack(columns), nan=-1), log.outcome)
    out = np.random.default_rng(0).random(len(y)) < 0.2
    model = HistGradientBoostingClassifier(random_state=0).fit(x[~out], y[~out])
    before = auc(model.predict_proba(x[out])[:, 1], y[out])

    def inside(imbalance: str) -> float:
        fold = make_fold(ByLearner(), dataset, 0)
        table = run(GradientBoosting.create(features=SETS, imbalance=imbalance), fold, FitContext()).frame
        return auc(table["score"].to_numpy(float), table["target"].to_numpy(float))

    assert before > 0.9
    assert inside("none") < 0.65
    assert inside("smote") < 0.65
