"""The real MLflow client keeps its artifacts here and finds them again."""

import hashlib
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from attain.server.settings import Settings
from attain.tracking.blobs_remote import RemoteBlobs
from attain.tracking.sql.store import Store


@pytest.fixture(scope="module")
def mlflow() -> Iterator[Any]:
    """The module `mlflow`, which takes seconds to import."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what the client warns of when it is imported is not ours to mend
            import mlflow
        yield mlflow
        mlflow.set_tracking_uri(None)


@pytest.fixture
def uri(tmp_path: Path) -> str:
    """One kind of database is enough here, where bytes go by it."""
    return f"sqlite:///{tmp_path / 'attain.db'}"


@pytest.fixture(params=["folder", "bucket"])
def server(serve: Callable[..., Any], store: Store, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "bucket":
        store.blobs = RemoteBlobs(f"s3://{request.getfixturevalue('bucket')}", tmp_path / "incoming", "attain.db")
    return serve()


@pytest.fixture
def run(server: Any, mlflow: Any) -> Iterator[Any]:
    """A run of the client on the server."""
    mlflow.set_tracking_uri(server.url)
    mlflow.set_experiment(experiment_id="0")  # or the client goes on in the experiment of another test
    with mlflow.start_run() as run:
        yield run


def listed(mlflow: Any, run: Any, folder: str | None = None) -> list[tuple[str, bool, int | None]]:
    found = mlflow.MlflowClient().list_artifacts(run.info.run_id, folder)
    return [(file.path, file.is_dir, file.file_size) for file in found]


def test_files_and_folders(mlflow: Any, run: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "deep").mkdir(parents=True)
    (out / "a.txt").write_text("a")
    (out / "deep" / "b.bin").write_bytes(os.urandom(100_000))
    (out / "empty").touch()
    mlflow.log_artifact(str(out / "a.txt"))
    mlflow.log_artifact(str(out / "a.txt"), "under/here")
    mlflow.log_artifacts(str(out), "all")
    assert listed(mlflow, run) == [("a.txt", False, 1), ("all", True, None), ("under", True, None)]
    assert listed(mlflow, run, "all") == [("all/a.txt", False, 1), ("all/deep", True, None), ("all/empty", False, 0)]
    assert listed(mlflow, run, "all/a.txt") == []
    got = Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, dst_path=str(tmp_path / "got")))
    assert (got / "under" / "here" / "a.txt").read_text() == "a"
    for path in ("a.txt", "deep/b.bin", "empty"):
        assert (got / "all" / path).read_bytes() == (out / path).read_bytes()
    one = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="all/deep")
    assert (Path(one) / "b.bin").read_bytes() == (out / "deep" / "b.bin").read_bytes()


def test_text_and_data(mlflow: Any, run: Any) -> None:
    mlflow.log_text("été\n", "notes/é t.txt")
    mlflow.log_dict({"a": [1, 2.5, None]}, "d.json")
    mlflow.log_dict({"b": "x"}, "d.yaml")
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/notes/é t.txt") == "été\n"
    assert mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/d.json") == {"a": [1, 2.5, None]}
    assert "b: x" in mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/d.yaml")


@pytest.mark.filterwarnings("ignore:For backward compatibility, 'str' dtypes are included")  # the client's own call
def test_tables(mlflow: Any, run: Any) -> None:
    mlflow.log_table({"learner": ["a", "b"], "score": [0.5, 1.0]}, "t.json")
    mlflow.log_table({"learner": ["c"], "score": [0.25]}, "t.json")
    frame = mlflow.load_table("t.json", run_ids=[run.info.run_id], extra_columns=["run_id"])
    assert frame["learner"].tolist() == ["a", "b", "c"]
    assert frame["score"].tolist() == [0.5, 1.0, 0.25]
    assert frame["run_id"].tolist() == [run.info.run_id] * 3


def test_pictures(mlflow: Any, run: Any) -> None:
    import matplotlib.pyplot as plt
    import numpy as np

    figure, axes = plt.subplots()
    axes.plot([1, 2])
    mlflow.log_figure(figure, "plots/line.png")
    plt.close(figure)
    mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), "black.png")
    mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), key="samples", step=3)  # by a thread of the client's
    mlflow.flush_artifact_async_logging()
    picture = mlflow.artifacts.load_image(f"{run.info.artifact_uri}/black.png")
    assert picture.size == (4, 4)
    assert [path for path, _, _ in listed(mlflow, run)] == ["black.png", "images", "plots"]
    assert len(listed(mlflow, run, "images")) == 2  # the picture, and a small one for the page


def test_what_is_logged_again_is_replaced_and_can_be_deleted(mlflow: Any, run: Any) -> None:
    mlflow.log_text("old", "a/b.txt")
    mlflow.log_text("new", "a/b.txt")
    mlflow.log_text("stays", "a/c.txt")
    assert mlflow.artifacts.load_text(f"{run.info.artifact_uri}/a/b.txt") == "new"
    repository = mlflow.store.artifact.artifact_repository_registry.get_artifact_repository(run.info.artifact_uri)
    repository.delete_artifacts("a/b.txt")
    assert listed(mlflow, run, "a") == [("a/c.txt", False, 5)]
    with pytest.raises(Exception, match="404"):
        repository.delete_artifacts("a/b.txt")
    repository.delete_artifacts()
    assert listed(mlflow, run) == []


def test_a_client_that_wants_to_send_parts_sends_one_piece(
    mlflow: Any, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD", "true")
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", str(5 << 20))
    monkeypatch.setenv("MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE", str(5 << 20))
    monkeypatch.setenv("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD", "true")
    content = os.urandom(11 << 20)
    (tmp_path / "large.bin").write_bytes(content)
    mlflow.log_artifact(str(tmp_path / "large.bin"))
    got = mlflow.artifacts.download_artifacts(f"{run.info.artifact_uri}/large.bin", dst_path=str(tmp_path / "got"))
    assert Path(got).read_bytes() == content


def test_a_refusal_reaches_the_user_with_its_reason(mlflow: Any, serve: Callable[..., Any], tmp_path: Path) -> None:
    server = serve(Settings(most_artifact=1_000))
    (tmp_path / "large.bin").write_bytes(bytes(20_000_000))
    mlflow.set_tracking_uri(server.url)
    mlflow.set_experiment(experiment_id="0")
    with mlflow.start_run(), pytest.raises(Exception, match=r"413.*more than 1,000 bytes"):
        mlflow.log_artifact(str(tmp_path / "large.bin"))


CLIENT = """
import hashlib, os, sys
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
import mlflow
url, path, out = sys.argv[1:]
mlflow.set_tracking_uri(url)
with mlflow.start_run() as run:
    mlflow.log_artifact(path)
got = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="large.bin", dst_path=out)
print(hashlib.file_digest(open(got, "rb"), "sha256").hexdigest())
"""


@pytest.mark.slow
def test_200_mb_go_up_and_down_while_the_server_stays_small(tmp_path: Path) -> None:
    code = (
        "import sys, socket, uvicorn\n"
        "from attain.server.app import create_app; from attain.server.settings import Settings\n"
        "from attain.tracking.store import open_database\n"
        "bound = socket.create_server(('127.0.0.1', 0)); print(bound.getsockname()[1], flush=True)\n"
        "app = create_app(Settings(), open_database(sys.argv[1]))\n"
        "uvicorn.Server(uvicorn.Config(app, log_level='warning')).run([bound])\n"
    )
    uri = f"sqlite:///{tmp_path / 'large.db'}"
    server = subprocess.Popen([sys.executable, "-c", code, uri], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{server.stdout.readline().strip()}"
        digest = hashlib.sha256()
        with (tmp_path / "large.bin").open("wb") as large:
            for _ in range(200):
                digest.update(piece := os.urandom(1_000_000))
                large.write(piece)
        small = _client(url, tmp_path / "small", b"x", tmp_path / "out1")
        assert small == hashlib.sha256(b"x").hexdigest()
        before = _peak(server.pid)
        assert _client(url, tmp_path, None, tmp_path / "out2") == digest.hexdigest()
        assert _peak(server.pid) - before < 32 << 20
    finally:
        server.terminate()
        server.wait(20)
        server.stdout.close()


def _client(url: str, folder: Path, content: bytes | None, out: Path) -> str:
    if content is not None:
        folder.mkdir()
        (folder / "large.bin").write_bytes(content)
    command = [sys.executable, "-c", CLIENT, url, str(folder / "large.bin"), str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1]


def _peak(pid: int) -> int:
    """The most memory that a process has had, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024
