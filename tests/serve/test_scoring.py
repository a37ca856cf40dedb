"""Rows scored without keeping anything, by MLflow's protocol and by the Open Inference Protocol."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attain.core.errors import UserError
from attain.models.knowledge_tracing.bkt import BKT
from attain.serve import mlflow, open_inference
from attain.serve.live import Live
from attain.serve.rows import score
from attain.serve.served import Served
from attain.testing.small import small_log

from .conftest import KEY, Running


@pytest.fixture(scope="module")
def served(bkt: Path) -> Served:
    return Live(None, str(bkt)).now


@pytest.fixture(scope="module")
def server(served: Served, bkt: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    from attain.serve.learners import Learners

    running = Running(Live(None, str(bkt)), Learners(f"sqlite:///{tmp_path_factory.mktemp('learners') / 'a.db'}", KEY))
    yield running
    running.close()


def test_rows_are_scored_as_the_tracer_scores_the_log(served: Served, bkt: Path) -> None:
    log = small_log(1)
    table = log.frame()[["learner", "item", "skill", "correct"]]
    np.testing.assert_allclose(score(served, table), BKT.load(bkt).predict(log))
    mixed = table.sample(frac=1, random_state=0).sort_values("learner", key=lambda c: c.map(hash), kind="stable")
    again = table.loc[mixed.index.sort_values()].drop(columns="skill")  # the model knows the items' skills
    np.testing.assert_allclose(score(served, again), BKT.load(bkt).predict(log))


def test_each_question_is_answered_from_the_answers_alone(served: Served) -> None:
    answers = [("ann", "item-3", 1), ("bob", "item-3", 0), ("ann", "item-3", 1)]
    questions = [("ann", "item-3", None), ("ann", "item-4", None), ("bob", "item-3", None), ("new", "item-3", None)]
    table = pd.DataFrame([*answers, *questions], columns=["learner", "item", "correct"])
    said = score(served, table)
    for place, question in enumerate(questions):
        alone = pd.DataFrame([*answers, question], columns=table.columns)
        assert said[3 + place] == pytest.approx(score(served, alone)[-1])
    assert len(set(said[3:].tolist())) == 4


def test_no_rows_have_no_scores(served: Served) -> None:
    assert score(served, pd.DataFrame({"item": []})).shape == (0,)


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [
        ({"itme": ["item-3"]}, "Unknown column 'itme'. Did you mean 'item'"),
        ({"learner": ["a"]}, "neither 'item' nor 'skill'"),
        ({"item": ["item-3"], "correct": [2]}, "Row 0: 'correct' is neither 0 nor 1"),
        ({"item": ["a", "b"], "learner": ["ann", None]}, "Row 1: 'learner' is missing"),
        ({"item": ["a", "a"], "learner": ["x", "x"], "correct": [None, 1]}, "put questions last"),
        ({"item": ["a"], "time_s": ["noon"]}, "Row 0: 'time_s' is not a number"),
    ],
)
def test_rows_that_are_not_right_are_refused(served: Served, columns: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        score(served, pd.DataFrame(columns))


ROWS = [["ann", "item-3", 1], ["ann", "item-3", None]]
RECORDS = [dict(zip(("learner", "item", "correct"), row, strict=True)) for row in ROWS]


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": ["learner", "item", "correct"], "data": ROWS}},
        {"dataframe_split": {"index": [7, 9], "columns": ["learner", "item", "correct"], "data": ROWS}},
        {"dataframe_records": RECORDS},
        {"instances": RECORDS},
        {"inputs": {"learner": ["ann", "ann"], "item": ["item-3", "item-3"], "correct": [1, None]}},
        b"learner,item,correct\nann,item-3,1\nann,item-3,\n",
    ],
)
def test_all_formats_of_mlflow_give_the_same_predictions(server: Running, served: Served, body: Any) -> None:
    kind = "text/csv" if isinstance(body, bytes) else "application/json; charset=utf-8"
    status, reply = server.ask("POST", "/invocations", body, {"Content-Type": kind})
    assert status == 200
    expected = score(served, pd.DataFrame(ROWS, columns=["learner", "item", "correct"]))
    assert reply == {"predictions": pytest.approx(expected.tolist())}


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"{", 400, "The body is not JSON."),
        ([1], 400, "The body is not a JSON object."),
        ({"data": []}, 400, "has the fields ['data']; expected exactly one of dataframe_split"),
        ({"instances": [], "inputs": {}}, 400, "expected exactly one of"),
        ({"dataframe_split": {"data": []}}, 400, "'dataframe_split' is not an object with 'columns' and 'data'."),
        ({"dataframe_split": {"columns": ["item"], "data": [[1, 2]]}}, 400, "does not have one value"),
        ({"instances": [[1, 2]]}, 400, "'instances' is not a list of objects"),
        ({"instances": [{"item": "a"}], "params": {"k": 1}}, 400, "This model takes no 'params'."),
    ],
)
def test_what_mlflow_would_not_send_is_refused(server: Running, body: Any, status: int, sentence: str) -> None:
    found = server.refused("POST", "/invocations", body)
    assert found[0] == status
    assert sentence in found[1]


def test_a_form_of_a_web_page_is_refused(server: Running) -> None:
    for path in ("/invocations", "/learners/ann/interactions", "/v2/models/bkt/infer"):
        status, reply = server.ask("POST", path, b"{}", {"Content-Type": "text/plain"})
        assert status == 415
        assert "The Content-Type is 'text/plain'; expected 'application/json'" in str(reply)


def test_a_large_body_is_refused(server: Running) -> None:
    for path in ("/invocations", "/learners/ann/interactions", "/v2/models/bkt/infer"):
        status, message = server.refused("POST", path, b" " * (10 << 20))
        assert status == 413
        assert "at most 1,048,576 are taken" in message or "more than 1,048,576 bytes" in message


def test_probes_answer(server: Running) -> None:
    assert server.ask("GET", "/ping")[0] == 200
    assert server.ask("GET", "/version")[0] == 200
    assert server.get("/v2")["name"] == "attain"
    assert server.get("/v2/health/live") == {"live": True}
    assert server.get("/v2/health/ready") == {"ready": True}
    assert server.get("/v2/models/bkt/ready") == {"name": "bkt", "ready": True}


def test_what_is_not_there_is_said(server: Running) -> None:
    assert server.refused("GET", "/nothing") == (404, "This server has nothing at /nothing.")
    assert server.refused("GET", "/invocations") == (405, "/invocations does not take GET.")


def test_another_name_than_this_machine_s_is_refused(server: Running) -> None:
    assert server.ask("GET", "/ping", headers={"Host": "evil.example"})[0] == 403


def tensor(name: str, data: list[Any], kind: str = "BYTES", shape: list[int] | None = None) -> dict[str, Any]:
    return {"name": name, "shape": shape or [len(data)], "datatype": kind, "data": data}


def test_the_model_says_what_it_takes_and_infers_from_it(server: Running, served: Served) -> None:
    about = server.get(f"/v2/models/bkt/versions/{served.version}")
    assert (about["name"], about["platform"], about["versions"]) == ("bkt", "attain_bkt", [served.version])
    assert [one["name"] for one in about["inputs"]] == ["learner", "item", "skill", "correct", "time_s"]
    asked = {"id": "7", "inputs": [tensor("item", ["item-3", "item-4"]), tensor("learner", ["a", "b"])]}
    status, reply = server.ask("POST", "/v2/models/bkt/infer", asked)
    assert status == 200
    expected = score(served, pd.DataFrame({"item": ["item-3", "item-4"]})).tolist()
    assert reply == {
        "model_name": "bkt",
        "model_version": served.version,
        "id": "7",
        "outputs": [{"name": "probability", "shape": [2], "datatype": "FP64", "data": pytest.approx(expected)}],
    }
    column = {"inputs": [tensor("item", [["item-3"], ["item-4"]], shape=[2, 1])]}
    assert server.ask("POST", "/v2/models/bkt/infer", column)[1]["outputs"] == reply["outputs"]


@pytest.mark.parametrize(
    ("path", "inputs", "status", "sentence"),
    [
        ("/v2/models/dkt/infer", [tensor("item", ["a"])], 404, "There is no model dkt here; bkt version"),
        ("/v2/models/bkt/versions/9/infer", [tensor("item", ["a"])], 404, "There is no model bkt version 9 here"),
        ("/v2/models/bkt/infer", [], 400, "'inputs' is not a list of tensors."),
        ("/v2/models/bkt/infer", [{"name": "item"}], 400, "not an object with 'name', 'shape'"),
        ("/v2/models/bkt/infer", [tensor("item", ["a"], "FP16")], 400, "'item' of 'FP16' is not one of the model's"),
        ("/v2/models/bkt/infer", [tensor("item", ["a"], shape=[3])], 400, "says shape [3] and has other data"),
        ("/v2/models/bkt/infer", [tensor("item", ["a"]), tensor("learner", ["a", "b"])], 400, "differ in length"),
        ("/v2/models/bkt/infer", [tensor("item", ["a"])] * 2, 400, "'item' is there twice"),
    ],
)
def test_a_wrong_inference_is_refused(server: Running, path: str, inputs: Any, status: int, sentence: str) -> None:
    found = server.refused("POST", path, {"inputs": inputs})
    assert found[0] == status
    assert sentence in found[1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["item", "correct", "a"]), inner),
    max_leaves=8,
)


@settings(max_examples=60)
@given(st.sampled_from(mlflow.FORMATS), JSON, st.sampled_from(["item", "correct", "time_s", "learner", "skill"]))
def test_any_json_is_scored_or_refused_in_a_sentence(served: Served, name: str, value: Any, column: str) -> None:
    import json

    for body in ({name: value}, {name: {"item": ["a"], column: [value]}}, {name: [{"item": "a", column: value}]}):
        try:
            said = mlflow.invocations(served, json.dumps(body).encode(), "application/json")
        except UserError:
            continue
        assert "predictions" in said
    try:
        open_inference.infer(served, "bkt", None, {"inputs": [tensor("item", ["a"]), {"name": column, "data": value}]})
        open_inference.infer(served, "bkt", None, {"inputs": value})
    except UserError:
        pass
