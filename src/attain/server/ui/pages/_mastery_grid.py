"""Learners by skills, as the page shows them. Imported with the first page that needs numpy."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.server.ui.ask import Ask
from attain.server.ui.pages._mastery_kept import Kept

LEARNERS, SKILLS = 50, 30
"""Rows of a page, and columns."""
MOST_NAMES = 300
"""Skills that can be ticked: those with most learners."""
ORDERS = {"known": "knows most", "unknown": "knows least", "answers": "most answers", "name": "name"}
SKILL_ORDERS = {"known": "best known", "unknown": "least known", "learners": "most learners", "name": "name"}


@dataclass(frozen=True)
class Choice:
    """Something that can be chosen, where that leads, and whether it is so now."""

    word: str
    address: str
    here: bool


@dataclass(frozen=True)
class Column:
    """A skill, how well those who practised it know it on the mean, and how many they are."""

    skill: str
    mean: float
    learners: int


@dataclass(frozen=True)
class Row:
    """A learner: mean of the skills shown, answers on them, mastery of each (None: no answer), where to look."""

    learner: str
    mean: float
    answers: int
    cells: tuple[float | None, ...]
    address: str


@dataclass(frozen=True)
class Grid:
    """A page of the table.

    Attributes:
        columns, rows: of this page.
        first: number of its first row, from 1.
        n_rows: rows on all pages: learners with an answer on a skill shown.
        n_skills: how many skills there are.
        orders, skill_orders: how rows and columns can be sorted.
        before, after: addresses of the pages beside this one; "" for none.
        names: skills that can be ticked, and whether they are shown.
    """

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    first: int
    n_rows: int
    n_skills: int
    orders: tuple[Choice, ...]
    skill_orders: tuple[Choice, ...]
    before: str
    after: str
    names: tuple[tuple[str, bool], ...]


def grid(ask: Ask, kept: Kept) -> Grid:
    """The skills chosen (those with most learners if none is), the learners sorted, one page of them."""
    busy = _busiest(kept)
    order, skill_order = _one_of(ask, "order", ORDERS), _one_of(ask, "skill_order", SKILL_ORDERS)
    chosen = _chosen(ask, kept, busy)
    part = kept.practice.last(len(kept.learners), chosen)
    across = _sorted(skill_order, part, [kept.skills[code] for code in chosen])
    chosen, part = chosen[across], part[:, across]
    rows = np.flatnonzero(~np.isnan(part).all(axis=1))
    answers = _answers(kept, chosen)
    names = [kept.learners[row] for row in rows]
    rows = rows[_sorted(order, part[rows].T, names, answers[rows])]
    pages = -(-len(rows) // LEARNERS)
    asked = ask.one("page")[:9]
    page = min(int(asked) if asked.isascii() and asked.isdecimal() else 1, pages) or 1
    first = (page - 1) * LEARNERS
    shown = rows[first : first + LEARNERS]
    return Grid(
        columns=tuple(
            Column(kept.skills[code], float(np.nanmean(column)), int((~np.isnan(column)).sum()))
            for code, column in zip(chosen, part.T, strict=True)
        ),
        rows=tuple(_row(ask, kept.learners[row], part[row], int(answers[row])) for row in shown),
        first=first + 1,
        n_rows=len(rows),
        n_skills=len(busy),
        orders=_choices(ask, "order", ORDERS, order),
        skill_orders=_choices(ask, "skill_order", SKILL_ORDERS, skill_order),
        before=ask.address(page=str(page - 1)) if page > 1 else "",
        after=ask.address(page=str(page + 1)) if page < pages else "",
        names=tuple((kept.skills[code], bool((chosen == code).any())) for code in busy[:MOST_NAMES]),
    )


def _busiest(kept: Kept) -> NDArray[np.int64]:
    """Codes of the skills that anybody practised, those with most learners first."""
    learners = kept.practice.learners_of(len(kept.skills))
    return np.array([code for code in np.argsort(-learners, kind="stable") if learners[code]], dtype=np.int64)


def _chosen(ask: Ask, kept: Kept, busy: NDArray[np.int64]) -> NDArray[np.int64]:
    code = {kept.skills[one]: int(one) for one in busy}
    wanted = [code[name] for name in dict.fromkeys(ask.all("skill")) if name in code]
    return np.array(wanted[:SKILLS]) if wanted else busy[:SKILLS]


def _answers(kept: Kept, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many answers each learner gave on the skills; shape (n_learners,)."""
    own = np.isin(kept.practice.skill, chosen)
    return np.bincount(kept.practice.learner[own], minlength=len(kept.learners))


def _sorted(
    order: str, columns: NDArray[np.float64], names: Sequence[str], count: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """Places of some columns in an order: by mean, by `count` (values that are there, if not given), or by name."""
    if order == "name":
        return np.array(sorted(range(len(names)), key=lambda i: names[i]), dtype=np.int64)
    if order in ("answers", "learners"):
        key = -((~np.isnan(columns)).sum(axis=0) if count is None else count)
    else:
        key = np.nanmean(columns, axis=0) * (1 if order == "unknown" else -1)
    return np.argsort(key, kind="stable")


def _row(ask: Ask, learner: str, values: NDArray[np.float64], answers: int) -> Row:
    cells = tuple(None if np.isnan(value) else float(value) for value in values)
    return Row(learner, float(np.nanmean(values)), answers, cells, ask.address(learner=learner) + "#learner")


def _one_of(ask: Ask, name: str, orders: Mapping[str, str]) -> str:
    return asked if (asked := ask.one(name)) in orders else next(iter(orders))


def _choices(ask: Ask, name: str, orders: Mapping[str, str], here: str) -> tuple[Choice, ...]:
    return tuple(Choice(word, ask.address(page=None, **{name: one}), one == here) for one, word in orders.items())
