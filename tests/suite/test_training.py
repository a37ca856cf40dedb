"""Arms of training: who is learned from changes, who is judged does not."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.core.rng import rng
from attain.data import split
from attain.data.load import load
from attain.data.split import ByLearner
from attain.models.knowledge_tracing.bkt import BKT
from attain.suite.config import read_suite
from attain.suite.execute import Execution
from attain.suite.plan import Job, make_plan
from attain.suite.progress import View
from attain.suite.report import model_runs, tables
from attain.suite.training import Segmented, trained
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import HasMastery
from attain.tracking.store import default_uri, open_store

Write = Callable[..., Path]
OPTIONS: dict[str, object] = {"learners": 120, "skills": 3, "items": 9, "answers": 20}


def job_of(path: Path) -> Job:
    return make_plan(read_suite(str(path))).runs[-1].jobs[0]


def test_a_learner_of_a_segment_is_predicted_by_the_model_of_it(write_suite: Write, tmp_path: Path) -> None:
    data = load("simulated", OPTIONS)
    fold = split.make(ByLearner(folds=2), data.log, None, 0)
    text = write_suite(training="training: [segment]", segment="segment: school", models="models: [bkt]").read_text()
    job = job_of(write_suite(text.replace("learners: 40", "learners: 120")))
    model = trained(job, BKT, fold.train, data, FitContext(rng(0)))
    assert isinstance(model, Segmented)
    assert isinstance(model, HasMastery)
    assert set(model.models) == {"Lakeview"} | set(model.models)
    assert data.cohorts is not None
    school = data.cohorts["school"].reindex(data.log.learners).to_numpy()
    alone = BKT()
    of_school = fold.train.present[school[fold.train.present] == "Lakeview"]
    alone.fit(fold.train.of_learners(of_school), FitContext(rng(0)))
    rows = school[fold.test.learner] == "Lakeview"
    np.testing.assert_array_equal(model.predict(fold.test)[rows], alone.predict(fold.test.take(rows)))
    small = school[fold.test.learner] == "Oakwood"
    assert "Oakwood" not in model.models, "it has too few learners"
    np.testing.assert_array_equal(model.predict(fold.test)[small], model.everyone.predict(fold.test.take(small)))
    pairs = np.repeat(rows, np.diff(fold.test.skill_start))
    np.testing.assert_array_equal(model.mastery(fold.test)[pairs], alone.mastery(fold.test.take(rows)))
    model.save(tmp_path)
    np.testing.assert_array_equal(BKT.load(tmp_path / "all").predict(fold.test), model.everyone.predict(fold.test))
    with pytest.raises(UserError, match="a model for each segment"):
        Segmented.load(tmp_path)


def test_arms_stand_beside_each_other_on_the_same_learners(write_suite: Write) -> None:
    lines = {
        "training": "training: [all, segment, all_and_simulated]",
        "segment": "segment: school",
        "simulated_learners": "simulated_learners: 30",
    }
    outcome = Execution(
        make_plan(read_suite(str(write_suite(**lines)))), default_uri(), workers=1, threads=1, view=View()
    ).run()
    assert not outcome.failed
    store = open_store()
    (table,) = tables(store, outcome.suite_run)
    assert {c.label for c in table.columns} == {
        f"prior_rate on {arm}" for arm in ("all", "segment", "all_and_simulated")
    }
    assert len({c.values["auc"].n for c in table.columns}) == 1
    assert any((v.cohort or "").startswith("school=") for v in table.columns[0].by_cohort), "results stand by segment"
    simulated = next(r for r in model_runs(store, store.get_run(outcome.suite_run)) if "all_and_simulated" in r.name)
    assert simulated.params["training.simulated_learners"] == "30"
    experiment = store.experiment_named("tiny")
    assert experiment is not None
    folds = store.search_runs([experiment.experiment_id], "tags.`attain.kind` = 'fold'").items
    learned_from = {r.params.get("training.on", "all"): r.metrics["learners/test"] for r in folds}
    assert set(learned_from.values()) == {20}


def test_a_segment_that_a_set_does_not_have_is_named_before_anything_runs(write_suite: Write) -> None:
    with pytest.raises(
        UserError, match=r"segment: Unknown cohort attribute of 'simulated' 'schol'. Did you mean 'school'"
    ):
        make_plan(read_suite(str(write_suite(segment="segment: schol"))))
    with pytest.raises(UserError, match=r"segment: `training: .segment.` needs a cohort attribute"):
        read_suite(str(write_suite(training="training: [segment]")))
