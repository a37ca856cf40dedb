"""What every test may use: a home of its own, so that no test sees another's runs, caches or keys."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in the workers of a suite; several would stand in each other's way
os.environ.setdefault("UV_OFFLINE", "1")  # no run of a test asks an index for a lock of all that is installed

settings.register_profile("attain", deadline=None)  # a busy machine must not fail a test
settings.load_profile("attain")

pytest_plugins = ["attain.testing.stores", "attain.testing.s3", "attain.testing.mlflow"]
"""`uri`: the address of an empty store, on SQLite and on PostgreSQL; `new_store`, `cluster`: for whole modules;
`bucket`: an empty one on an S3 server; `mlflow_server`: starts MLflow's own."""


def pytest_xdist_auto_num_workers() -> int:
    """How many processes `-n auto` is: half as many again as processors, for many tests wait for other processes."""
    return (3 * (os.cpu_count() or 1) + 1) // 2


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder that is attain's home too; the tests' own environment is out of sight."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / ".attain"))
    monkeypatch.delenv("ATTAIN_TRACKING_URI", raising=False)
    return tmp_path


@dataclass(frozen=True)
class Said:
    status: int
    out: str
    err: str


Attain = Callable[..., Said]


@pytest.fixture
def attain(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Attain:
    """The command line as a person meets it, in this process: arguments in; output and exit status out."""
    from attain.cli.main import main

    def run(*arguments: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["attain", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Said(int(stop.value.code or 0), said.out, said.err)

    return run
