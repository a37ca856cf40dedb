"""`attain list`: what can be named in a suite."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated

import typer

from attain.cli.output import print_json, print_table
from attain.core.component import Component
from attain.core.errors import UserError
from attain.core.tasks import TASKS
from attain.data.card import find_card
from attain.data.load import dataset_names
from attain.metrics.discover import find, metric_ids
from attain.suite.config import read_suite, suite_files
from attain.tasks.find import task

Rows = list[dict[str, str]]


class What(StrEnum):
    """What there is a list of."""

    models = "models"
    metrics = "metrics"
    datasets = "datasets"
    suites = "suites"


def show_list(
    what: Annotated[What, typer.Argument(help="Which list.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List models, metrics, data sets or suites by the names that suites use."""
    lists: dict[What, Callable[[], Rows]] = {
        What.models: _models,
        What.metrics: _metrics,
        What.datasets: _datasets,
        What.suites: _suites,
    }
    rows = lists[what]()
    if as_json:
        print_json(rows)
    elif rows:
        columns: Sequence[str] = list(rows[0])
        print_table(columns, [[row[c] for c in columns] for row in rows])
    else:
        raise UserError(f"There are no {what.value} yet.")


def _models() -> Rows:
    return [_model(kind, name) for kind in TASKS for name in task(kind).MODELS.names()]


def _model(kind: str, name: str) -> dict[str, str]:
    try:
        model: type[Component] = task(kind).MODELS.get(name)
    except UserError as error:  # its library is not installed
        return {"model": name, "task": kind, "what": str(error), "params": "–"}
    params = model.params_class().model_fields
    return {
        "model": name,
        "task": kind,
        "what": (model.__doc__ or "").split("\n", 1)[0],
        "params": ", ".join(f"{key}={field.default}" for key, field in params.items()),
    }


def _metrics() -> Rows:
    found = [find(identity) for identity in metric_ids()]
    return [
        {
            "metric": m.id,
            "better": {"max": "higher", "min": "lower", "none": "–"}[m.direction],
            "unit": m.unit,
            "needs": " ".join(sorted(m.needs)),
            "what": m.summary,
        }
        for m in found
    ]


def _datasets() -> Rows:
    cards = {name: find_card(name).card for name in dataset_names()}
    return [{"dataset": name, "what": card.title, "licence": card.licence.name} for name, card in cards.items()]


def _suites() -> Rows:
    rows = []
    for name, path in suite_files().items():
        suite = read_suite(str(path)).suite
        rows.append({"suite": name, "what": suite.description, "file": str(path)})
    return rows
