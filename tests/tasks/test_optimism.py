"""What a random split flatters is printed beside it, and resampling inside the fold cannot flatter at all."""

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import HistGradientBoostingClassifier

from attain.data.dataset import Dataset
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


def test_rates_of_courses_that_move_are_known_to_a_random_split_and_not_in_use() -> None:
    found = optimism(CourseRate.create, made(courses=6, terms=5, drift=1.2, learners=100))
    assert found.by_time is not None
    assert found.gap == pytest.approx(found.at_random - found.by_time)
    assert found.folds == 5
    assert f"AUC {found.by_time:.3f} on a later term, as in use" in found.sentence
    assert f"{found.gap:+.3f} that will not be there in use" in found.sentence


def test_a_random_split_that_does_not_flatter_is_not_said_to() -> None:
    assert Optimism(0.71, 0.70, 5).sentence.endswith("reaches 0.700 on learners dealt at random: no more than in use.")


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
