"""`attain serve` as a process: it is killed and loses nothing, its model is changed under it, clients score with it."""

import http.client
import json
import shutil
import signal
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.serve.live import Live
from attain.serve.rows import score
from attain.serve.run import TOKEN, checked_token
from attain.tracking import artifacts
from attain.tracking.store import Store, open_database

from .conftest import Process

SECRET = "correct-horse-battery-staple"


def test_a_kill_in_the_midst_of_answers_loses_none_that_was_replied_to(bkt: Path, tmp_path: Path) -> None:
    replied: list[dict[str, object]] = []

    def send(process: Process) -> None:
        connection = http.client.HTTPConnection(urlsplit(process.url).netloc, timeout=120)
        for number in range(100_000):
            body = json.dumps({"id": str(number), "item": "item-3", "correct": number % 2})
            try:
                connection.request("POST", "/learners/ann/interactions", body, {"Content-Type": "application/json"})
                replied.append(json.loads(connection.getresponse().read()))
            except (OSError, http.client.HTTPException):
                return
            if number == 40:
                enough.set()

    enough = threading.Event()
    with Process(str(bkt), tmp_path) as process:
        sender = threading.Thread(target=send, args=(process,))
        sender.start()
        assert enough.wait(60)
        process.child.send_signal(signal.SIGKILL)
        sender.join()
    with Process(str(bkt), tmp_path) as again:
        known = again.get("/learners/ann/mastery")
        assert known["answers"] in (len(replied), len(replied) + 1)  # one may be kept whose reply was on the way
        for reply in (replied[0], replied[-1]):
            number = int(str(reply["interaction"]))
            assert again.answer("ann", "item-3", number % 2, id=str(number)) == reply
        assert again.get("/learners/ann/mastery") == known


def test_mlflow_s_own_client_scores_a_served_model(bkt: Path, tmp_path: Path) -> None:
    client = pytest.importorskip("mlflow.pyfunc.scoring_server.client")
    table = pd.DataFrame({"learner": ["a", "a"], "item": ["item-3", "item-4"], "correct": [1, 0]})
    with Process(str(bkt), tmp_path) as process:
        where = urlsplit(process.url)
        mlflow = client.ScoringServerClient(where.hostname, where.port)
        mlflow.wait_server_ready()
        found = mlflow.invoke(table).get_predictions()
    expected = score(Live(None, str(bkt)).now, table)
    assert found.iloc[:, 0].tolist() == pytest.approx(expected.tolist())


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_scores_a_served_model(bkt: Path, tmp_path: Path) -> None:
    with Process(str(bkt), tmp_path) as process:
        body = '{"instances": [{"item": "item-3"}]}'
        command = ["curl", "-sS", f"{process.url}/invocations", "-H", "Content-Type: application/json", "-d", body]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert 0 < json.loads(said)["predictions"][0] < 1


def register(store: Store, name: str, folder: Path) -> int:
    """A new version of a registered model, made by a run of its own; its number."""
    run = store.create_run(store.ensure_experiment("serve").experiment_id, "fold")
    artifacts.log_artifacts(store, run.run_id, folder, "model")
    store.registry.ensure_model(name)
    return store.registry.create_version(name, f"runs:/{run.run_id}/model").version


def test_a_promotion_is_served_without_a_lost_request(bkt: Path, other_bkt: Path, tmp_path: Path) -> None:
    store = open_database(f"sqlite:///{tmp_path / 'attain.db'}")
    for folder in (bkt, other_bkt):
        register(store, "tutor", folder)
    store.registry.set_alias("tutor", "champion", 1)

    def send() -> None:
        number = 0
        while not done.is_set():
            replies.append(process.answer("ann", "item-3", number % 2, id=str(number)))
            number += 1

    replies: list[dict[str, object]] = []
    done = threading.Event()
    with Process("tutor@champion", tmp_path, "--poll", "0.1") as process:
        sender = threading.Thread(target=send)
        sender.start()
        while len(replies) < 20:
            assert sender.is_alive()
            sender.join(0.01)
        store.registry.set_alias("tutor", "champion", 2)
        while replies[-1]["model"] != {"name": "tutor", "version": "2"}:
            assert sender.is_alive()
            sender.join(0.01)
        done.set()
        sender.join()
        assert "Version 2 of tutor is served now." in process.end()
    store.close()
    versions = [str(reply["model"]["version"]) for reply in replies]  # type: ignore[index]
    assert versions == sorted(versions)
    assert [reply["number"] for reply in replies] == list(range(1, len(replies) + 1))


def test_a_broken_promotion_leaves_the_version_before_in_use(bkt: Path, tmp_path: Path) -> None:
    store = open_database(f"sqlite:///{tmp_path / 'attain.db'}")
    register(store, "tutor", bkt)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "model.json").write_text('{"model": "bkt", "params": {}, "names": {}}')
    register(store, "tutor", broken)
    store.registry.set_alias("tutor", "champion", 1)
    live = Live(store, "tutor@champion")
    assert not live.look()
    store.registry.set_alias("tutor", "champion", 2)
    assert not live.look()
    assert live.now.version == "1"
    store.close()


def test_no_name_of_a_learner_is_logged(bkt: Path, tmp_path: Path) -> None:
    with Process(str(bkt), tmp_path) as process:
        process.answer("ann-secret", "item-3", 1, id="7")
        process.refused("POST", "/learners/ann-secret/interactions", {"item": "secret", "correct": 1})
        process.refused("GET", "/learners/ann-secret/next?k=x")
        assert "secret" not in process.end()


def test_beyond_this_machine_a_token_is_demanded(bkt: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN, raising=False)
    assert checked_token("127.0.0.1") is None
    with pytest.raises(UserError, match=f"can be reached from other machines. Set {TOKEN}"):
        checked_token("0.0.0.0")
    monkeypatch.setenv(TOKEN, "short")
    with pytest.raises(UserError, match="at least 16 characters"):
        checked_token("0.0.0.0")
    with Process(str(bkt), tmp_path, **{TOKEN: SECRET}) as process:
        assert process.ask("GET", "/ping")[0] == 200
        for path in ("/version", "/learners/ann/mastery", "/v2/models/bkt"):
            assert process.ask("GET", path)[0] == 401
            assert process.ask("GET", path, headers={"Authorization": "Bearer wrong"})[0] == 401
        assert process.ask("GET", "/v2/models/bkt", headers={"Authorization": f"Bearer {SECRET}"})[0] == 200
