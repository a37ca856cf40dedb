"""How good are lists of items: do they hold what learners took later, and near the top?

All read the table of recommendation: a row for each item that is listed or relevant, with its `rank` in the list (none
where it is relevant and not listed) and its `target` (1 relevant, 0 not). Learners without a relevant item are not in
it. Each value is a mean over learners. `list_recall@10` is of each learner's list; `recall@10`, of `at_risk`, is of the
ten highest scores of all.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.metric import Statistic, metric
from attain.core.table import Rows
from attain.metrics._lists import Lists

K = Annotated[int, Field(ge=1, le=100)]
NEEDS = "target rank depth n_items"


@metric(direction="max", unit="share", needs=NEEDS, written="at", source="Herlocker et al. 2004, sec. 4.3")
def list_recall(rows: Rows, k: K = 10) -> Statistic:
    """Share of a learner's relevant items that are among the first k, as a mean over learners."""
    lists = Lists.of(rows, k)
    return lists.mean(lists.hits / np.maximum(lists.relevant, 1))


@metric(direction="max", unit="share", needs=NEEDS, written="at", source="Herlocker et al. 2004, sec. 4.3")
def list_precision(rows: Rows, k: K = 10) -> Statistic:
    """Share of the first k places that hold a relevant item; a shorter list has empty places."""
    lists = Lists.of(rows, k)
    return lists.mean(lists.hits / k)


@metric(direction="max", unit="share", needs=NEEDS, written="at", source="Deshpande & Karypis 2004, sec. 6.2")
def hit_rate(rows: Rows, k: K = 10) -> Statistic:
    """Share of learners with at least one relevant item among the first k."""
    lists = Lists.of(rows, k)
    return lists.mean((lists.hits > 0).astype(float))


@metric(direction="max", unit="score", needs=NEEDS, written="at", source="Jarvelin & Kekalainen 2002")
def ndcg(rows: Rows, k: K = 10) -> Statistic:
    """Gain of 1 for a relevant item, discounted by log2(1 + rank), against the best list of min(k, relevant) items."""
    lists = Lists.of(rows, k)
    discount = 1 / np.log2(np.arange(2, k + 2))
    best = np.concatenate([[1.0], np.cumsum(discount)])  # the first is never used: nobody has no relevant item
    gain = np.bincount(lists.hit_unit, discount[lists.hit_rank - 1], rows.n_units)
    return lists.mean(gain / best[np.minimum(lists.relevant, k)])


@metric(direction="max", unit="score", needs=NEEDS, written="at", source="Voorhees 1999")
def mrr(rows: Rows, k: K = 10) -> Statistic:
    """One over the rank of the first relevant item; 0 where none is among the first k."""
    lists = Lists.of(rows, k)
    first = np.zeros(rows.n_units)
    np.maximum.at(first, lists.hit_unit, 1 / lists.hit_rank)
    return lists.mean(first)


@metric(direction="max", unit="score", needs=NEEDS, written="at", source="Manning et al. 2008, sec. 8.4")
def map(rows: Rows, k: K = 10) -> Statistic:
    """Mean of the precision at each relevant item among the first k, over min(k, relevant)."""
    lists = Lists.of(rows, k)
    order = np.lexsort((lists.hit_rank, lists.hit_unit))
    unit, rank = lists.hit_unit[order], lists.hit_rank[order]
    begins = np.searchsorted(unit, np.arange(rows.n_units))
    so_far = np.arange(len(unit)) - begins[unit] + 1
    summed = np.bincount(unit, so_far / rank, rows.n_units)
    return lists.mean(summed / np.maximum(np.minimum(lists.relevant, k), 1))


@metric(direction="max", unit="share", needs=f"{NEEDS} eligible", written="at")
def eligible_share(rows: Rows, k: K = 10) -> Statistic:
    """Share of the first k items that the learner could start.

    All direct prerequisites were taken before, and the item was not taken yet where repeats are hidden.
    """
    lists = Lists.of(rows, k)
    return lists.mean_of_listed(rows["eligible"].astype(float))


@metric(direction="none", unit="score", needs=f"{NEEDS} taken_share", written="at", source="Vargas & Castells 2011")
def novelty(rows: Rows, k: K = 10) -> Statistic:
    """Bits by which listed items are surprising: -log2 of the share of training learners who took the item.

    Items that nobody took in training have no such number and are left out.
    """
    lists = Lists.of(rows, k)
    share = rows.numbers("taken_share")
    with np.errstate(divide="ignore"):
        bits = np.where(share > 0, -np.log2(share), np.nan)
    return lists.mean_of_listed(bits, left_out="listed items left out: nobody took them in training")


@metric(
    direction="min",
    unit="score",
    needs=f"{NEEDS} popularity_group history_head history_middle history_tail",
    written="at",
    source="Abdollahpouri et al. 2020",
)
def popularity_bias(rows: Rows, k: K = 10) -> Statistic:
    """How far the popularity of listed items is from that of what the learner took: 0 alike, 1 nothing in common.

    Jensen-Shannon divergence in bits between the shares of head, middle and tail items in the learner's history and in
    the first k: a calibrated list has as many popular items as the learner is used to. Learners without a history are
    left out.
    """
    lists = Lists.of(rows, k)
    group = rows["popularity_group"].astype(np.int64)[lists.listed]
    unit = rows.unit[lists.listed]
    counts = np.bincount(unit * 3 + group, minlength=rows.n_units * 3).reshape(-1, 3).astype(float)
    habit = np.zeros((rows.n_units, 3))
    habit[rows.unit] = np.column_stack([rows.numbers(f"history_{name}") for name in ("head", "middle", "tail")])
    told = ~np.isnan(habit).any(axis=1) & (counts.sum(axis=1) > 0)
    apart = np.zeros(rows.n_units)
    apart[told] = _jensen_shannon(habit[told], counts[told] / counts[told].sum(axis=1, keepdims=True))
    return lists.mean(apart, among=told, left_out="learners left out: they have no history, or no list")


def _jensen_shannon(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """In bits, between the rows of two tables of shares."""
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        to_p = np.where(p > 0, p * np.log2(p / middle), 0).sum(axis=1)
        to_q = np.where(q > 0, q * np.log2(q / middle), 0).sum(axis=1)
    return np.asarray(np.clip((to_p + to_q) / 2, 0, 1))
