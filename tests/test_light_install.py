"""Tracking and the server need none of the libraries of suites: a light install logs runs and says what it lacks."""

import subprocess
import sys
from pathlib import Path

import pytest

SUITES = ("matplotlib", "numba", "numpy", "pandas", "pyarrow", "sklearn", "scipy", "skops")
WITHOUT = f"""
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {SUITES!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Missing())
"""


def without_suites(home: Path, program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT + program], cwd=home, capture_output=True, text=True, check=False
    )


def test_runs_are_logged_without_the_libraries_of_suites(home: Path) -> None:
    done = without_suites(
        home,
        "import attain\n"
        "with attain.start_run(run_name='light'):\n"
        "    attain.log_param('p', 2)\n"
        "    attain.log_metric('m', 0.5)\n"
        "from attain.tracking.store import open_store\n"
        "import attain.server.app\n"
        "print('fine')\n",
    )
    assert done.stdout == "fine\n", done.stderr


def test_a_frame_of_runs_says_what_to_install(home: Path) -> None:
    done = without_suites(home, "import attain\nattain.search_runs()\n")
    assert "A frame of runs needs pandas, which is not installed. Try: pip install 'attain[suites]'" in done.stderr


@pytest.mark.parametrize("command", ["run quick", "list models", "data list", "compare a b"])
def test_a_command_that_needs_them_says_what_to_install(home: Path, command: str) -> None:
    program = f"sys.argv = ['attain', *{command.split()!r}]\nfrom attain.cli.main import main\nmain()\n"
    done = without_suites(home, program)
    assert done.returncode == 2
    assert "which is not installed. Try: pip install 'attain[suites]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        "--help",
        "run-project --help",
        "project --help",
        "server --help",
        "store --help",
        "user --help",
        "files --help",
        "export --help",
        "import --help",
    ],
)
def test_the_others_work(home: Path, command: str) -> None:
    program = f"sys.argv = ['attain', *{command.split()!r}]\nfrom attain.cli.main import main\nmain()\n"
    done = without_suites(home, program)
    assert done.returncode == 0, done.stderr


def test_pages_of_tables_say_what_to_install(home: Path) -> None:
    done = without_suites(
        home,
        "from attain.server.ui.ask import Ask\n"
        "from attain.server.ui.pages import mastery, run\n"
        "from attain.tracking.artifacts import log_files\n"
        "from attain.tracking.store import open_database\n"
        "store = open_database()\n"
        "made = store.create_run(store.create_experiment('e'), 'r').run_id\n"
        "log_files(store, made, {'predictions.parquet': b'x', 'mastery.parquet': b'x'})\n"
        "ask = Ask(store, {'run_id': made}, {'file': ['mastery.parquet']}, '/', 0)\n"
        "for said in (mastery.facts(ask).problem, run.facts(ask).undrawn, run.facts(ask).preview.said):\n"
        "    print(said.count(\"pip install 'attain[suites]'\"))\n",
    )
    assert done.stdout == "1\n1\n1\n", done.stderr
