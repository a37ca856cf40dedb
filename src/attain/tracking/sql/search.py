"""Searching runs: one statement finds them, a few more fetch what belongs to those of the page."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, select

from attain.tracking.entities import Page, Run, View
from attain.tracking.pages import after, checked_size, token
from attain.tracking.search.compile import condition
from attain.tracking.search.order import order
from attain.tracking.search.parse import parse
from attain.tracking.sql.experiments import number_of, viewed
from attain.tracking.sql.runs import entities
from attain.tracking.sql.tables import runs


def search(
    c: Connection,
    experiment_ids: Sequence[str],
    filter: str,
    order_by: Sequence[str],
    max_results: int,
    page_token: str | None,
    view: View,
) -> Page[Run]:
    """Runs of some experiments (index `ix_runs_listed`) that a filter lets through, a page at a time.

    Raises:
        Invalid: the filter, an order, the page size or the token cannot be read.
    """
    size, sorting = checked_size(max_results), order(order_by)
    question = ["runs", sorted(set(experiment_ids)), filter, list(order_by), view]
    keys = [key.column.label(f"key_{at}") for at, key in enumerate(sorting.keys)]
    query = select(runs, *keys).select_from(sorting.joined)
    query = query.where(_in(experiment_ids), viewed(runs.c.lifecycle_stage, view), condition(parse(filter)))
    if page_token:
        query = query.where(sorting.beyond(after(question, page_token, [key.type for key in sorting.keys])))
    rows = c.execute(query.order_by(*sorting.by).limit(size + 1)).all()
    found = entities(c, rows[:size])
    if len(rows) <= size:
        return Page(found)
    last = [rows[size - 1]._mapping[key.name] for key in keys]
    return Page(found, token(question, [kind(v) for kind, v in zip((k.type for k in sorting.keys), last, strict=True)]))


def count(c: Connection, experiment_ids: Sequence[str], filter: str, view: View) -> int:
    """How many runs `search` finds on all its pages together."""
    query = select(func.count()).select_from(runs).where(_in(experiment_ids), viewed(runs.c.lifecycle_stage, view))
    return c.execute(query.where(condition(parse(filter)))).scalar_one()


def _in(experiment_ids: Sequence[str]) -> ColumnElement[bool]:
    return runs.c.experiment.in_(sorted({number_of(one) for one in experiment_ids}))
