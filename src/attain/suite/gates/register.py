"""A run's model as a version of a registered model: its saved form, its run, its data, its audit."""

from attain.audit.ledger import lines
from attain.core.errors import UserError
from attain.suite.audit_reasons import MODEL_FOLDER, models_of
from attain.suite.gates.contender import AUDIT, FOLD, RUN, TABLE, TASK, check_finished, data_of, table_sha256
from attain.suite.record import DATA_FINGERPRINT, DATASET, KIND, LABEL, MODEL, SPLIT
from attain.suite.report import model_runs
from attain.tracking.entities import Run
from attain.tracking.errors import NotFound
from attain.tracking.registry_entities import ModelVersion
from attain.tracking.sql.ledger import Fact
from attain.tracking.sql.promotions import about
from attain.tracking.sql.store import Store as Database

REGISTERED = "model.register"


def register(store: Database, run: Run, name: str, by: str, *, fold: int | None = None) -> ModelVersion:
    """Make a run's model a version of a registered model, which is made if there is none of this name.

    A run of several folds kept a model a fold; one of them is the version's saved form, and the judgement of all of
    them is the version's.

    Args:
        store: where the run is.
        run: of a model, or of one of its folds.
        name: of the registered model.
        by: who registers it.
        fold: whose saved form; that of the run where it is of a fold, else the first.

    Raises:
        UserError: the run is of a suite, did not finish, or kept no predictions or no model.
    """
    run, fold = _of_a_model(store, run, fold)
    check_finished(run, f"{run.name!r}")
    table = table_sha256(store, run)
    kept = models_of(store, run)
    if not kept:
        raise UserError(f"The run {run.run_id[:8]} ({run.name}) kept no model, so there is nothing to register.")
    chosen = min(kept) if fold is None else fold
    if chosen not in kept:
        there = ", ".join(map(str, sorted(kept)))
        raise UserError(f"The run {run.run_id[:8]} ({run.name}) kept no model of fold {chosen}; there is: {there}.")
    audits = [line.id for line in lines(store) if line.run_id == run.run_id and line.table_sha256 == table]
    known = {key: run.tags[key] for key in (MODEL, LABEL, DATASET, SPLIT) if key in run.tags}
    tags = {RUN: run.run_id, FOLD: str(chosen), TASK: task_of(store, run), TABLE: table, **known}
    tags |= {AUDIT: audits[0]} if audits else {}
    tags |= {DATA_FINGERPRINT: data_of(run)} if data_of(run) else {}
    store.registry.ensure_model(name)
    made = store.registry.create_version(
        name, f"runs:/{kept[chosen]}/{MODEL_FOLDER}", tags={key: value for key, value in tags.items() if value}
    )
    said: dict[str, Fact] = {"version": made.version, "run": run.run_id, "table_sha256": table, "data": data_of(run)}
    store.access.record(by, REGISTERED, about(name), said | {"audit": audits[0] if audits else None})
    return made


def task_of(store: Database, run: Run) -> str:
    """The task of a model's run, as its suite says; "" where no suite does."""
    if run.parent_run_id is None:
        return ""
    try:
        return store.get_run(run.parent_run_id).params.get("task", "")
    except NotFound:
        return ""


def _of_a_model(store: Database, run: Run, fold: int | None) -> tuple[Run, int | None]:
    """The run of the model, and the fold that was named with it."""
    if run.tags.get(KIND) == "suite":
        members = ", ".join(f"{one.run_id[:8]} {one.name}" for one in model_runs(store, run))
        raise UserError(
            f"{run.run_id[:8]} is the suite {run.name!r}; one model can be registered: {members or 'none yet'}."
        )
    if run.tags.get(KIND) == "fold" and run.parent_run_id is not None:
        own = run.params.get("fold", "")
        return store.get_run(run.parent_run_id), int(own) if fold is None and own.isdigit() else fold
    return run, fold
