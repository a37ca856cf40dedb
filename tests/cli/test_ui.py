"""`attain ui`: pages of the store here, for this machine only."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

from attain.tracking.store import open_database


def test_it_serves_the_runs_of_this_store_on_this_machine_until_it_is_stopped(home: Path) -> None:
    store = open_database()
    store.create_run(store.create_experiment("tracing"), "first", start_time=1)
    store.close()
    command = [sys.executable, "-m", "attain.cli", "ui", "--port", "0", "--no-open"]
    with subprocess.Popen(command, cwd=home, env=os.environ, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        said = running.stderr.readline()
        try:
            address = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert address is not None, said + running.stderr.read()
            with urllib.request.urlopen(address[0]) as answer:
                assert ">tracing</a>" in answer.read().decode()
        finally:
            running.send_signal(signal.SIGINT)
    assert running.returncode in (0, 130, -signal.SIGINT)
