"""A suite of scored answers goes from a file to verdicts, with each part apart all the way."""

import csv
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.load import load
from attain.metrics.evaluate import evaluate
from attain.models.answer_scoring.question_mean import QuestionMean
from attain.models.answer_scoring.tfidf_ridge import TfidfRidge
from attain.suite.config import read_suite
from attain.suite.execute import Execution
from attain.suite.plan import make_plan
from attain.suite.progress import View
from attain.suite.report import Table, tables
from attain.tasks import answer_scoring
from attain.tasks.context import FitContext
from attain.testing.small_answers import small_answers
from attain.tracking.store import Store, open_store

CARD = """\
title: Invented answers
tasks: [answer_scoring]
description: For a test.
licence: {name: none, redistribution: true}
scored_answers:
  {file: answers.csv, question: q, wording: asks, reference: reference, response: response, points: points, part: part}
"""
SUITE = """\
suite: small
task: answer_scoring
datasets: [invented]
split: {by: part}
models: [token_overlap, tfidf_ridge]
metrics:
  - quadratic_weighted_kappa[5,unseen_answers]
  - quadratic_weighted_kappa[5,unseen_questions]
  - score_rmse[unseen_questions]
replicates: 100
"""


@pytest.fixture
def folder(home: Path) -> Path:
    """A working folder with a data set of invented answers."""
    own = home / "datasets" / "invented"
    own.mkdir(parents=True)
    (own / "card.yaml").write_text(CARD)
    log = small_answers(answers=40)
    with (own / "answers.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["q", "asks", "reference", "response", "points", "part"])
        for q, text, points, part in zip(log.question, log.response, log.points, log.part, strict=True):
            reference = " ".join(log.references_of(q))
            writer.writerow([log.questions[q], log.wording[q], reference, text, points, log.parts[part]])
    return home


def run(text: str, home: Path) -> tuple[Store, Table]:
    (home / "small.yaml").write_text(text)
    uri = f"sqlite:///{home / 'attain.db'}"
    outcome = Execution(make_plan(read_suite("small.yaml")), uri, workers=1, threads=1, view=View()).run()
    assert not outcome.failed
    store = open_store(uri)
    [table] = tables(store, outcome.suite_run)
    return store, table


def test_parts_stand_apart_in_the_table_and_in_the_verdicts(folder: Path) -> None:
    store, table = run(SUITE, folder)
    kappa = "quadratic_weighted_kappa[5,unseen_answers]"
    values = {c.label: c.values for c in (*table.columns, *table.baselines)}
    assert (values["tfidf_ridge"][kappa].value or 0) > 0.7 > (values["question_mean"][kappa].value or 0)
    error = {label: own["score_rmse[unseen_questions]"].value or 9 for label, own in values.items()}
    assert error["token_overlap"] < 0.8 * error["question_mean"]
    assert all(own["score_rmse[unseen_questions]"].low is not None for own in values.values())
    assert table.units == "questions"
    assert {c.values["score_rmse[unseen_questions]"].n_units for c in table.columns} == {2}
    said = table.verdicts()
    assert any("unseen_answers" in sentence for sentence in said)
    assert any("unseen_questions" in sentence for sentence in said)
    of_two = [sentence for sentence in said if "unseen_questions" in sentence]
    assert not any(" is better than " in sentence for sentence in of_two)
    best = table.columns[0]
    assert "4 of 52 answers of unseen_answers stand word for word" in best.beside
    kept = {file.path for file in store.artifacts_under(best.run_id)}
    assert {"figures/agreement.png", "predictions.parquet", "values.json"} <= kept
    assert not any("roc" in path or "calibration" in path for path in kept)


def test_questions_are_held_out_where_no_part_is_published(folder: Path) -> None:
    text = SUITE.replace("{by: part}", "{by: question, folds: 3}").replace("token_overlap, ", "")
    _, table = run(text.partition("metrics:")[0] + "replicates: 100\nbaselines: false\n", folder)
    for column in table.columns:
        assert [value.n_units for value in column.values.values()] == [6, 6, 6]
        assert column.values["quadratic_weighted_kappa[5]"].value is not None


def test_params_are_sought_on_questions_held_out_of_training(folder: Path) -> None:
    search = "{space: {penalty: {low: 0.1, high: 10}}, trials: 2, folds: 2, metric: score_rmse}"
    text = SUITE.replace("token_overlap, tfidf_ridge", f"{{name: tfidf_ridge, search: {search}}}")
    _, table = run(f"{text}baselines: false\n", folder)
    assert table.columns[0].values["score_rmse[unseen_questions]"].value is not None


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("{by: part}", "{by: learner}", "split by learner is not for scored answers"),
        ("{by: part}", "{by: part, train: train}", "'train'"),
        (
            "{by: part}",
            "{by: part, copies: keep}",
            r"(?s)small.yaml:3: .*The protocol guard stops this run.*copied_answers",
        ),
        ("{by: part}", "{by: part, copys: keep}", "small.yaml:4: .*Did you mean 'copies'"),
        ("[invented]", "[simulated]", "'simulated' holds interactions; answer_scoring is not for them"),
        ("score_rmse[unseen_questions]", "score_rmse[1,2]", "has 1 parameter"),
    ],
)
def test_a_mistake_in_the_file_is_told_before_anything_runs(folder: Path, old: str, new: str, words: str) -> None:
    assert old in SUITE
    (folder / "small.yaml").write_text(SUITE.replace(old, new))
    with pytest.raises(UserError, match=words):
        make_plan(read_suite("small.yaml"))


@pytest.mark.data
def test_on_the_real_set_words_tell_known_questions_apart_and_new_ones_hardly(home: Path) -> None:
    try:
        load("saf_short_answers")
    except UserError as missing:
        pytest.skip(str(missing))
    plan = make_plan(read_suite("short_answers"))
    dataset, parted = plan.runs[0].dataset, plan.runs[0].split
    fold = answer_scoring.make_fold(parted, dataset, 0)
    assert {run.model for run in plan.runs} == set(answer_scoring.MODELS.names())
    found = {}
    for model in (QuestionMean(), TfidfRidge()):
        table = answer_scoring.run(model, fold, FitContext())
        found[model.name] = {v.metric: v for v in evaluate(table, plan.metrics, replicates=0)}
    known, new = (f"quadratic_weighted_kappa[5,unseen_{part}]" for part in ("answers", "questions"))
    assert found["tfidf_ridge"][known].value == pytest.approx(0.606, abs=0.005)
    assert found["tfidf_ridge"][new].value == pytest.approx(0.111, abs=0.005)
    assert found["question_mean"][new].value == pytest.approx(0, abs=1e-9)
    assert (found["tfidf_ridge"][known].n_units, found["tfidf_ridge"][new].n_units) == (26, 5)
    assert (found["tfidf_ridge"][known].n, found["tfidf_ridge"][new].n) == (357, 479)
    said = answer_scoring.said_beside(QuestionMean, parted, dataset, 0)
    assert said.startswith("15 of 375 answers of unseen_answers stand word for word")
    assert "maximum" not in said
