"""Runs beside each other: what a suite's paired tests say of them, how their texts differ, how curves are drawn."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

Filled = Any  # the class of the conftest


def beside(filled: Filled, *models: str, **asked: str) -> str:
    return "?" + urlencode([("run", filled.runs[model]) for model in models] + list(asked.items()))


def keep(filled: Filled, run_id: str, path: str, content: bytes) -> None:
    folder = f"/api/2.0/mlflow-artifacts/artifacts/{filled.experiment}/{run_id}/artifacts"
    assert filled.server.raw("PUT", f"{folder}/{path}", content)[0] == 200


def difference(a: str, b: str, value: float, p: float) -> dict[str, object]:
    ends = {"difference": value, "low": value - 0.01, "high": value + 0.01, "p": p, "p_holm": p}
    return {"metric": "auc", "direction": "max", "names": [a, b], "n_units": 40, "dropped": 0, **ends}


@pytest.fixture
def suite(filled: Filled) -> str:
    """The id of a suite's run that compared the three runs."""
    for model, run_id in filled.runs.items():
        for key, value in (("attain.label", model), ("attain.dataset", "algebra")):
            filled.server.post("runs/set-tag", run_id=run_id, key=key, value=value)
    tags = [{"key": "attain.kind", "value": "suite"}]
    run_id = str(filled.server.run(experiment_id=filled.experiment, run_name="suite", tags=tags))
    found = [
        difference("bkt", "dkt", -0.08, 0.0004),
        difference("bkt", "irt", -0.04, 0.01),
        difference("dkt", "irt", 0.02, 0.2),
    ]
    keep(filled, run_id, "members.json", json.dumps(list(filled.runs.values())).encode())
    keep(filled, run_id, "differences.json", json.dumps({"algebra": found}).encode())
    return run_id


def test_what_a_suite_found_learner_by_learner_goes_before_intervals(filled: Filled, suite: str) -> None:
    found = filled.facts(f"/compare.json{beside(filled, 'bkt', 'dkt', 'irt')}")
    assert [pair["verdict"] for pair in found["pairs"]] == [
        "dkt is better than bkt on auc by 0.080 [0.070, 0.090]",
        "irt is better than bkt on auc by 0.040 [0.030, 0.050]",
        "no clear difference between dkt and irt on auc: 0.020 [0.010, 0.030], corrected for several comparisons",
    ]
    (auc,) = [line for line in found["metrics"] if line["name"] == "auc"]
    assert auc["verdict"] == "no clear difference between dkt and irt"
    two = filled.facts(f"/compare.json{beside(filled, 'bkt', 'dkt')}")
    assert [line["verdict"] for line in two["metrics"] if line["name"] == "auc"] == [
        "dkt is better than each other, learner by learner"
    ]
    page = filled.page(f"/compare{beside(filled, 'bkt', 'dkt')}")
    assert "&lt; 0.001" in page


def test_a_run_that_the_suite_did_not_compare_leaves_only_the_intervals(filled: Filled, suite: str) -> None:
    keep(filled, suite, "members.json", json.dumps([filled.runs["bkt"]]).encode())
    found = filled.facts(f"/compare.json{beside(filled, 'bkt', 'dkt')}")
    assert found["pairs"] == []
    assert "attain compare" in filled.page(f"/compare{beside(filled, 'bkt', 'dkt')}")


@pytest.mark.parametrize("content", [b"no JSON", b"[1]", b'{"algebra": [{"metric": 1}]}', b'{"algebra": [3]}'])
def test_differences_that_somebody_else_wrote_break_no_page(filled: Filled, suite: str, content: bytes) -> None:
    keep(filled, suite, "differences.json", content)
    assert filled.facts(f"/compare.json{beside(filled, 'bkt', 'dkt')}")["pairs"] == []


def test_texts_that_differ_are_shown_line_by_line_and_equal_ones_are_not(filled: Filled) -> None:
    for model, change in (("bkt", b"+one\n+two\n"), ("dkt", b"+one\n+<script>three\n")):
        keep(filled, filled.runs[model], "code/uncommitted.diff", change)
        keep(filled, filled.runs[model], "environment.txt", b"numpy==2\n")
    asked = beside(filled, "bkt", "dkt")
    (text,) = filled.facts(f"/compare.json{asked}")["texts"]
    assert text["name"] == "Uncommitted code"
    assert [line for kind, line in text["lines"] if kind == "gone"] == ["-+two"]
    assert [line for kind, line in text["lines"] if kind == "new"] == ["++<script>three"]
    assert "<script>three" not in filled.page(f"/compare{asked}")


def test_curves_are_drawn_as_the_address_asks(filled: Filled) -> None:
    (plain,) = filled.facts(f"/compare.json{beside(filled, 'bkt', 'dkt')}")["curves"]
    assert plain["lines"][0]["points"][1] == [1.0, 0.5]
    (smooth,) = filled.facts(f"/compare.json{beside(filled, 'bkt', 'dkt', smooth='0.5')}")["curves"]
    assert smooth["lines"][0]["points"][1] == [1.0, 0.75]
    (timed,) = filled.facts(f"/compare.json{beside(filled, 'bkt', 'dkt', across='time', upwards='log')}")["curves"]
    assert timed["y_kind"] == "log"
    assert [x for x, _ in timed["lines"][0]["points"]] == [(s - 1000) / 1000 for s in range(5)]
    assert "no smoothing" in filled.page(f"/compare{beside(filled, 'bkt', 'dkt', smooth='much')}", 400)
    assert "no smoothing" in filled.page(f"/compare{beside(filled, 'bkt', 'dkt', smooth='1')}", 400)
