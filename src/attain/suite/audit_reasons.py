"""The reasons of an audited run's scores, from the models that its folds kept."""

import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from attain.core.errors import UserError
from attain.core.reasons import Reasons
from attain.core.rng import rng
from attain.data.cache import open_prepared
from attain.data.enrolments import Enrolments
from attain.suite.audit_card import TASK
from attain.suite.audit_cohorts import prepared_of
from attain.suite.record import MODEL
from attain.tasks.dropout_prediction import DropoutPredictor, Explains
from attain.tasks.find import task
from attain.tracking import artifacts
from attain.tracking.entities import PARENT_TAG, Run
from attain.tracking.sql.store import Store as Database

MODEL_FOLDER = "model"
MOST = 100
"""So many flagged enrolments are looked at, drawn by chance with the policy's seed."""


def reasons_of(
    store: Database, run: Run, frame: pd.DataFrame, flag: NDArray[np.bool_], seed: int
) -> tuple[Reasons | None, str]:
    """The reasons of some flagged enrolments; or None, and why there are none.

    Args:
        store: where the run is.
        run: of a model.
        frame: its predictions.
        flag: shape (len(frame),), who is flagged.
        seed: of the draw.
    """
    flagged = np.flatnonzero(flag)
    if not len(flagged):
        return None, "nobody is flagged"
    drawn = drawn_of(flag, seed)
    folder = prepared_of(run)
    if folder is None:
        return None, "the run's prepared data are not in the cache"
    log, found = open_prepared(folder).log, []
    try:
        for fold, kept in models_of(store, run).items():
            rows = frame.iloc[drawn][frame["fold"].iloc[drawn] == fold]
            if len(rows):
                found.append(_of_fold(store, run, kept, log.take(np.isin(log.row, rows["example"])).without_outcome()))
    except UserError as problem:
        return None, str(problem)
    if sum(len(one.contribution) for one in found) < len(drawn):
        return None, "the run kept no model"
    names = found[0].features
    if any(list(one.features) != list(names) for one in found):
        return None, "the folds' models read different features"
    together = np.concatenate([one.contribution for one in found])
    return Reasons(names, found[0].actionable, found[0].base, together), ""


def drawn_of(flag: NDArray[np.bool_], seed: int) -> NDArray[np.int64]:
    """The places of the flagged enrolments that are looked at."""
    return np.sort(rng(seed, "reasons").permutation(np.flatnonzero(flag))[:MOST])


def models_of(store: Database, run: Run) -> dict[int, str]:
    """Which run keeps the model of each fold: those below the run, or the run itself."""
    asked = f"tags.`{PARENT_TAG}` = '{run.run_id}' AND status = 'FINISHED'"
    below = store.search_runs([run.experiment_id], asked, ["attributes.start_time ASC"]).items
    kept = {int(one.params["fold"]): one.run_id for one in below if one.params.get("fold", "").isdigit()}
    return {fold: one for fold, one in (kept or {0: run.run_id}).items() if store.artifacts_under(one, MODEL_FOLDER)}


def _of_fold(store: Database, run: Run, kept: str, log: Enrolments) -> Reasons:
    model = kept_model(store, run, kept)
    assert isinstance(model, Explains)
    with one_thread():
        return model.reasons(log)


def one_thread() -> AbstractContextManager[object]:
    """One thread for the libraries that are loaded: of many small predictions each would wait for all threads."""
    limits: AbstractContextManager[object] = threadpool_limits(1)
    return limits


def kept_model(store: Database, run: Run, kept: str) -> DropoutPredictor:
    """The model that the run `kept` keeps, which says what its scores go by.

    Raises:
        UserError: it does not say so.
    """
    adapter = task(TASK).MODELS.get(run.tags.get(MODEL, ""))
    if not issubclass(adapter, Explains):
        raise UserError(f"the model {adapter.name} does not say what its scores go by")
    with tempfile.TemporaryDirectory() as folder:
        artifacts.download(store, kept, MODEL_FOLDER, folder)
        found: DropoutPredictor = adapter.load(Path(folder) / MODEL_FOLDER)
    return found
