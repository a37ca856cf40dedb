"""Imports go downwards only, cost nothing until needed, and name only what the project declares."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[1]

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


def test_whatever_is_imported_is_declared() -> None:
    """A package that only comes along with another, or with the tools of development, is missing for some user."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [name for key, names in project["optional-dependencies"].items() if key != "dev" for name in names]
    declared = {_plain(re.split(r"[<>=\[~!]", name)[0]) for name in [*project["dependencies"], *extras]}
    distributions = packages_distributions()
    undeclared = {}
    for path in (ROOT / "src").rglob("*.py"):
        for name in _imported(ast.parse(path.read_text(encoding="utf-8"))) - {"attain"} - sys.stdlib_module_names:
            if not {_plain(d) for d in distributions.get(name, [name])} & declared:
                undeclared[name] = path.name
    assert not undeclared


def _imported(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
