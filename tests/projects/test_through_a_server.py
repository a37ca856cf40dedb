"""The runs of a project in a server's store: scripts that log through attain, and through MLflow's own client."""

import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from attain.projects.ask import ask
from attain.projects.config import read_project
from attain.projects.run import Ended, Place, absolute, run_project
from attain.server.app import create_app
from attain.server.serve import listen
from attain.server.settings import Settings
from attain.tracking.store import open_database, open_store

OWN = """\
import attain
attain.log_metric("loss", 0.5, step=2)
attain.log_text("hello", "note.txt")
"""
MLFLOW = """\
import mlflow
with mlflow.start_run() as run:
    mlflow.log_metric("loss", 0.5, step=2)
    mlflow.log_param("of_the_script", 1)
    mlflow.log_text("hello", "note.txt")
"""


@pytest.fixture
def server(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server over a store of its own, which this folder's home is not."""
    monkeypatch.setenv("UV_OFFLINE", "1")
    store = open_database(f"sqlite:///{home / 'shared.db'}")
    socket = listen("127.0.0.1", 0)
    config = uvicorn.Config(create_app(Settings(), store, None), log_level="warning", ws="none", lifespan="on")
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, args=([socket],), daemon=True)
    thread.start()
    while not running.started:
        assert thread.is_alive(), "the server did not start"
        thread.join(0.002)
    yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    running.should_exit = True
    thread.join()
    socket.close()
    store.close()


def done(home: Path, server: str, script: str) -> Ended:
    (home / "attain.yaml").write_text("name: p\nentries: {main: {command: python a.py}}\n")
    (home / "a.py").write_text(script)
    asked = ask(read_project(home), None, {})
    return run_project(asked, Place(open_store(server), server), python=Path(sys.executable))


def test_a_script_logs_into_its_run_on_a_server(home: Path, server: str) -> None:
    ended = done(home, server, OWN)
    store = open_database(f"sqlite:///{home / 'shared.db'}")
    run = store.get_run(ended.run_id)
    assert (run.status, run.metrics, run.latest["loss"].step) == ("FINISHED", {"loss": 0.5}, 2)
    kept = {file.path for file in store.artifacts_under(run.run_id)}
    assert {"note.txt", "attain.yaml", "provenance.json", "environment.txt"} <= kept
    assert store.count_runs([run.experiment_id]) == 1
    store.close()


@pytest.mark.slow
def test_the_client_of_mlflow_logs_into_it_too(home: Path, server: str) -> None:
    pytest.importorskip("mlflow", reason="the mlflow client is not installed")
    ended = done(home, server, MLFLOW)
    assert ended.status == "FINISHED", ended.last_words
    store = open_database(f"sqlite:///{home / 'shared.db'}")
    run = store.get_run(ended.run_id)
    assert (run.status, run.metrics, dict(run.params)) == ("FINISHED", {"loss": 0.5}, {"of_the_script": "1"})
    assert store.artifacts_under(run.run_id, "note.txt")
    assert store.count_runs([run.experiment_id]) == 1
    store.close()


def test_a_script_that_failed_has_failed_though_its_client_said_otherwise(home: Path, server: str) -> None:
    ended = done(home, server, OWN + "import sys\nsys.exit(3)\n")
    store = open_database(f"sqlite:///{home / 'shared.db'}")
    run = store.get_run(ended.run_id)
    assert (run.status, run.tags["attain.exit"], run.metrics) == ("FAILED", "3", {"loss": 0.5})
    assert json.loads(run.tags["attain.exit"]) == ended.code
    store.close()


def test_the_address_of_a_file_is_the_same_from_another_folder(home: Path) -> None:
    assert absolute("sqlite:///a/b.db") == f"sqlite:///{home}/a/b.db"
    assert absolute("sqlite:////a/b.db") == "sqlite:////a/b.db"
    assert absolute("http://host:1") == "http://host:1"
