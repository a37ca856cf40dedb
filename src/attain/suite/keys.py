"""What a result depends on, beside the data: the code that it comes from, and the libraries that this code uses."""

import ast
import functools
import importlib.util
import inspect
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, version
from pathlib import Path

from attain.core import fingerprint
from attain.core.component import Component
from attain.core.errors import UserError
from attain.core.metric import Metric
from attain.tracking.environment import installed

OURS = "attain"
FOUND_BY_NAME = frozenset({"features"})
"""Packages whose modules are loaded by name: whoever uses one of them may use all."""


def code_of_model(adapter: type[Component]) -> str:
    """Fingerprint of an adapter's code, with all that it imports of ours or from beside it, and library versions.

    The private modules of its folder (`_*.py`) count as imported: some are loaded by name, and late.
    """
    path = Path(inspect.getfile(adapter)).resolve()
    return _of_files([path, *_rooms(path)])


@functools.cache
def check_code(adapter: type[Component], planned: str) -> None:
    """Refuse to do a job with other code than it was planned with: its result would be kept under a wrong key.

    Raises:
        UserError: the adapter, what it imports, or a library differs.
    """
    if planned and code_of_model(adapter) != planned:
        raise UserError(
            f"The code of {adapter.name!r}, or a library that it uses, is not as it was when the suite was planned: it "
            "was changed meanwhile, or is another one on this machine. Run the suite again, with the same on all."
        )


def code_of_metrics(metrics: Sequence[Metric]) -> str:
    """Fingerprint of the code that turns a predictions table into these metrics."""
    evaluation = importlib.util.find_spec("attain.metrics.evaluate")
    assert evaluation is not None
    assert evaluation.origin is not None
    files = [Path(inspect.getfile(inspect.unwrap(metric.definition))).resolve() for metric in metrics]
    return _of_files([Path(evaluation.origin), *files, *(room for path in files for room in _rooms(path))])


def _rooms(path: Path) -> list[Path]:
    return sorted(path.parent.glob("_*.py")) if OURS in path.parts else []


def _of_files(paths: Iterable[Path]) -> str:
    """Fingerprint of files, of those of ours or beside them that they import, and of the versions of all else."""
    waiting, seen, foreign = list(dict.fromkeys(paths)), dict[Path, str](), set[str]()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen[path] = fingerprint.of_file(path)
        if path.parent.name in FOUND_BY_NAME and OURS in path.parts:
            waiting += sorted(path.parent.glob("*.py"))
        for name in _imports(path):
            found = _ours(name) or [one for one in _beside(path, name) if one != path]  # itself: a library of its name
            waiting += found
            if not found:
                foreign.add(name.partition(".")[0])
    versions = {name: _version(name) for name in sorted(foreign - sys.stdlib_module_names - {OURS})}
    return fingerprint.of_json({"files": sorted(seen.values()), "libraries": versions})


@functools.cache
def _imports(path: Path) -> frozenset[str]:
    """Dotted names that a file imports, anywhere in it; `from a import b` names `a.b`, which may be a module."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 1:  # from . import b, from .a import b
            names |= {f"{node.module or alias.name}" for alias in node.names}
    return frozenset(names)


def _ours(name: str) -> list[Path]:
    """The file of a module of attain, given the name of the module or of something in it."""
    if not name.startswith(f"{OURS}."):
        return []
    root = Path(__file__).resolve().parents[1]
    return _file_of(root, name.removeprefix(f"{OURS}."))


def _beside(path: Path, name: str) -> list[Path]:
    """The file of a module that lies beside `path`, as the helpers of a model of one's own do."""
    return _file_of(path.parent, name)


def _file_of(folder: Path, name: str) -> list[Path]:
    parts = name.split(".")
    for length in (len(parts), len(parts) - 1):
        path = folder.joinpath(*parts[:length])
        for candidate in (path.with_suffix(".py"), path / "__init__.py"):
            if length and candidate.is_file():
                return [candidate.resolve()]
    return []


@functools.cache
def _version(name: str) -> str:
    """Version of the package that a module belongs to; "" where it is in none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return next((found for one, _, found in installed() if _brings(one, name)), "")


def _brings(one: Distribution, name: str) -> bool:
    """Whether a package brings the top-level module `name`: as it declares, else by its list of files."""
    if declared := one.read_text("top_level.txt"):
        return name in declared.split()
    files = "\n" + (one.read_text("RECORD") or "")
    return f"\n{name}/" in files or f"\n{name}." in files
