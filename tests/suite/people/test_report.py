"""What a report says of ratings whose truth is known, of judges, of references among the systems, and of nothing."""

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from attain.core.errors import UserError
from attain.data.load import load
from attain.metrics.correlation import Coefficient
from attain.suite.people.facts import Facts, agreements_of, dimensions_of, notes_of
from attain.suite.people.pieces import Pieces, pieces_of, shortened
from attain.suite.people.read import Read, no_preferences, no_ratings
from attain.suite.people.report import (
    PEOPLE,
    facts_of,
    imported,
    keep_recorded,
    kept,
    make_report,
    report_recorded,
    scale_of,
    values_of,
)
from attain.suite.people.scale import Scale
from attain.tracking import artifacts
from attain.tracking.store import Store


def facts(store: Store, pieces: Pieces, *coefficients: Coefficient) -> Facts:
    """What follows from the ratings that came with the data, without the figures."""
    keep_recorded(store, pieces)
    read, scale = kept(store, pieces.suite_run), scale_of(store, pieces.suite_run)
    return facts_of(read, pieces, values_of(store, pieces), scale, coefficients)


def test_ratings_that_came_with_the_data_are_kept_once(store: Store, pieces: Pieces) -> None:
    assert keep_recorded(store, pieces)
    assert keep_recorded(store, pieces)
    ratings = kept(store, pieces.suite_run).ratings
    recorded = load("small_lessons").log.ratings
    assert len(ratings) == len(recorded)
    assert set(ratings["system"]) == {"recorded system=careful", "recorded system=plain", "recorded system=careless"}
    assert ratings["value"].sum() == recorded["value"].sum()
    assert scale_of(store, pieces.suite_run) == Scale(1, 5)
    assert len(imported(store, pieces.suite_run)["files"]) == 1


def test_a_report_finds_what_the_made_up_writers_and_raters_are_like(store: Store, pieces: Pieces) -> None:
    found = facts(store, pieces)
    assert found.unrated == ("template",)
    clarity = next(d for d in found.dimensions if d.name == "answerability")
    means = {m.system.rpartition("=")[2]: m.value or 0 for m in clarity.rated.means}
    assert means["careful"] > means["plain"] > means["careless"]
    assert all(d.better != "recorded system=careless" for d in clarity.rated.differences if d.clear)
    strict = load("small_lessons").truth["raters"].set_index("rater")["strictness"]
    severity = {s.rater: s.value or 0 for s in clarity.severities}
    above = [severity[rater] for rater in strict.index]
    assert abs(stats.pearsonr(above, strict).statistic) > 0.9
    alpha = {a.level: a.value or 0 for a in clarity.alphas}
    assert 0 < alpha["nominal"] < alpha["interval"] < 1


def test_a_report_is_kept_as_facts_and_figures(store: Store, pieces: Pieces) -> None:
    found = report_recorded(store, pieces.suite_run)
    assert found is not None
    said = json.loads(artifacts.read_bytes(store, pieces.suite_run, PEOPLE))
    assert [d["name"] for d in said["dimensions"]] == [d.name for d in found.dimensions]
    assert said["scale"] == [1, 5]
    paths = {file.path for file in store.artifacts_under(pieces.suite_run, "figures")}
    assert {"figures/ratings.svg", "figures/agreement.png", "figures/metric_against_people-clarity.svg"} <= paths


def test_a_metric_is_held_against_people_on_the_same_pieces(store: Store, pieces: Pieces) -> None:
    found = facts(store, pieces, "pearson", "kendall_b")
    one = next(
        a.correlation
        for a in found.agreements
        if (a.dimension, a.correlation.level, a.correlation.coefficient) == ("clarity", "pooled", "kendall_b")
    )
    ratings = kept(store, pieces.suite_run).ratings
    human = ratings[ratings["dimension"] == "clarity"].groupby(["system", "prompt"])["value"].mean()
    words = pieces.frame.set_index(["system", "prompt"])["text"].astype(str).str.split().str.len()
    both = pd.concat([human, words.reindex(human.index)], axis=1)
    assert one.value == pytest.approx(stats.kendalltau(both["value"], both["text"]).statistic, abs=0.02)
    system = next(a.correlation for a in found.agreements if a.correlation.level == "system")
    assert (system.low, system.n) == (None, 3)
    assert system.p is not None


def test_a_judge_stands_beside_the_people_and_changes_none_of_their_numbers(store: Store, pieces: Pieces) -> None:
    keep_recorded(store, pieces)
    people = kept(store, pieces.suite_run).ratings
    judge = people[people["rater"] == people["rater"].iloc[0]].assign(rater="gpt", kind="model")
    judge = judge.assign(value=(judge["value"] + 1).clip(upper=5))
    systems = sorted(set(people["system"]))
    alone = dimensions_of(people, systems, pieces.prompts)
    beside = dimensions_of(pd.concat([people, judge]), systems, pieces.prompts)
    for one, other in zip(alone, beside, strict=True):
        assert (one.rated, one.alphas, one.raters) == (other.rated, other.alphas, other.raters)
        assert one.judges == ()
        (found,) = other.judges
        assert (found.rater, found.n) == ("gpt", one.n_pieces)
        assert found.bias is not None
        assert 0 < found.bias < 1.6
        assert found.pearson is not None
        assert found.alpha is not None


def test_without_ratings_by_people_there_is_no_report(store: Store, pieces: Pieces) -> None:
    with pytest.raises(UserError, match=r"has no ratings\. Import some: attain ratings import SUITE FILE"):
        make_report(store, pieces)
    keep_recorded(store, pieces)
    only = kept(store, pieces.suite_run).ratings.assign(kind="model")
    with pytest.raises(UserError, match="a model's alone say nothing of people"):
        facts_of(Read(only, no_preferences()), pieces, {}, Scale(1, 5))
    assert not len(no_ratings())


def test_a_single_rater_and_equal_ratings_have_reasons_instead_of_numbers(pieces: Pieces) -> None:
    rows = [(p, 0, s, "ann", "person", "clarity", 3.0) for p in pieces.prompts[:4] for s in pieces.systems[:2]]
    columns = ["prompt", "sample", "system", "rater", "kind", "dimension", "value"]
    found = facts_of(Read(pd.DataFrame(rows, columns=columns), no_preferences()), pieces, {}, Scale(1, 5))
    (clarity,) = found.dimensions
    assert clarity.alphas[0].reason == "a single rater cannot agree with anyone"
    assert clarity.rated.means[0].reason == "a single rater cannot tell how raters differ"
    assert clarity.note.startswith("One rater: ")
    both = pd.DataFrame([*rows, *((p, n, s, "bo", k, d, v) for p, n, s, _, k, d, v in rows)], columns=columns)
    (clarity,) = facts_of(Read(both, no_preferences()), pieces, {}, Scale(1, 5)).dimensions
    assert clarity.alphas[1].reason.startswith("all ratings are equal (3)")
    assert clarity.rated.means[0].reason == "all its ratings are equal, so that drawing them anew tells nothing"


def test_where_a_system_is_the_reference_metrics_are_shown_with_it_and_without() -> None:
    generator = np.random.default_rng(0)
    systems, prompts = ["a", "b", "c", "reference"], [f"p{i}" for i in range(30)]
    human = generator.integers(1, 6, (4, 30)).astype(float)
    metric = generator.random((4, 30))
    metric[3], human[3] = 1.0, 5.0
    rows = [
        (p, 0, s, r, "person", "clarity", human[i, j])
        for i, s in enumerate(systems)
        for j, p in enumerate(prompts)
        for r in ("x", "y")
    ]
    columns = ["prompt", "sample", "system", "rater", "kind", "dimension", "value"]
    found = agreements_of(
        pd.DataFrame(rows, columns=columns), {"rouge": metric}, systems, prompts, ["reference"], ["pearson"]
    )
    pooled = {a.without: a.correlation for a in found if a.correlation.level == "pooled"}
    assert pooled[()].value == pytest.approx(stats.pearsonr(metric.ravel(), human.ravel()).statistic)
    assert pooled["reference",].value == pytest.approx(stats.pearsonr(metric[:3].ravel(), human[:3].ravel()).statistic)
    assert (pooled[()].value or 0) > 0.2 > (pooled["reference",].value or 0)


def test_systems_that_put_out_the_references_are_found(pieces: Pieces) -> None:
    assert pieces.references == []
    table = next(iter(pieces.tables.values()))
    first = table.frame.assign(text=[json.loads(r)[0] for r in table.frame["references"]])
    copied = type(table)(first)
    among = Pieces(pieces.suite_run, pieces.suite, {**pieces.tables, "gold": copied}, pieces.runs)
    assert among.references == ["gold"]


def test_a_ceiling_is_said(store: Store, pieces: Pieces) -> None:
    keep_recorded(store, pieces)
    ratings = kept(store, pieces.suite_run).ratings
    assert notes_of(ratings, Scale(1, 5)) == ()
    high = ratings.assign(value=np.where(np.arange(len(ratings)) % 10 < 9, 5.0, 2.0))
    assert notes_of(high, Scale(1, 5)) == (
        "90% of all ratings are the highest value: agreement and correlations rest on the few others.",
    )
    assert notes_of(ratings.assign(value=1.0), Scale(1, 5)) == (
        "All ratings are the lowest value, so they tell no system from another.",
    )


def test_metrics_that_differ_between_no_pieces_are_left_out(store: Store, pieces: Pieces) -> None:
    values = values_of(store, pieces)
    assert list(values) == ["text_length"]
    frame = pieces.frame[pieces.frame["system"] == pieces.systems[0]]
    counted = {p: len(str(t).split()) for p, t in zip(frame["prompt"], frame["text"], strict=True)}
    assert values["text_length"][0].tolist() == [counted[p] for p in pieces.prompts]


def test_a_run_that_is_no_suite_of_generators_has_no_pieces(store: Store, pieces: Pieces) -> None:
    run = next(iter(pieces.runs.values()))
    with pytest.raises(UserError, match="is not the run of a suite; ratings belong to a suite as a whole"):
        pieces_of(store, run.run_id)
    other = store.create_run(run.experiment_id, "kt", tags={"attain.kind": "suite"}, params={"task": "tracing"})
    with pytest.raises(UserError, match="Suite 'kt' is of tracing; ratings are of what generators put out"):
        pieces_of(store, other.run_id)
    assert report_recorded(store, other.run_id) is None


def test_short_names_stay_distinct() -> None:
    assert shortened(["m a=1", "m a=2"]) == {"m a=1": "1", "m a=2": "2"}
    assert shortened(["m a=1", "m a=2", "1"]) == {name: name for name in ("m a=1", "m a=2", "1")}
