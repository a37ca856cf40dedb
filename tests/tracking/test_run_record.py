"""A run that goes through plain data is the same run in another store."""

import math
from pathlib import Path

import pytest
from pydantic import ValidationError

from attain.tracking.entities import DatasetInput, MetricPoint
from attain.tracking.run_record import RunRecord, record_of, take_in
from attain.tracking.store import open_store


def test_a_run_is_the_same_in_another_store_however_often_it_is_brought(tmp_path: Path) -> None:
    there, here = (open_store(f"sqlite:///{tmp_path / name}.db") for name in ("there", "here"))
    experiment = there.create_experiment("an experiment")
    parent = there.create_run(experiment, "parent", start_time=5)
    run = there.create_run(
        experiment, "child", {"a": "b", "local": "x"}, {"p": "1"}, parent.run_id, start_time=7, user_id="ana"
    )
    values = [0.5, math.nan, math.inf, -1e-300]
    points = [MetricPoint("auc", value, 1000 + step, step) for step, value in enumerate(values)]
    there.log_batch(run.run_id, metrics=points)
    there.log_inputs(run.run_id, [DatasetInput("set", "abc", tags={"mlflow.data.context": "training"})])
    there.update_run(run.run_id, "FAILED", 99)
    for one in (parent, run):
        known = record_of(there, there.get_run(one.run_id), without=["local"])
        known = RunRecord.model_validate_json(known.model_dump_json())
        for _ in range(2):
            take_in(here, known, {"from": "there"})
        here.update_run(known.run_id, known.status, known.end_time)
    then, now = there.get_run(run.run_id), here.get_run(run.run_id)
    assert (now.params, now.inputs, now.name) == (then.params, then.inputs, then.name)
    assert (now.status, now.start_time, now.end_time, now.user_id) == ("FAILED", 7, 99, "ana")
    assert now.parent_run_id == parent.run_id
    assert now.tags["a"] == "b"
    assert "local" not in now.tags
    assert now.tags["from"] == "there"
    history = here.metric_history(run.run_id, "auc").items
    assert repr(history) == repr(there.metric_history(run.run_id, "auc").items)
    assert len(history) == len(values)


@pytest.mark.parametrize("changed", [{"run_id": "../x"}, {"status": "DONE"}, {"start_time": "soon"}, {"more": 1}])
def test_what_is_no_run_is_refused(tmp_path: Path, changed: dict[str, object]) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    known = record_of(store, store.create_run("0")).model_dump()
    with pytest.raises(ValidationError):
        RunRecord.model_validate(known | changed)
