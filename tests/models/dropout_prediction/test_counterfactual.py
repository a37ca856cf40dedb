from dataclasses import replace

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.models.dropout_prediction._counterfactual import smallest_changes
from attain.models.dropout_prediction.logistic_regression import LogisticRegression
from attain.models.dropout_prediction.random_forest import RandomForest
from attain.tasks.context import FitContext
from attain.testing.small_enrolments import small_enrolments

TRAIN, LOG = small_enrolments(0, learners=300), small_enrolments(1)


def fitted(kind: type[LogisticRegression] | type[RandomForest], **params: object) -> LogisticRegression | RandomForest:
    model = kind.create(**params)
    model.fit(TRAIN, FitContext())
    return model


@pytest.mark.parametrize(("kind", "params"), [(LogisticRegression, {}), (RandomForest, {"trees": 5})])
def test_with_the_change_made_the_score_is_what_was_said(kind: type[LogisticRegression], params: dict) -> None:
    model = fitted(kind, **params)
    table = smallest_changes(model, LOG, 0.6)
    assert len(table) > 20
    assert (table["score"] >= 0.6).all()
    assert (table["score_then"] < 0.6).all()
    at = {int(row): place for place, row in enumerate(LOG.row)}
    for found in table.iloc[::7].itertuples():
        one = LOG.take(np.array([at[found.example]])).without_outcome()
        features = model.features(one)
        fact = features[found.feature]
        assert fact.values[0] == found.now
        changed = {**features, found.feature: replace(fact, values=np.array([found.needed]))}
        assert model.predict_from(one, changed)[0] == pytest.approx(found.score_then)


def test_for_a_line_no_nearer_value_would_do() -> None:
    model = fitted(LogisticRegression, features=["assessments"])
    table = smallest_changes(model, LOG, 0.6)
    columns = model.columns
    for found in table.itertuples():
        at = int(np.flatnonzero(columns.names == found.feature)[0])
        slope = model.fitted.coef_[0, at] / columns.scale[at]
        odds = [np.log(p / (1 - p)) for p in (found.score, 0.6)]
        edge = found.now + (odds[1] - odds[0]) / slope
        beyond = columns.steps[at][(columns.steps[at] - edge) * np.sign(edge - found.now) > 0]
        assert np.abs(beyond - found.now).min() == pytest.approx(abs(found.needed - found.now))


def test_only_what_a_learner_could_do_something_about_is_changed() -> None:
    found = set(smallest_changes(fitted(RandomForest, trees=5), LOG, 0.5)["feature"])
    assert found
    assert found.isdisjoint({"gender", "region", "credits", "earlier_attempts", "course", "assessments_due"})


def test_the_smallest_change_of_an_enrolment_comes_first() -> None:
    table = smallest_changes(fitted(LogisticRegression), LOG, 0.6)
    assert table.groupby("example")["share"].is_monotonic_increasing.all()
    assert table["share"].between(0, 1).all()


def test_where_nobody_is_flagged_there_is_nothing_to_change() -> None:
    table = smallest_changes(fitted(LogisticRegression), LOG, 1.01)
    assert len(table) == 0
    assert "needed" in table


def test_sets_of_facts_are_changed_only_where_a_suite_says_that_one_can() -> None:
    model = fitted(LogisticRegression, actionable=["registration"])
    assert "credits" in set(smallest_changes(model, LOG, 0.55)["feature"])
    with pytest.raises(UserError, match="who a learner is, is never shown as a reason"):
        LogisticRegression.create(actionable=["demographics"])
