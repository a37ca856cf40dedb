import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from attain.tracking import artifacts
from attain.tracking.entities import MetricPoint
from attain.tracking.provenance import capture
from attain.tracking.store import open_store

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import


def made(home: Path, code: str, rate: str) -> str:
    (home / "train.py").write_text(code)
    store, known = open_store(f"sqlite:///{home / '.attain' / 'own.db'}"), capture.__wrapped__(home)
    run = store.create_run(store.ensure_experiment("a").experiment_id, "one", tags=known.tags, params={"rate": rate})
    artifacts.log_files(store, run.run_id, known.files)
    return run.run_id


def test_params_and_lines_of_code_are_told(attain: Attain, home: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(home.parent))
    first, second = made(home, "a = 1\n", "0.1"), made(home, "a = 2\n", "0.2")
    said = attain("diff", first, second, "--store", f"sqlite:///{home / '.attain' / 'own.db'}", "--json")
    found = json.loads(said.out)
    assert found["params"] == {"rate": ["0.1", "0.2"]}
    assert [cause["what"] for cause in found["causes"] if cause["then"] != cause["now"]] == ["code"]
    assert "-a = 1\n+a = 2" in found["code"]


def test_the_same_code_has_no_difference(attain: Attain, home: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(home.parent))
    first, second = made(home, "a = 1\n", "0.1"), made(home, "a = 1\n", "0.1")
    found = json.loads(
        attain("diff", first, second, "--store", f"sqlite:///{home / '.attain' / 'own.db'}", "--json").out
    )
    assert (found["params"], found["code"]) == ({}, "")


def test_metrics_are_told_by_their_names_and_not_by_the_keys_of_the_store(
    attain: Attain, home: Path, monkeypatch: Any
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(home.parent))
    uri = f"sqlite:///{home / '.attain' / 'own.db'}"
    runs = [made(home, "a = 1\n", "0.1") for _ in range(2)]
    for place, run in enumerate(runs):
        open_store(uri).log_batch(run, metrics=[MetricPoint("chrf of 0/topic:forces", place, 0, 0)])
    assert "chrf[0]/topic=forces" in attain("diff", *runs, "--store", uri).out
