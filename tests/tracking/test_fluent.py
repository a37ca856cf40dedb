import contextvars
import json
import math
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest

import attain
from attain.tracking import fluent
from attain.tracking.artifacts import list_artifacts, read_bytes
from attain.tracking.entities import DatasetInput
from attain.tracking.errors import Exists, Invalid, NotFound
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store


@pytest.fixture(autouse=True)
def _own_store(uri: str) -> Iterator[None]:
    attain.set_tracking_uri(uri)
    yield
    while attain.active_run() is not None:
        attain.end_run()
    attain.set_tracking_uri(None)


def script(uri: str, text: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ATTAIN_TRACKING_URI": uri}
    command = [sys.executable, "-W", "error", "-c", "import attain\n" + text]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=check)


def test_each_verb_can_be_listed_though_none_is_loaded_yet() -> None:
    text = "import sys, attain\nassert set(attain.__all__) <= set(dir(attain))\nassert 'sqlalchemy' not in sys.modules"
    subprocess.run([sys.executable, "-c", text], check=True)


def test_every_verb_is_handed_on() -> None:
    public = {n for n, v in vars(fluent).items() if getattr(v, "__module__", "") == fluent.__name__ and n[0] != "_"}
    assert set(attain.__all__) == public | {"ActiveRun", "DatasetInput"}
    assert all(getattr(attain, name) is getattr(fluent, name) for name in attain.__all__)
    with pytest.raises(AttributeError, match="no attribute 'log_nothing'"):
        attain.log_nothing  # type: ignore[attr-defined]  # noqa: B018 - wrong on purpose


def test_a_run_keeps_everything_that_is_logged(tmp_path: Path) -> None:
    attain.set_experiment("first")
    with attain.start_run(run_name="a", tags={"t": 1}) as run:
        attain.log_param("model", "bkt")
        attain.log_params({"lr": 0.1, "deep": True, "layers": [1, 2]})
        attain.log_metric("loss", np.float32(0.5), step=3)
        attain.log_metrics({"auc": 0.75, "nan": math.nan}, step=1, timestamp=5)
        attain.set_tags({"u": 2})
        attain.set_tag("v", None)
        attain.delete_tag("t")
        attain.log_input(DatasetInput("d", "x", tags={"a": "1"}), context="training", tags={"b": "2"})
        attain.log_text("hello", "notes/a.txt")
        attain.log_dict({"a": 1}, "a.json")
        attain.log_table({"a": [1]}, "a.csv")
        (tmp_path / "file.txt").write_text("x")
        attain.log_artifact(tmp_path / "file.txt")
        attain.log_artifacts(tmp_path, "all")
        assert attain.get_run(run.run_id).shown_status == "running"
    found = attain.get_run(run.run_id)
    assert (found.name, found.status, found.experiment_id) == ("a", "FINISHED", "1")
    assert found.params == {"model": "bkt", "lr": "0.1", "deep": "True", "layers": "[1, 2]"}
    assert (found.latest["loss"].value, found.latest["loss"].step) == (0.5, 3)
    assert (found.latest["auc"].timestamp, found.latest["auc"].step) == (5, 1)
    assert {k: found.tags.get(k) for k in "tuv"} == {"t": None, "u": "2", "v": "None"}
    assert found.inputs == (DatasetInput("d", "x", tags={"a": "1", "b": "2", "mlflow.data.context": "training"}),)
    store = open_store(attain.get_tracking_uri())
    assert read_bytes(store, run.run_id, "notes/a.txt") == b"hello"
    names = {one.path for one in list_artifacts(store, run.run_id)}
    assert {"notes", "a.json", "a.csv", "file.txt", "all", "environment.txt"} <= names
    store.close()


def test_a_run_has_info_and_data_as_mlflow_has_them() -> None:
    with attain.start_run(run_name="a") as run:
        attain.log_metric("auc", 0.75)
        attain.log_param("model", "bkt")
        assert (run.info.run_id, run.info.run_name, run.info.experiment_id) == (run.run_id, "a", "0")
        assert (run.info.status, run.info.end_time) == ("RUNNING", None)
        assert (run.data.metrics, run.data.params) == ({"auc": 0.75}, {"model": "bkt"})
        attain.log_metric("auc", 0.8)
        assert run.data.metrics == {"auc": 0.8}
    found = attain.get_run(run.info.run_id)
    assert found.info.status == run.info.status == "FINISHED"
    assert (found.info.start_time, found.info.artifact_uri) == (run.info.start_time, run.info.artifact_uri)
    assert found.info.end_time is not None
    assert run.info.end_time is not None
    assert abs(found.info.end_time - run.info.end_time) < 5000
    assert (found.data.metrics, found.data.params) == ({"auc": 0.8}, {"model": "bkt"})
    assert found.data.tags["mlflow.runName"] == "a"
    (listed,) = attain.search_runs(output_format="list")
    assert listed.info == found.info
    with pytest.raises(FrozenInstanceError):
        found.info.status = "FAILED"  # type: ignore[misc]  # wrong on purpose


def test_files_of_a_run_are_listed_and_come_back(tmp_path: Path) -> None:
    with attain.start_run() as run:
        attain.log_text("<svg/>", "figures/roc.svg")
        attain.log_dict({"a": 1}, "facts.json")
    assert {"figures", "facts.json"} <= {one.path for one in attain.list_artifacts(run.run_id)}
    assert [(one.path, one.size) for one in attain.list_artifacts(run.run_id, "figures")] == [("figures/roc.svg", 6)]
    there = attain.download_artifacts(run.run_id, "figures", tmp_path / "new")
    assert (there, (there / "roc.svg").read_text()) == (tmp_path / "new" / "figures", "<svg/>")
    somewhere = attain.download_artifacts(run.run_id)
    assert json.loads((somewhere / "facts.json").read_text()) == {"a": 1}
    shutil.rmtree(somewhere)
    with pytest.raises(NotFound, match=r"'figures/rok\.svg'"):
        attain.download_artifacts(run.run_id, "figures/rok.svg", tmp_path)
    with pytest.raises(NotFound):
        attain.download_artifacts("0" * 32, to=tmp_path)


def test_what_a_run_came_from_is_recorded() -> None:
    with attain.start_run() as run:
        pass
    tags = attain.get_run(run.run_id).tags
    assert tags["attain.command"] == shlex.join(sys.orig_argv)
    assert tags["mlflow.source.name"]


def test_leaving_by_an_exception_marks_the_run() -> None:
    ended = {
        ValueError("x"): ("FAILED", "failed"),
        KeyboardInterrupt(): ("KILLED", "interrupted"),
        SystemExit(0): ("FINISHED", "finished"),
        SystemExit(2): ("FAILED", "failed"),
    }
    for error, expected in ended.items():
        with pytest.raises(type(error)), attain.start_run() as run:
            raise error
        found = attain.get_run(run.run_id)
        assert (found.status, found.shown_status) == expected
        assert found.end_time is not None


def test_nested_runs_have_a_parent_and_give_back_the_active_run() -> None:
    with attain.start_run() as outer:
        with attain.start_run(nested=True) as inner:
            assert attain.active_run() is inner
            attain.log_param("depth", 2)
        attain.log_param("depth", 1)
        with pytest.raises(Invalid, match=r"is active already\. End it with attain\.end_run"):
            attain.start_run()
        elsewhere = attain.start_run(parent_run_id=inner.run_id)
        attain.end_run("KILLED")
    assert attain.active_run() is None
    assert attain.get_run(inner.run_id).parent_run_id == outer.run_id
    assert attain.get_run(elsewhere.run_id).parent_run_id == inner.run_id
    assert [attain.get_run(r.run_id).params.get("depth") for r in (outer, inner)] == ["1", "2"]


def test_a_run_is_gone_on_with() -> None:
    with attain.start_run() as run:
        attain.log_metric("loss", 1, step=0)
    with attain.start_run(run_id=run.run_id, tags={"again": "yes"}) as again:
        assert again.run_id == run.run_id
        assert attain.get_run(run.run_id).status == "RUNNING"
        attain.log_metric("loss", 2, step=1)
    found = attain.get_run(run.run_id)
    assert (found.metrics, found.status, found.tags["again"]) == ({"loss": 2}, "FINISHED", "yes")
    with pytest.raises(NotFound, match="no run with id"):
        attain.start_run(run_id="nothing")


def test_threads_have_runs_of_their_own_and_may_share_one() -> None:
    seen: list[str] = []

    def work() -> None:
        assert attain.active_run() is None
        with attain.start_run(parent_run_id=outer.run_id) as run:
            attain.log_metric("loss", 1)
            seen.append(run.run_id)

    with attain.start_run() as outer:
        context = contextvars.copy_context()
        threads = [threading.Thread(target=work) for _ in range(3)]
        shared = threading.Thread(target=context.run, args=(attain.log_metric, "shared", 1))
        for thread in [*threads, shared]:
            thread.start()
        for thread in [*threads, shared]:
            thread.join()
    assert {attain.get_run(run_id).parent_run_id for run_id in seen} == {outer.run_id}
    assert attain.get_run(outer.run_id).metrics == {"shared": 1}


def test_without_a_run_one_is_started() -> None:
    attain.log_metric("loss", 1)
    active = attain.active_run()
    assert active is not None
    assert attain.get_run(active.run_id).metrics == {"loss": 1}


def test_a_metric_that_is_no_number_is_refused() -> None:
    with attain.start_run(), pytest.raises(Invalid, match="'loss' is 'high'"):
        attain.log_metric("loss", "high")  # type: ignore[arg-type]  # wrong on purpose


def test_many_params_and_metrics_fit() -> None:
    with attain.start_run() as run:
        attain.log_params({f"p{i}": i for i in range(250)})
        attain.log_metrics({f"m{i}": i for i in range(1_500)})
    found = attain.get_run(run.run_id)
    assert (len(found.params), len(found.metrics)) == (250, 1_500)


def test_found_runs_are_a_frame_or_a_list() -> None:
    attain.set_experiment("first")
    for model, auc in {"bkt": 0.7, "dkt": 0.8, "none": math.nan}.items():
        with attain.start_run(run_name=model):
            attain.log_param("model", model)
            if model != "none":
                attain.log_metric("auc", auc)
    frame = attain.search_runs(order_by=["metrics.auc DESC"])
    assert list(frame.columns[:6]) == ["run_id", "experiment_id", "status", "artifact_uri", "start_time", "end_time"]
    assert frame["params.model"].tolist() == ["dkt", "bkt", "none"]
    assert frame["metrics.auc"].tolist()[:2] == [0.8, 0.7]
    assert frame["metrics.auc"].isna().tolist() == [False, False, True]
    assert str(frame["start_time"].dt.tz) == "UTC"
    listed = attain.search_runs(filter_string="metrics.auc > 0.75", output_format="list")
    assert [run.params["model"] for run in listed] == ["dkt"]
    assert len(attain.search_runs(max_results=2)) == 2
    assert len(attain.search_runs(["0"])) == 0
    assert len(attain.search_runs(experiment_names=["first", "Default"])) == 3
    assert len(attain.search_runs(search_all_experiments=True)) == 3
    with pytest.raises(NotFound, match="'nothing'"):
        attain.search_runs(experiment_names=["nothing"])
    with pytest.raises(Invalid, match="output_format"):
        attain.search_runs(output_format="csv")  # type: ignore[call-overload]  # wrong on purpose


def test_experiments_are_made_and_found() -> None:
    made = attain.create_experiment("first", tags={"a": "1"})
    found = attain.get_experiment_by_name("first")
    assert found is not None
    assert (found.experiment_id, found.tags) == (made, {"a": "1"})
    assert attain.get_experiment_by_name("nothing") is None
    assert attain.set_experiment(experiment_id=made) == found
    with pytest.raises(Exists, match="'first' already"):
        attain.create_experiment("first")
    with pytest.raises(Invalid, match="one of them"):
        attain.set_experiment("first", made)


@pytest.fixture
def modelled() -> str:
    """A run with a model of two files."""
    with attain.start_run() as run:
        attain.log_text("3", "model/params.json")
        attain.log_text("x", "model/weights")
    return run.run_id


def test_a_model_of_a_run_gets_a_name_a_number_and_an_alias(modelled: str) -> None:
    first = attain.register_model(modelled, "model", "dropout", description="week 4", tags={"team": "ada"})
    second = attain.register_model(modelled, "model/weights", "dropout")
    assert (first.name, first.version, first.description, first.tags) == ("dropout", 1, "week 4", {"team": "ada"})
    assert (first.run_id, first.source) == (modelled, f"runs:/{modelled}/model")
    assert first.storage == f"{attain.get_run(modelled).artifact_uri}/model"
    attain.set_model_alias("dropout", "champion", 2)
    assert attain.get_model_version("dropout", 1) == first
    champion = attain.get_model_version("dropout", "champion")
    assert (champion.version, champion.aliases, champion.source) == (2, ("champion",), second.source)
    attain.set_model_alias("dropout", "champion", 1)
    assert attain.get_model_version("dropout", "champion").version == 1
    assert attain.get_model_version("dropout").version == 2


def test_nothing_is_registered_that_is_not_there(modelled: str) -> None:
    with pytest.raises(NotFound, match="has no artifact 'modell', so there is nothing to register"):
        attain.register_model(modelled, "modell", "dropout")
    with pytest.raises(NotFound, match="no run with id"):
        attain.register_model("0" * 32, "model", "dropout")
    for ask in (
        lambda: attain.get_model_version("dropout", 1),
        lambda: attain.set_model_alias("dropout", "champion", 1),
    ):
        with pytest.raises(NotFound, match="no registered model 'dropout'"):
            ask()


def test_a_bad_name_is_refused(modelled: str) -> None:
    with pytest.raises(Invalid, match="must not have '/'"):
        attain.register_model(modelled, "model", "a/b")
    with pytest.raises(Invalid, match="not a plain path"):
        attain.register_model(modelled, "../model", "dropout")
    attain.register_model(modelled, "model", "dropout")
    with pytest.raises(Invalid, match="is reserved"):
        attain.set_model_alias("dropout", "v2", 1)


def test_a_deleted_run_is_not_found_by_search() -> None:
    with attain.start_run() as run:
        pass
    attain.delete_run(run.run_id)
    assert attain.search_runs(["0"], output_format="list") == []


def test_the_store_does_not_change_under_an_open_run(uri: str) -> None:
    with attain.start_run(), pytest.raises(Invalid, match="is open; end it"):
        attain.set_tracking_uri(uri)


def statuses(store: Store) -> list[str]:
    return [run.status for run in store.search_runs(["0"]).items]


def test_a_script_that_ends_ends_its_runs(store: Store, uri: str) -> None:
    script(uri, "attain.start_run(); attain.start_run(nested=True); attain.log_metric('loss', 1)")
    assert statuses(store) == ["FINISHED", "FINISHED"]
    assert list((store.folder / "journal").iterdir()) == []


@pytest.mark.parametrize(("error", "status"), [("ValueError", "FAILED"), ("KeyboardInterrupt", "KILLED")])
def test_a_script_that_dies_says_how(store: Store, uri: str, error: str, status: str) -> None:
    script(uri, f"attain.log_metric('loss', 1)\nraise {error}('x')", check=False)
    assert statuses(store) == [status]
    assert store.search_runs(["0"]).items[0].metrics == {"loss": 1}


def test_a_forked_child_does_not_end_the_runs_of_its_parent(store: Store, uri: str) -> None:
    text = """
import os, sys
with attain.start_run() as run:
    attain.log_metric("parent", 1)
    if (child := os.fork()) == 0:
        attain.log_metric("child", 1)
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
    print(attain.get_run(run.run_id).status)
"""
    assert script(uri, text).stdout == "RUNNING\n"
    (run,) = store.search_runs(["0"]).items
    assert (run.status, run.metrics) == ("FINISHED", {"parent": 1, "child": 1})


def test_a_killed_script_leaves_an_interrupted_run_with_all_it_logged(uri: str) -> None:
    text = "import attain, time\nattain.log_metric('loss', 0.5)\nprint(flush=True)\ntime.sleep(60)"
    environment = {**os.environ, "ATTAIN_TRACKING_URI": uri}
    process = subprocess.Popen([sys.executable, "-c", text], env=environment, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate()
    again = open_store(uri)
    (run,) = again.search_runs(["0"]).items
    assert (run.status, run.shown_status, run.metrics) == ("RUNNING", "interrupted", {"loss": 0.5})
    again.close()


def lent(uri: str, text: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """A script to which a run of ours is lent, and the id of that run."""
    store = open_store(uri)
    run_id = store.create_run("0", "ours").run_id
    store.close()
    environment = {**os.environ, "ATTAIN_TRACKING_URI": uri, "ATTAIN_RUN_ID": run_id}
    command = [sys.executable, "-W", "error", "-c", "import attain\n" + text]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False), run_id


def test_a_script_logs_into_the_run_that_is_lent_to_it_and_leaves_its_end_to_the_owner(uri: str) -> None:
    done, run_id = lent(uri, "attain.log_metric('loss', 1)\nattain.log_param('p', 2)")
    assert done.returncode == 0, done.stderr
    run = attain.get_run(run_id)
    assert (run.metrics, run.params, run.status, run.name) == ({"loss": 1.0}, {"p": "2"}, "RUNNING", "ours")
    assert attain.search_runs(["0"], output_format="list") == [run]


def test_runs_after_the_lent_one_are_parts_of_it(uri: str) -> None:
    text = """
for name in ("one", "two"):
    with attain.start_run(run_name=name, tags={"t": name}) as run:
        attain.log_metric("loss", 1)
        with attain.start_run(nested=True, run_name=f"in {name}"):
            pass
"""
    done, run_id = lent(uri, text)
    assert done.returncode == 0, done.stderr
    found = {run.name: run for run in attain.search_runs(["0"], output_format="list")}
    assert sorted(found) == ["in one", "in two", "ours", "two"]
    assert (found["ours"].tags["t"], found["ours"].status) == ("one", "RUNNING")
    assert (found["two"].parent_run_id, found["two"].status) == (run_id, "FINISHED")
    assert (found["in one"].parent_run_id, found["in two"].parent_run_id) == (run_id, found["two"].run_id)


def test_a_lent_run_that_is_named_is_not_ended_either_and_another_is(uri: str) -> None:
    text = """
import os
with attain.start_run(run_id=os.environ["ATTAIN_RUN_ID"]):
    attain.log_metric("loss", 1)
with attain.start_run(parent_run_id=os.environ["ATTAIN_RUN_ID"], run_name="part"):
    pass
"""
    done, run_id = lent(uri, text)
    assert done.returncode == 0, done.stderr
    assert attain.get_run(run_id).status == "RUNNING"
    assert {run.name: run.status for run in attain.search_runs(["0"], output_format="list")}["part"] == "FINISHED"


def test_a_lent_run_that_is_not_there_is_said(uri: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import attain\nattain.log_metric('a', 1)"],
        env={**os.environ, "ATTAIN_TRACKING_URI": uri, "ATTAIN_RUN_ID": "0" * 32},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "NotFound" in done.stderr
