"""Imports go downwards only, and importing attain costs nothing."""

import subprocess
import sys

HEAVY = ("torch", "sklearn", "matplotlib", "pandas", "numpy", "sqlalchemy", "numba", "pyarrow", "typer", "pydantic")


def test_imports_go_downwards_only() -> None:
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_importing_attain_loads_no_heavy_library() -> None:
    code = f"import sys, attain; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_command_line_starts_without_model_libraries() -> None:
    models = ("torch", "sklearn", "matplotlib", "pyBKT")
    code = f"import sys, attain.cli.main; print([m for m in {models} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
