"""attain: experiments in adaptive learning, tracked and repeatable.

The verbs of `attain.tracking.fluent` are handed on from here, and loaded when the first of them is used:

    import attain
    with attain.start_run(run_name="first"):
        attain.log_param("model", "bkt")
        attain.log_metric("auc", 0.75)
"""

# ruff: noqa: F403, F405 - the names are written once, in `__all__`; a test holds them against the module

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

__all__ = [
    "ActiveRun",
    "DatasetInput",
    "active_run",
    "create_experiment",
    "delete_run",
    "delete_tag",
    "download_artifacts",
    "end_run",
    "get_experiment_by_name",
    "get_model_version",
    "get_run",
    "get_tracking_uri",
    "list_artifacts",
    "log_artifact",
    "log_artifacts",
    "log_dict",
    "log_figure",
    "log_input",
    "log_metric",
    "log_metrics",
    "log_param",
    "log_params",
    "log_table",
    "log_text",
    "register_model",
    "search_runs",
    "set_experiment",
    "set_model_alias",
    "set_tag",
    "set_tags",
    "set_tracking_uri",
    "start_run",
]


if TYPE_CHECKING:
    from attain.tracking.fluent import *
else:

    def __getattr__(name: str) -> object:
        if name in __all__:
            return getattr(importlib.import_module("attain.tracking.fluent"), name)
        raise AttributeError(f"module 'attain' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*globals(), *__all__]
