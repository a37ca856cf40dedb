"""Searching runs: one statement finds them; `run_rows` fetches what belongs to those of the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from attain.tracking.entities import View
from attain.tracking.search.compile import condition
from attain.tracking.search.order import order
from attain.tracking.search.parse import parse
from attain.tracking.sql.experiments import number_of, viewed
from attain.tracking.sql.pager import paged
from attain.tracking.sql.tables import runs


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
    """Runs of some experiments (index `ix_runs_listed`) that a filter lets through, a page at a time.

    Raises:
        Invalid: the filter, an order, the page size or the token cannot be read.
    """
    sorting = order(order_by)
    question = ["runs", sorted(set(experiment_ids)), filter, list(order_by), view]
    query = select(runs).select_from(sorting.joined)
    query = query.where(_in(experiment_ids), viewed(runs.c.lifecycle_stage, view), condition(parse(filter)))
    return Found(*paged(c, query, sorting, question, max_results, page_token))


def count(c: Connection, experiment_ids: Sequence[str], filter: str, view: View) -> int:
    """How many runs `search` finds on all its pages together."""
    query = select(func.count()).select_from(runs).where(_in(experiment_ids), viewed(runs.c.lifecycle_stage, view))
    return c.execute(query.where(condition(parse(filter)))).scalar_one()


def _in(experiment_ids: Sequence[str]) -> ColumnElement[bool]:
    return runs.c.experiment.in_(sorted({number_of(one) for one in experiment_ids}))
