"""Runs sent to a server that speaks MLflow's protocol: ours, and a real one where `ATTAIN_TEST_MLFLOW` names it."""

import logging
import math
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

import attain
from attain.tracking import artifacts, sink
from attain.tracking.entities import DatasetInput, MetricPoint, Run
from attain.tracking.errors import Invalid
from attain.tracking.sink import RUN_TAG, Sent, Sink
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Store]:
    """A store whose runs are sent."""
    store = open_database(f"sqlite:///{tmp_path / 'here' / 'attain.db'}")
    yield store
    store.close()


@pytest.fixture
def outer(here: Store) -> Run:
    experiment = here.create_experiment("first")
    run = here.create_run(experiment, "outer", tags={"note": "x"}, params={f"p{n}": n for n in range(250)})
    here.add_points([(run.run_id, MetricPoint("loss", 1 / (n + 1), n, n)) for n in range(2_500)])
    here.log_batch(run.run_id, metrics=[MetricPoint("undefined", math.nan, 7)])
    here.log_inputs(run.run_id, [DatasetInput("answers", "abc", tags={"mlflow.data.context": "training"})])
    artifacts.log_files(here, run.run_id, {"a b%.txt": b"hello", "plots/x.svg": b"<svg/>"})
    here.update_run(run.run_id, status="FINISHED", end_time=run.start_time + 5)
    return here.get_run(run.run_id)


def there(database: Store, run: Run) -> Run:
    experiments = [one.experiment_id for one in database.list_experiments().items]
    (found,) = database.search_runs(experiments, f"tags.`{RUN_TAG}` = '{run.run_id}'").items
    return found


def test_a_run_is_sent_with_everything_it_has(uri: str, database: Store, here: Store, outer: Run) -> None:
    assert Sink(here, uri).send(outer.run_id) == Sent(runs=1, points=2_501, files=2)
    sent = there(database, outer)
    assert (sent.name, sent.status, sent.user_id) == (outer.name, "FINISHED", outer.user_id)
    assert (sent.start_time, sent.end_time) == (outer.start_time, outer.end_time)
    assert (sent.params, sent.inputs, sent.tags["note"]) == (outer.params, outer.inputs, "x")
    history = here.metric_history(outer.run_id, "loss").items
    assert database.metric_history(sent.run_id, "loss").items == history
    assert math.isnan(sent.metrics["undefined"])
    assert artifacts.read_bytes(database, sent.run_id, "a b%.txt") == b"hello"
    assert database.experiment(sent.experiment_id).name == "first"


def test_a_run_is_sent_once_and_then_only_what_is_new(uri: str, database: Store, here: Store, outer: Run) -> None:
    Sink(here, uri).send(outer.run_id)
    assert Sink(here, uri).send(outer.run_id) == Sent()
    here.log_batch(outer.run_id, metrics=[MetricPoint("loss", 0.0, 9_999, 9_999)])
    artifacts.log_bytes(here, outer.run_id, b"hello!", "a b%.txt")
    assert Sink(here, uri).send(outer.run_id).files == 1
    sent = there(database, outer)
    assert sent.metrics["loss"] == 0.0
    assert database.count_points(sent.run_id) == 2_502
    assert artifacts.read_bytes(database, sent.run_id, "a b%.txt") == b"hello!"


def test_a_child_takes_its_parent_along(uri: str, database: Store, here: Store, outer: Run) -> None:
    child = here.create_run(outer.experiment_id, "inner", parent_run_id=outer.run_id)
    target = Sink(here, uri)
    target.send(child.run_id)
    assert there(database, child).parent_run_id == there(database, outer).run_id
    assert there(database, outer).params == {}  # not sent yet, only made
    target.send(outer.run_id)
    assert there(database, outer).params == outer.params


def test_a_run_that_was_deleted_there_is_not_sent_again(uri: str, database: Store, here: Store, outer: Run) -> None:
    Sink(here, uri).send(outer.run_id)
    database.delete_run(there(database, outer).run_id)
    with pytest.raises(Invalid, match="was deleted on http"):
        Sink(here, uri).send(outer.run_id)


def test_a_run_is_sent_when_it_ends_if_that_is_wanted(
    uri: str, database: Store, here: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(sink.SINK, uri)
    attain.set_tracking_uri(f"sqlite:///{here.folder / here.name}")
    with attain.start_run(run_name="outer") as run:
        attain.log_metric("loss", 0.5)
    attain.set_tracking_uri(None)
    sent = there(database, here.get_run(run.run_id))
    assert (sent.name, sent.status, sent.metrics) == ("outer", "FINISHED", {"loss": 0.5})


def test_a_sink_that_is_away_does_not_break_a_run(
    here: Store, outer: Run, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sink, "END_PATIENCE_S", 0.0)
    with caplog.at_level(logging.WARNING):
        sink.send_if_wanted(here, outer.run_id, {sink.SINK: "http://127.0.0.1:9"})
    assert "`attain export mlflow` sends it later" in caplog.text


@pytest.mark.skipif("ATTAIN_TEST_MLFLOW" not in os.environ, reason="ATTAIN_TEST_MLFLOW names no MLflow server")
def test_a_real_mlflow_server_takes_a_run_and_gives_it_back(here: Store, outer: Run, tmp_path: Path) -> None:
    from attain.tracking.import_mlflow import import_mlflow, open_source

    address = os.environ["ATTAIN_TEST_MLFLOW"]
    assert Sink(here, address).send(outer.run_id) == Sent(runs=1, points=2_501, files=2)
    assert Sink(here, address).send(outer.run_id) == Sent()
    back = open_database(f"sqlite:///{tmp_path / 'back' / 'attain.db'}")
    report = import_mlflow(open_source(address), back, lambda report: None)
    assert report.trouble == []
    assert report.complete
    assert there(back, outer).params == outer.params
    assert (
        back.metric_history(there(back, outer).run_id, "loss").items == here.metric_history(outer.run_id, "loss").items
    )
    back.close()
