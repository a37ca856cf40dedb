"""Reading back what runs left: their predictions, and their data's cohorts."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from attain.core import table_file
from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.data.cache import open_prepared
from attain.tracking import artifacts
from attain.tracking.store import Store

BESIDE = "attain.beside"
"""Tag with a sentence that must stand beside the figures of a run."""


def predictions_of(store: Store, run_id: str) -> Predictions:
    """The predictions table that a run kept.

    Raises:
        UserError: the run keeps none (it is a suite's own run, or it did not get so far).
    """
    kept = {file.path for file in store.artifacts_under(run_id)}
    if table_file.PREDICTIONS not in kept:
        run = store.get_run(run_id)
        raise UserError(
            f"Run {run.name!r} ({run_id}) is {run.shown_status} and keeps no predictions table; "
            "name the run of one model (attain runs)."
        )
    with tempfile.TemporaryDirectory() as folder:
        found = artifacts.download(store, run_id, table_file.PREDICTIONS, folder)
        mastery = None
        if table_file.MASTERY in kept:
            mastery = artifacts.download(store, run_id, table_file.MASTERY, folder)
        return table_file.read(found, mastery)


def pooled(store: Store, fold_runs: Sequence[str]) -> Predictions:
    """The tables of several folds as one."""
    return table_file.joined([predictions_of(store, run_id) for run_id in fold_runs])


def cohorts_of(prepared: Path, attributes: Sequence[str]) -> pd.DataFrame | None:
    """Some cohort attributes of a data set's learners; None if none is asked for or the set has none of them."""
    known = open_prepared(prepared).cohorts
    own = [name for name in attributes if known is not None and name in known.columns]
    return known[own] if known is not None and own else None


def attributes_of(prepared: Path) -> list[str]:
    """The cohort attributes that a data set has."""
    known = open_prepared(prepared).cohorts
    return [] if known is None else [str(name) for name in known.columns]
