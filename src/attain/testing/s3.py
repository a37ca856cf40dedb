"""A bucket for tests, as a pytest fixture: `pytest_plugins = ["attain.testing.s3"]`.

The server is moto's, in a process of its own on loopback. Where it (or s3fs) is not installed such tests are skipped,
unless `ATTAIN_CI` is set: then they fail.
"""

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server of this test session."""
    missing = [name for name in ("moto", "flask_cors", "s3fs") if importlib.util.find_spec(name) is None]
    if missing:
        said = f"S3 cannot be tested without {', '.join(missing)}: pip install 's3fs' 'moto[s3]' flask flask-cors"
        if os.environ.get("ATTAIN_CI"):
            pytest.fail(said)
        pytest.skip(said)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, server)
        yield url
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def bucket(s3_server: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an empty bucket; s3fs and boto find its server through the environment."""
    environment = {
        "AWS_ENDPOINT_URL": s3_server,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    name = f"bucket-{abs(hash(request.node.nodeid))}"
    _ask(f"{s3_server}/moto-api/reset", "POST")
    _ask(f"{s3_server}/{name}", "PUT")
    return name


def _wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            _ask(url, "GET")
        except urllib.error.URLError:
            assert server.poll() is None, "moto's server did not start"
            assert time.monotonic() < deadline, "moto's server did not answer within a minute"
            time.sleep(0.05)
        else:
            return


def _ask(url: str, method: str) -> None:
    urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10).close()
