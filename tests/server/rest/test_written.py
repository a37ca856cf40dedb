import json
import math
from typing import Any

from attain.server.rest import written
from attain.tracking.entities import DatasetInput, MetricPoint, ModelOutput, Run
from attain.tracking.sql.store import Store

ODD = 'quotes " \\ / tab \t line \n null-ish \x01 é 漢 \U0001f600 \u2028 </script>'


def test_a_run_is_written_as_json_with_whatever_texts_and_numbers_it_has(store: Store) -> None:
    told = json.loads(written.run(store.get_run(_filled(store))))
    assert told["info"]["run_name"] == told["info"]["user_id"] == ODD
    assert told["data"]["params"] == [{"key": "p", "value": ODD}, {"key": "q", "value": ""}]
    assert {"key": "tag/with.dots", "value": ODD} in told["data"]["tags"]
    assert told["data"]["metrics"] == [
        {"key": "big", "value": 1.7976931348623157e308, "timestamp": 3, "step": 0},
        {"key": "nan", "value": "NaN", "timestamp": 2, "step": -1},
        {"key": "small", "value": 5e-324, "timestamp": 4, "step": 2**62},
        {"key": "third", "value": 1 / 3, "timestamp": 1, "step": 7},
    ]
    (read,) = told["inputs"]["dataset_inputs"]
    assert read == {
        "tags": [{"key": "mlflow.data.context", "value": ODD}],
        "dataset": {"name": ODD, "digest": "d", "source_type": "local", "source": ODD, "schema": "{}"},
    }
    assert told["inputs"]["model_inputs"] == [{"model_id": "m-used"}]
    assert told["outputs"] == {"model_outputs": [{"model_id": "m-made", "step": 3}]}


def test_an_empty_run_says_only_what_it_is() -> None:
    run = Run("ab", "0", "n", "RUNNING", 5, None, "active", "", "mlflow-artifacts:/0/ab/artifacts")
    told = json.loads(written.run(run))
    assert (told["data"], told["inputs"], told["outputs"]) == ({}, {}, {})
    assert "end_time" not in told["info"]
    assert told["info"]["run_id"] == told["info"]["run_uuid"] == "ab"


def test_a_run_found_by_a_search_is_written_as_the_run_itself(store: Store) -> None:
    ids = [_filled(store), store.create_run("0", attended=False).run_id, _filled(store)]
    store.update_run(ids[1], "FINISHED", 12)
    found = [run for some in store.search_rows(["0"]).items for run in written.runs(some)]
    assert sorted(found) == sorted(written.run(store.get_run(run_id)) for run_id in ids)


def test_a_history_is_written_as_its_points(store: Store) -> None:
    run_id = store.create_run("0", attended=False).run_id
    values = [math.nan, -2.0, 1e16, 0.1, math.inf, 123456789.123456789]
    store.log_batch(run_id, [MetricPoint("a: key/é.b", value, at, at) for at, value in enumerate(values)])
    rows, points = store.history_rows(run_id, "a: key/é.b"), store.metric_history(run_id, "a: key/é.b")
    assert written.history("a: key/é.b", rows.items) == written.points(points.items)
    told = [json.loads(text) for text in written.history("a: key/é.b", rows.items)]
    assert [(one["step"], one["timestamp"]) for one in told] == [(at, at) for at in range(len(values))]
    assert [repr(float(one["value"])) for one in told] == [repr(min(value, 1.7976931348623157e308)) for value in values]


def test_points_of_several_runs_say_which_run_they_are_of() -> None:
    (text,) = written.points([MetricPoint("loss", 0.5, 1, 2)], "ab")
    assert json.loads(text) == {"key": "loss", "value": 0.5, "timestamp": 1, "step": 2, "run_id": "ab"}


def test_an_empty_list_is_left_out_and_a_token_told() -> None:
    assert json.loads(written.listed("runs", [])) == {}
    assert json.loads(written.listed("runs", ["{}", "{}"], "t")) == {"runs": [{}, {}], "next_page_token": "t"}


def _filled(store: Store) -> str:
    """A run with something of every kind."""
    run_id = store.create_run("0", ODD, {"tag/with.dots": ODD}, user_id=ODD, start_time=9, attended=False).run_id
    points: list[Any] = [("third", 1 / 3, 1, 7), ("nan", math.nan, 2, -1), ("big", math.inf, 3, 0)]
    store.log_batch(
        run_id,
        [MetricPoint(*point) for point in [*points, ("small", 5e-324, 4, 2**62)]],
        {"p": ODD, "q": ""},
    )
    store.log_inputs(run_id, [DatasetInput(ODD, "d", source=ODD, schema="{}", tags={"mlflow.data.context": ODD})])
    store.models.link(run_id, ["m-used"], [ModelOutput("m-made", 3)])
    return run_id
