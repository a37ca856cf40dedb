"""The pieces of a run of `content_generation` as items that learners can be asked."""

import math
from collections.abc import Iterable

import pandas as pd

from attain.core.errors import UserError
from attain.data.items import Item, options_in, piece_id
from attain.suite import record, report
from attain.suite.results import predictions_of
from attain.tracking.entities import Run
from attain.tracking.store import Store

NEEDED = ("unit", "sample", "text", "state")


def items_of_run(store: Store, run: Run) -> dict[str, Item]:
    """The delivered pieces of all models of a suite's run, or of a model's run, by item id.

    Raises:
        UserError: the run holds no generated pieces.
    """
    models = [run] if run.tags.get(record.KIND) == "model" else report.model_runs(store, run)
    found: dict[str, Item] = {}
    for model in models:
        frame = predictions_of(store, model.run_id).frame
        if not set(NEEDED) <= set(frame):
            raise UserError(
                f"Run {model.name!r} ({model.run_id[:8]}) holds no generated pieces: its predictions lack "
                f"{', '.join(sorted(set(NEEDED) - set(frame)))}. Name a run of the task content_generation."
            )
        found |= {item.id: item for item in pieces(frame, model.tags.get(record.LABEL, model.name))}
    if not found:
        raise UserError(f"Run {run.name!r} ({run.run_id[:8]}) has no finished model whose pieces could be items.")
    return found


def pieces(frame: pd.DataFrame, system: str) -> Iterable[Item]:
    """The delivered pieces of one system's predictions table."""
    delivered = frame[frame["state"].astype(str) == "ok"]
    for row in delivered.to_dict("records"):
        identity = piece_id(system, str(row["unit"]), int(row["sample"]))
        options = options_in(_text(row.get("options")), f"piece {identity!r}")
        level = row.get("level")
        yield Item(
            id=identity,
            kind="generated",
            system=system,
            prompt=str(row["unit"]),
            level=None if level is None or math.isnan(float(level)) else float(level),
            options=options,
            right=options[0] if options else _text(row.get("answer")) or None,
            text=str(row["text"]),
        )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
