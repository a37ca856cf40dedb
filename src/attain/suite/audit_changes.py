"""The smallest change in one thing that takes flagged enrolments under the line, from the models that folds kept."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.cache import open_prepared
from attain.suite.audit_cohorts import prepared_of
from attain.suite.audit_reasons import drawn_of, kept_model, models_of, one_thread
from attain.tasks.dropout_prediction import FindsChanges
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store as Database


def changes_of(
    store: Database, run: Run, frame: pd.DataFrame, line: NDArray[np.float64], seed: int
) -> tuple[pd.DataFrame | None, str]:
    """The smallest change of each enrolment whose reasons the audit shows, where it has one; or why it is not known.

    Args:
        store: where the run is.
        run: of a model, whose reasons are known.
        frame: its predictions.
        line: shape (len(frame),), the lowest flagged score where an enrolment is flagged, NaN elsewhere.
        seed: of the draw.
    """
    folder = prepared_of(run)
    if folder is None:
        return None, "the run's prepared data are not in the cache"
    drawn = drawn_of(~np.isnan(line), seed)
    log, at, found = open_prepared(folder).log, line[drawn], []
    example, fold = (frame[name].to_numpy()[drawn] for name in ("example", "fold"))
    try:
        for number, kept in models_of(store, run).items():
            model = kept_model(store, run, kept)
            if not isinstance(model, FindsChanges):
                return None, f"the model {model.name} has no features of which one could be changed"
            for threshold in np.unique(at[fold == number]).tolist():
                wanted = example[(fold == number) & (at == threshold)]
                rows = log.take(np.isin(log.row, wanted)).without_outcome()
                with one_thread():
                    found.append(model.smallest_changes(rows, threshold))
    except UserError as problem:
        return None, str(problem)
    return pd.concat(found, ignore_index=True).drop_duplicates("example", ignore_index=True), ""
