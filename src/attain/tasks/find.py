"""Tasks by name: a task is a module of this package.

It has `NAME`, `CONTENT` (what its data sets hold), `MODELS` (the registry of its adapters), `METRICS` and `SPLIT` (of a
suite that names none), `BASELINES` (in every table), `PROTOCOL` (how it judges), `HAS_CANARIES`, `TRAINING` (what a
suite may have its models learn from), `UNITS` (what intervals are drawn over, where not learners), and the functions
`columns`, `count`, `make_fold`, `inner`, `guarded`, `judge`, `look`, `said_beside`, `counts` and `sizes`. Where the
split says what is drawn (`resample`), the column `unit_is` of its tables says what one of them is.
"""

import importlib
from types import ModuleType


def task(name: str) -> ModuleType:
    """The module of the task called `name`."""
    return importlib.import_module(f"attain.tasks.{name}")
