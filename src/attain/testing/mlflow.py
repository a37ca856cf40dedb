"""MLflow's own server for tests, as a pytest fixture: `pytest_plugins = ["attain.testing.mlflow"]`.

It runs in a process of its own on loopback. Where MLflow or Flask is not installed such tests are skipped, unless
`ATTAIN_CI` is set: then they fail.
"""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

SERVE = """
import os, sys
os.environ |= {"_MLFLOW_SERVER_FILE_STORE": sys.argv[1], "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
               "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/", "_MLFLOW_SERVER_ARTIFACT_DESTINATION": sys.argv[2]}
from mlflow.server import app
from werkzeug.serving import make_server
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.port, flush=True)
server.serve_forever()
"""


@pytest.fixture(scope="session")
def mlflow_server() -> Iterator[Callable[[Path], str]]:
    """Starts a server over the `mlflow.db` of a folder (made if there is none), files beside it; gives its address."""
    if missing := [name for name in ("mlflow", "flask") if importlib.util.find_spec(name) is None]:
        said = f"MLflow's server cannot be started without {', '.join(missing)}: pip install mlflow-skinny flask"
        if os.environ.get("ATTAIN_CI"):
            pytest.fail(said)
        pytest.skip(said)
    with ExitStack() as stack:

        def start(folder: Path) -> str:
            store, files = f"sqlite:///{folder}/mlflow.db", f"{folder}/mlartifacts"
            command = [sys.executable, "-W", "ignore", "-c", SERVE, store, files]
            quiet = subprocess.DEVNULL
            server = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=quiet)
            stack.enter_context(server)
            stack.callback(server.kill)
            assert server.stdout is not None
            return f"http://127.0.0.1:{int(server.stdout.readline())}"

        yield start
