"""What every test may use: a home of its own, so that no test sees another's runs, caches or keys."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in the workers of a suite; several would stand in each other's way

settings.register_profile("attain", deadline=None)  # a busy machine must not fail a test
settings.load_profile("attain")

pytest_plugins = ["attain.testing.stores", "attain.testing.s3", "attain.testing.mlflow"]
"""`uri`: the address of an empty store, on SQLite and on PostgreSQL; `new_store`, `cluster`: for whole modules;
`bucket`: an empty one on an S3 server; `mlflow_server`: starts MLflow's own."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder that is attain's home too; the tests' own environment is out of sight."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / ".attain"))
    monkeypatch.delenv("ATTAIN_TRACKING_URI", raising=False)
    return tmp_path
