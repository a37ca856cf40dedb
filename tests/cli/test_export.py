from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.tracking import http_client
from attain.tracking.store import open_store


def test_what_to_send_must_be_said(attain: Callable[..., Any], home: Path) -> None:
    said = attain("export", "mlflow", "http://127.0.0.1:9")
    assert said.status == 2
    assert "Which runs?" in said.err


def test_an_unknown_suite_is_named(attain: Callable[..., Any], home: Path) -> None:
    said = attain("export", "mlflow", "http://127.0.0.1:9", "--suite", "Defualt")
    assert said.status == 2
    assert "Did you mean 'Default'?" in said.err


def test_a_server_that_is_away_is_named(
    attain: Callable[..., Any], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store()
    store.create_run("0")
    store.close()
    monkeypatch.setattr(http_client, "PATIENCE_S", 0.0)
    said = attain("export", "mlflow", "http://127.0.0.1:9", "--all")
    assert said.status == 2
    assert "The server http://127.0.0.1:9 cannot be reached (Connection refused)" in said.err
