"""A store with an experiment of three runs, and its server."""

import base64
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attain.server.access.opening import open_gate
from attain.server.access.settings import AccessSettings
from attain.testing.stores import BACKENDS, NewStore
from attain.tracking.artifacts import log_files
from attain.tracking.passwords import hashed
from attain.tracking.sql import principals
from attain.tracking.sql.engine import writing
from attain.tracking.sql.store import Store

PASSWORD = "correct horse battery"
HOSTILE = "<script>alert(1)</script>\"'=HYPERLINK(1)"


@pytest.fixture(params=BACKENDS)
def uri(request: pytest.FixtureRequest, new_store: NewStore) -> str:
    return new_store(request.param)


@dataclass
class Filled:
    """A server, and what is in its store."""

    server: Any  # the class `Running` of the conftest above
    experiment: str
    runs: dict[str, str]
    model: str

    def page(self, path: str, status: int = 200) -> str:
        got, body = self.server.raw("GET", path)
        assert got == status, body.decode()
        return body.decode()

    def facts(self, path: str) -> dict[str, Any]:
        status, found = self.server.ask("GET", path)
        assert status == 200, found
        return found  # type: ignore[no-any-return]

    def send(self, path: str, form: str, origin: str | None = "") -> int:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if origin is not None:
            headers["Origin"] = origin or self.server.url
        status, _ = self.server.raw("POST", path, form.encode(), headers=headers)
        return int(status)


@pytest.fixture
def filled(server: Any) -> Filled:
    experiment = server.post("experiments/create", name=f"kt {HOSTILE}")["experiment_id"]
    runs = {}
    for place, (model, auc) in enumerate((("bkt", 0.70), ("dkt", 0.78), ("irt", 0.74))):
        run_id = server.run(experiment_id=experiment, run_name=f"{model} {HOSTILE}", start_time=1000 + place)
        metrics = [
            {"key": key, "value": value, "timestamp": 1, "step": 0}
            for key, value in (("auc", auc), ("auc/low", auc - 0.01), ("auc/high", auc + 0.01), ("rmse", 1 - auc))
        ]
        metrics += [{"key": "train_loss", "value": 1 / (s + 1), "timestamp": s, "step": s} for s in range(5)]
        params = [{"key": "model", "value": model}, {"key": "evil", "value": HOSTILE}, {"key": "same", "value": "1"}]
        server.post("runs/log-batch", run_id=run_id, metrics=metrics, params=params)
        server.post("runs/update", run_id=run_id, status="FINISHED", end_time=9000)
        runs[model] = run_id
    name = f"dropout {HOSTILE.replace('/', '')}"
    server.post("registered-models/create", name=name, description=HOSTILE)
    for run_id in (runs["bkt"], runs["dkt"]):
        server.post("model-versions/create", name=name, source=f"runs:/{run_id}/model", run_id=run_id)
    server.post("registered-models/alias", name=name, alias="champion", version="1")
    return Filled(server, experiment, runs, name)


@pytest.fixture
def ann_sees(serve: Callable[..., Any], store: Store) -> Callable[[str], tuple[int, str]]:
    """What the member `ann`, who may read nothing at first, gets from a guarded server."""
    with writing(store._engine) as c:
        principals.add(c, "user", "ann", 1, role="member", password=hashed("correct horse battery"))
    guarded = serve(access=open_gate(store, AccessSettings(secure_cookies=False)))
    token = base64.b64encode(b"ann:correct horse battery").decode()

    def seen(path: str) -> tuple[int, str]:
        status, body = guarded.raw("GET", path, headers={"Authorization": f"Basic {token}"})
        return status, body.decode()

    return seen


@pytest.fixture(scope="session")
def hash() -> str:
    return hashed(PASSWORD)


@pytest.fixture
def see(filled: Filled, serve: Callable[..., Any], store: Store, hash: str) -> Callable[..., tuple[int, str]]:
    """What the member `ann`, who may read nothing at first, or the admin `root` gets from the guarded server."""
    with writing(store._engine) as c:
        principals.add(c, "user", "ann", 1, role="member", password=hash)
        principals.add(c, "user", "root", 1, role="admin", password=hash)
    guarded = serve(access=open_gate(store, AccessSettings(secure_cookies=False)))

    def seen(name: str, path: str, form: bytes | None = None, **more: str) -> tuple[int, str]:
        token = base64.b64encode(f"{name}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Origin": guarded.url} | more if name else more
        status, body = guarded.raw("GET" if form is None else "POST", path, form, headers=headers)
        return status, body.decode()

    return seen


@dataclass
class Generated:
    """A suite of two generators: for each of 7 prompts one piece of each, of `good` always delivered."""

    suite: str
    runs: dict[str, str]


@pytest.fixture
def generated(filled: Filled, server: Any) -> Generated:
    store, experiment = server.store, filled.experiment
    suite = store.create_run(experiment, "writers", tags={"attain.kind": "suite", "attain.task": "content_generation"})
    runs = {}
    for system in ("good", "bad"):
        tags = {"attain.kind": "model", "attain.label": f"{system} {HOSTILE}", "attain.task": "content_generation"}
        run = store.create_run(experiment, f"{system} · lessons", tags=tags, parent_run_id=suite.run_id)
        states = ["ok"] * 7 if system == "good" else ["ok"] * 4 + ["empty", "refused", "failed"]
        frame = pd.DataFrame(
            {
                "example": range(7),
                "unit": [f"p{n}" for n in range(7)],
                "sample": 0,
                "text": [f"{system} question {n} {HOSTILE}?" if s == "ok" else "" for n, s in enumerate(states)],
                "references": [json.dumps([f"reference {n}"]) for n in range(7)],
                "state": states,
                "error": ["" if s != "failed" else "status 500" for s in states],
                "passage": [f"passage {n} {HOSTILE}" for n in range(7)],
                "answer": [f"answer {n}" for n in range(7)],
                "rating.clarity": [1 + n / 3 if system == "good" and n < 6 else np.nan for n in range(7)],
            }
        )
        buffer = io.BytesIO()
        frame.to_parquet(buffer, index=False)
        log_files(store, run.run_id, {"predictions.parquet": buffer.getvalue()})
        runs[system] = run.run_id
    return Generated(suite.run_id, runs)
