"""Imports through REST: from a server of ours, which speaks MLflow's protocol."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from attain.tracking import artifacts
from attain.tracking.entities import DatasetInput, MetricPoint
from attain.tracking.import_mlflow import import_mlflow, open_source
from attain.tracking.import_report import Counts
from attain.tracking.mlflow_sources import server as module
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Store]:
    store = open_database(f"sqlite:///{tmp_path / 'target' / 'attain.db'}")
    yield store
    store.close()


def test_everything_on_a_server_is_taken_over_page_by_page(
    uri: str, database: Store, target: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in {"PAGE": 2, "RUNS": 2, "POINTS": 3}.items():
        monkeypatch.setattr(module, name, size)
    first = database.create_experiment("first", tags={"team": "a"})
    runs = [database.create_run(first, f"run {n}", params={"n": n}, attended=False).run_id for n in range(5)]
    database.add_points([(runs[0], MetricPoint("a/b", n, n, n)) for n in range(10)])
    database.log_inputs(runs[0], [DatasetInput("answers", "abc", tags={"mlflow.data.context": "test"})])
    artifacts.log_files(database, runs[0], {"a b%.txt": b"hello", "plots/deep/x.svg": b"<svg/>"})
    database.update_run(runs[0], status="FAILED", end_time=7)
    database.delete_run(runs[4])
    database.registry.create_model("tracer")
    for _ in range(3):
        database.registry.create_version("tracer", f"runs:/{runs[0]}/plots", runs[0])
    database.registry.set_alias("tracer", "champion", 2)
    database.delete_experiment(database.create_experiment("gone"))

    report = import_mlflow(open_source(uri), target, lambda report: None)
    assert report.trouble == []
    assert report.complete
    assert report.seen == Counts(3, 5, 5, 5, 10, 1, 2, 11, 1, 3)
    here, there = target.get_run(runs[0]), database.get_run(runs[0])
    assert (here.status, here.end_time, here.params, here.inputs) == ("FAILED", 7, there.params, there.inputs)
    assert target.metric_history(runs[0], "a/b") == database.metric_history(runs[0], "a/b")
    assert artifacts.read_bytes(target, runs[0], "a b%.txt") == b"hello"
    assert target.get_run(runs[4]).lifecycle_stage == "deleted"
    assert target.registry.model("tracer").aliases == {"champion": 2}
    assert import_mlflow(open_source(uri), target, lambda report: None).added == Counts()
