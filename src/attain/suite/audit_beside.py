"""Which runs of the same suite stand beside an audited one: its baseline, and the same model at other cut-offs."""

from attain.suite.audit_card import TASK
from attain.suite.record import BASELINE, DATA_FINGERPRINT, LABEL, MODEL, SEED
from attain.tasks.find import task
from attain.tracking.entities import PARENT_TAG, Run
from attain.tracking.sql.store import Store as Database

CUT_OFF = "dataset.as_of"
NAMED_BY_DATA = ("dataset", CUT_OFF)
MOST = 1_000


def baseline_of(store: Database, run: Run) -> Run | None:
    """The first finished baseline of the run's suite on the same data; None where there is none, or it is one."""
    if _is_baseline(run):
        return None
    same = run.tags.get(DATA_FINGERPRINT)
    return next((o for o in _siblings(store, run) if _is_baseline(o) and o.tags.get(DATA_FINGERPRINT) == same), None)


def weeks_of(store: Database, run: Run) -> tuple[Run, ...]:
    """Finished runs of the suite that differ from this one in nothing but the cut-off day."""
    if CUT_OFF not in run.params:
        return ()
    found = [one for one in _siblings(store, run) if _but_cut_off(one) == _but_cut_off(run)]
    return tuple(one for one in found if one.params.get(CUT_OFF) not in (None, run.params[CUT_OFF]))


def _siblings(store: Database, run: Run) -> list[Run]:
    """The other finished runs of the suite, the first begun first."""
    if run.parent_run_id is None:
        return []
    asked = f"tags.`{PARENT_TAG}` = '{run.parent_run_id}' AND status = 'FINISHED'"
    found = store.search_runs([run.experiment_id], asked, ["attributes.start_time ASC"], MOST).items
    return [one for one in found if one.run_id != run.run_id]


def _is_baseline(run: Run) -> bool:
    return BASELINE in run.tags or run.tags.get(MODEL) in task(TASK).BASELINES


def _but_cut_off(run: Run) -> tuple[object, ...]:
    params = {key: value for key, value in run.params.items() if key not in NAMED_BY_DATA}
    return run.tags.get(MODEL), run.tags.get(LABEL), run.tags.get(SEED), sorted(params.items())
