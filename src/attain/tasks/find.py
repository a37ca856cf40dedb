"""Tasks by name: a task is a module of this package with `NAME`, `MODELS`, `METRICS`, `columns` and `judge`."""

import importlib
from types import ModuleType


def task(name: str) -> ModuleType:
    """The module of the task called `name`."""
    return importlib.import_module(f"attain.tasks.{name}")
