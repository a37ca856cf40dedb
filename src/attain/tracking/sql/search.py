"""Searching runs: one statement finds them; `run_rows` fetches what belongs to those of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from attain.tracking.entities import View
from attain.tracking.pages import checked_size
from attain.tracking.search.compile import condition
from attain.tracking.search.order import order
from attain.tracking.search.parse import parse
from attain.tracking.search.syntax import Filter
from attain.tracking.sql.experiments import number_of, viewed
from attain.tracking.sql.pager import paged
from attain.tracking.sql.rare import MOST, few
from attain.tracking.sql.rows import among, these
from attain.tracking.sql.tables import runs

_EXPERIMENT = runs.c.experiment + 0
"""As a sum, which has no index: SQLite would else go through all runs of an experiment, since those are in order."""


@dataclass(frozen=True)
class Found:
    """Rows of `runs` of one page, and the token for the next."""

    rows: Sequence[Row[Any]]  # of several types
    next_token: str | None


def search(
    c: Connection,
    experiment_ids: Sequence[str],
    filter: str,
    order_by: Sequence[str],
    max_results: int,
    page_token: str | None,
    view: View,
) -> Found:
    """Runs of some experiments that a filter lets through, a page at a time (indexes `ix_runs_listed`, see `rare`).

    Raises:
        Invalid: the filter, an order, the page size or the token cannot be read.
    """
    sorting = order(order_by)
    question = ["runs", sorted(set(experiment_ids)), filter, list(order_by), view]
    wanted = _wanted(c, experiment_ids, parse(filter), view, checked_size(max_results))
    query = select(runs).select_from(sorting.joined).where(*wanted)
    return Found(*paged(c, query, sorting, question, max_results, page_token))


def count(c: Connection, experiment_ids: Sequence[str], filter: str, view: View) -> int:
    """How many runs `search` finds on all its pages together."""
    wanted = _wanted(c, experiment_ids, parse(filter), view)
    return c.execute(select(func.count()).select_from(runs).where(*wanted)).scalar_one()


def _wanted(
    c: Connection, experiment_ids: Sequence[str], filter: Filter, view: View, max_results: int = MOST
) -> tuple[ColumnElement[bool], ...]:
    numbers = sorted({number_of(one) for one in experiment_ids})
    stage = viewed(runs.c.lifecycle_stage, view)
    if (found := few(c, filter, max_results)) is None:
        return among(runs.c.experiment, numbers), stage, condition(filter)
    return these(runs.c.id, found.runs), among(_EXPERIMENT, numbers), stage, condition(found.rest)
