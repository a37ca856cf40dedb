"""Reading back what runs left: their predictions, and their data's cohorts."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from attain.core import table_file
from attain.core.errors import UserError
from attain.core.facts import NOTHING, Facts
from attain.core.table import Predictions
from attain.data.cache import open_prepared
from attain.data.facts import facts_of, read_prerequisites, read_tests
from attain.tracking import artifacts
from attain.tracking.store import Store

BESIDE = "attain.beside"
"""Tag with a sentence that must stand beside the figures of a run."""
PREPARED = "attain.prepared"
"""Tag with the folder of the prepared data, whose cohorts and facts a later scoring may want."""


def predictions_of(store: Store, run_id: str, prepared: Path | None = None) -> Predictions:
    """The predictions table that a run kept, with what its data set knows beside, where that is still in the cache.

    Raises:
        UserError: the run keeps none (it is a suite's own run, or it did not get so far).
    """
    kept, run = {file.path for file in store.artifacts_under(run_id)}, store.get_run(run_id)
    if table_file.PREDICTIONS not in kept:
        raise UserError(
            f"Run {run.name!r} ({run_id}) is {run.shown_status} and keeps no predictions table; "
            "name the run of one model (attain runs)."
        )
    with tempfile.TemporaryDirectory() as folder:
        found = artifacts.download(store, run_id, table_file.PREDICTIONS, folder)
        mastery = None
        if table_file.MASTERY in kept:
            mastery = artifacts.download(store, run_id, table_file.MASTERY, folder)
        table = table_file.read(found, mastery)
    return Predictions(table.frame, table.mastery, _facts(prepared or Path(run.tags.get(PREPARED, ""))))


def with_files(
    table: Predictions, prerequisites: Path | None, tests: Path | None
) -> tuple[Predictions, tuple[str, ...]]:
    """The table beside a graph of skills and tests that files hold, and what is to be said of the files.

    Raises:
        UserError: a file cannot be read, or speaks of no skill or learner of the table.
    """
    facts, remarks = table.facts, tuple[str, ...]()
    if prerequisites is not None:
        if "skill" not in table.frame:
            raise UserError(f"{prerequisites}: the run's answers have no skills that a graph could be of.")
        graph, said = read_prerequisites(prerequisites, table.skills)
        facts, remarks = replace(facts, prerequisites=graph), (*remarks, *said)
    if tests is not None:
        taken, said = read_tests(tests, table.units)
        facts, remarks = replace(facts, tests=taken), (*remarks, *said)
    return Predictions(table.frame, table.mastery, facts), remarks


def _facts(prepared: Path) -> Facts:
    """What a prepared data set knows of its learners and skills; nothing where it is not there any more."""
    return facts_of(open_prepared(prepared)) if (prepared / "about.json").is_file() else NOTHING


def pooled(store: Store, fold_runs: Sequence[str], prepared: Path | None = None) -> Predictions:
    """The tables of several folds as one; `prepared` is where their data lie on this machine, if not where they did."""
    return table_file.joined([predictions_of(store, run_id, prepared) for run_id in fold_runs])


def cohorts_of(prepared: Path, attributes: Sequence[str]) -> pd.DataFrame | None:
    """Some cohort attributes of a data set's learners; None if none is asked for or the set has none of them."""
    known = open_prepared(prepared).cohorts
    own = [name for name in attributes if known is not None and name in known.columns]
    return known[own] if known is not None and own else None


def attributes_of(prepared: Path) -> list[str]:
    """The cohort attributes that a data set has."""
    known = open_prepared(prepared).cohorts
    return [] if known is None else [str(name) for name in known.columns]
