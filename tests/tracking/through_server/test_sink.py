"""Runs sent to a server that speaks MLflow's protocol: ours, and MLflow's own."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from attain.tracking import artifacts
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


@pytest.mark.slow
def test_a_real_mlflow_server_takes_a_run_and_gives_it_back(
    here: Store, outer: Run, tmp_path: Path, mlflow_server: Callable[[Path], str]
) -> None:
    from attain.tracking.import_mlflow import import_mlflow, open_source

    address = mlflow_server(tmp_path)
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
