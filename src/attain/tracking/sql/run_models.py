"""Which logged models runs used, and which they made."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from attain.tracking.entities import ModelOutput
from attain.tracking.errors import Invalid
from attain.tracking.rules import INT64, KEY_LENGTH, checked_text
from attain.tracking.sql.dialect import upsert
from attain.tracking.sql.rows import THESE
from attain.tracking.sql.tables import run_models

_OF_RUNS = select(run_models).where(run_models.c.run.op("IN")(THESE)).order_by(run_models.c.step, run_models.c.model_id)


def add(c: Connection, run: int, inputs: Sequence[str], outputs: Sequence[ModelOutput]) -> None:
    """Say that a run used and made these; one that it made already gets the new step."""
    rows = {(False, _checked(model_id)): 0 for model_id in inputs}
    for output in outputs:
        if type(output.step) is not int or not -INT64 <= output.step < INT64:
            raise Invalid(f"The step of model {output.model_id!r} is {output.step!r}; expected a whole number.")
        rows[True, _checked(output.model_id)] = output.step
    given = [{"run": run, "is_output": made, "model_id": id_, "step": step} for (made, id_), step in rows.items()]
    upsert(c, run_models, given)


def of_runs(c: Connection, runs: Sequence[int]) -> dict[int, tuple[tuple[str, ...], tuple[ModelOutput, ...]]]:
    """What runs used and made, by step and id; a run without any is left out."""
    found: dict[int, tuple[tuple[str, ...], tuple[ModelOutput, ...]]] = {}
    for row in c.execute(_OF_RUNS, {THESE.key: runs}):
        used, made = found.get(row.run, ((), ()))
        if row.is_output:
            found[row.run] = (used, (*made, ModelOutput(row.model_id, row.step)))
        else:
            found[row.run] = ((*used, row.model_id), made)
    return found


def _checked(model_id: str) -> str:
    if not model_id or len(checked_text("model_id", model_id)) > KEY_LENGTH:
        raise Invalid(f"The model_id is {model_id[:40]!r}; expected from 1 to {KEY_LENGTH} characters.")
    return model_id
