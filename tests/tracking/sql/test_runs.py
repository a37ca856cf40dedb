from collections.abc import Callable

import pytest

from attain.tracking.entities import DatasetInput, MetricPoint, Run
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.liveness import now_ms, this_process
from attain.tracking.sql.store import Store


def test_a_new_run_is_running_and_attended_by_this_process(store: Store) -> None:
    run = store.create_run("0", tags={"t": 1}, params={"p": 0.5}, user_id="ada")
    assert len(run.run_id) == 32
    assert int(run.run_id, 16) >= 0
    assert (run.status, run.shown_status, run.end_time, run.user_id) == ("RUNNING", "running", None, "ada")
    assert run.process == this_process()
    assert abs(run.start_time - now_ms()) < 10_000
    assert run.artifact_uri == f"mlflow-artifacts:/0/{run.run_id}/artifacts"
    assert (run.params, run.tags) == ({"p": "0.5"}, {"t": "1", "mlflow.runName": run.name})
    assert store.get_run(run.run_id) == run


def test_a_run_that_nobody_attends_stays_running(store: Store) -> None:
    run = store.create_run("0", start_time=0, attended=False)
    assert (run.process, run.heartbeat, run.shown_status) == (None, None, "running")


def test_the_name_and_its_tag_are_one_thing(store: Store) -> None:
    assert store.create_run("0", name="a").tags["mlflow.runName"] == "a"
    run = store.create_run("0", tags={"mlflow.runName": "b"})
    assert run.name == "b"
    store.update_run(run.run_id, name="c")
    assert store.get_run(run.run_id).tags["mlflow.runName"] == "c"
    store.log_batch(run.run_id, tags={"mlflow.runName": "d"})
    assert store.get_run(run.run_id).name == "d"
    assert store.create_run("0", name="x", tags={"mlflow.runName": "x"}).name == "x"
    with pytest.raises(Invalid, match="'x' but its tag"):
        store.create_run("0", name="x", tags={"mlflow.runName": "y"})


def test_the_parent_and_its_tag_are_one_thing(store: Store, run: Run) -> None:
    child = store.create_run("0", parent_run_id=run.run_id)
    assert child.parent_run_id == child.tags["mlflow.parentRunId"] == run.run_id
    assert store.create_run("0", tags={"mlflow.parentRunId": run.run_id}).parent_run_id == run.run_id
    store.delete_tag(child.run_id, "mlflow.parentRunId")
    assert store.get_run(child.run_id).parent_run_id is None


def test_ending_a_run_sets_its_end_and_going_on_takes_it_away(store: Store, run: Run) -> None:
    store.update_run(run.run_id, status="FINISHED")
    ended = store.get_run(run.run_id)
    assert ended.end_time is not None
    assert (ended.status, ended.shown_status) == ("FINISHED", "finished")
    store.update_run(run.run_id, status="RUNNING")
    assert store.get_run(run.run_id).end_time is None
    store.update_run(run.run_id, status="FAILED", end_time=5)
    assert store.get_run(run.run_id).end_time == 5
    with pytest.raises(Invalid, match="'DONE'"):
        store.update_run(run.run_id, status="DONE")  # type: ignore[arg-type]  # wrong on purpose


def test_a_finished_run_still_takes_writes_and_a_deleted_one_does_not(store: Store, run: Run) -> None:
    store.update_run(run.run_id, status="FINISHED")
    store.log_batch(run.run_id, params={"late": "yes"})
    store.delete_run(run.run_id)
    store.delete_run(run.run_id)
    writes: list[Callable[[], None]] = [
        lambda: store.log_batch(run.run_id, params={"p": "1"}),
        lambda: store.update_run(run.run_id, status="FAILED"),
        lambda: store.delete_tag(run.run_id, "x"),
        lambda: store.log_inputs(run.run_id, []),
        lambda: store.add_artifacts(run.run_id, []),
    ]
    for write in writes:
        with pytest.raises(Invalid, match="is deleted; restore it"):
            write()
    store.restore_run(run.run_id)
    store.log_batch(run.run_id, params={"p": "1"})
    assert store.get_run(run.run_id).params == {"late": "yes", "p": "1"}


def test_a_missing_run_is_named(store: Store) -> None:
    for call in (store.get_run, store.delete_run, store.restore_run, store.log_batch, store.update_run):
        with pytest.raises(NotFound, match="'nothing'"):
            call("nothing")


def test_params_never_change(store: Store, run: Run) -> None:
    store.log_batch(run.run_id, params={"lr": "0.1"})
    store.log_batch(run.run_id, params={"lr": "0.1"})
    with pytest.raises(Invalid, match=r"'lr' of this run is '0\.1' already"):
        store.log_batch(run.run_id, params={"lr": "0.2"})


def test_of_a_refused_batch_nothing_is_kept(store: Store, run: Run) -> None:
    store.log_batch(run.run_id, params={"lr": "0.1"}, tags={"t": "old"})
    before = store.get_run(run.run_id)
    point, param, tag = [MetricPoint("loss", 1, 1)], {"new": "1"}, {"t": "new"}
    with pytest.raises(Invalid, match="'lr'"):
        store.log_batch(run.run_id, point, {**param, "lr": "0.2"}, tag)
    with pytest.raises(Invalid, match="'b@'"):
        store.log_batch(run.run_id, point, param, {**tag, "b@": "x"})
    with pytest.raises(Invalid, match="timestamp"):
        store.log_batch(run.run_id, [*point, MetricPoint("m", 1, -1)], param, tag)
    assert store.get_run(run.run_id) == before


def test_an_empty_batch_is_fine(store: Store, run: Run) -> None:
    store.log_batch(run.run_id)
    assert store.get_run(run.run_id) == run


def test_tags_are_overwritten_and_a_missing_one_cannot_be_taken_away(store: Store, run: Run) -> None:
    store.log_batch(run.run_id, tags={"t": "1", "u": "2"})
    store.log_batch(run.run_id, tags={"t": "3"})
    store.delete_tag(run.run_id, "u")
    assert store.get_run(run.run_id).tags == {"t": "3", "mlflow.runName": "first"}
    with pytest.raises(NotFound, match="no tag 'u'"):
        store.delete_tag(run.run_id, "u")


def test_a_data_set_read_twice_is_one_input(store: Store, run: Run) -> None:
    data = DatasetInput("assistments2009", "abc", schema="{}", tags={"mlflow.data.context": "train"})
    store.log_inputs(run.run_id, [data])
    store.log_inputs(run.run_id, [data, DatasetInput("statics2011", "def")])
    assert store.get_run(run.run_id).inputs == (data, DatasetInput("statics2011", "def"))
    for wrong in (DatasetInput("", "a"), DatasetInput("a", " ")):
        with pytest.raises(Invalid, match="data set"):
            store.log_inputs(run.run_id, [wrong])


def test_a_heartbeat_says_that_this_process_attends_a_run(store: Store) -> None:
    run = store.create_run("0", attended=False)
    store.heartbeat([run.run_id])
    found = store.get_run(run.run_id)
    assert found.process == this_process()
    assert found.heartbeat is not None
    assert now_ms() - found.heartbeat < 10_000
