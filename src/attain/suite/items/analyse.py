"""Answers and items become facts: each item's worth, options, fairness, and the generators beside each other."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import unknown
from attain.data.items import Item
from attain.data.responses import Responses
from attain.metrics.items.classical import classical
from attain.metrics.items.difficulty import FEWEST, PRIOR_SD, anchored, discrimination
from attain.metrics.items.distractors import options_of
from attain.metrics.items.exposure import Exposure, exposure
from attain.metrics.items.gain import Gain, gain_by_kind
from attain.metrics.items.rasch import Rasch, rasch
from attain.suite.items.ability import abilities, parts_of
from attain.suite.items.facts import ItemOptions, ItemReport
from attain.suite.items.fairness import by_cohort
from attain.suite.items.prepare import Asked, asked
from attain.suite.items.remarks import declared_in, doubted, remarks_on
from attain.suite.items.rows import flags_of, table_of
from attain.suite.items.systems import beside_each_other
from attain.tasks.knowledge_tracing import MODELS

Floats = NDArray[np.float64]

AUTO, JOINT, COLUMN = "auto", "joint", "column"
TRACER = "irt"


def analyse(
    responses: Responses,
    items: Mapping[str, Item] | None = None,
    *,
    ability: str = AUTO,
    by: Sequence[str] = (),
    seed: int = 0,
) -> ItemReport:
    """What the answers say of the items.

    Args:
        responses: all answers, with those to items that are not in question: they tell how able learners are.
        items: what is known of items.
        ability: where abilities come from: `column` (that of the responses), `joint` (a Rasch model of learners and
            items), the name of a tracer that is fitted on answers to other items, or `auto`: the column where there
            is one, else the joint model where exposure depended on ability, else `irt`. A tracer that learns from
            answers to items that were given by ability takes hard items for usual ones, and draws what it anchors
            together.
        by: cohort attributes.
        seed: of folds, fits and resampling.

    Raises:
        UserError: an attribute or tracer is not known, or no item is answered.
    """
    known = [] if responses.cohorts is None else [str(name) for name in responses.cohorts.columns]
    for attribute in by:
        if attribute not in known:
            raise unknown("cohort attribute", attribute, known)
    rows, remarks = asked(responses, items)
    n_items = len(rows.names)
    joint = rasch(rows.learner, rows.item, rows.correct, len(responses.log.learners), n_items)
    given = exposure(rows.learner, rows.item, np.nan_to_num(joint.ability), n_items, seed=seed)
    if ability == AUTO:
        ability, why = _usual(responses, given)
        remarks += why
    theta = _abilities(rows, joint, ability, seed)
    anchors = anchored(rows.item, rows.correct, theta, n_items) if ability != JOINT else joint.difficulty
    slopes = discrimination(rows.item, rows.correct, theta, n_items)
    shares = classical(rows.learner, rows.item, rows.correct, n_items)
    options = _options(rows, theta)
    dif = tuple(one for attribute in by for one in by_cohort(rows, theta, attribute))
    table = table_of(rows, shares, anchors, slopes, joint, flags_of(rows, shares, slopes, options, dif))
    systems = beside_each_other(rows, table, theta, seed=seed)
    said = remarks_on(rows, shares, joint, theta, joint_only=ability == JOINT)
    return ItemReport(
        answers=len(rows.row),
        learners=len(np.unique(rows.learner)),
        ability=ability,
        exposure=given,
        declared=declared_in(rows),
        remarks=(*remarks, *said, *doubted(declared_in(rows), given)),
        items=tuple(sorted(table, key=lambda row: (row.rank is None, row.rank or 0, -row.n, row.item))),
        options=options,
        dif=dif,
        systems=systems,
        gain=_gain(rows, joint, seed),
        method={
            "prior_sd": PRIOR_SD,
            "fewest": FEWEST,
            "joint_shrunk": joint.shrunk,
            "joint_converged": joint.converged,
        },
    )


def _usual(responses: Responses, given: Exposure) -> tuple[str, list[str]]:
    """Where abilities come from where nobody says, and what is to be said of it."""
    if responses.ability is not None:
        return COLUMN, []
    if given.depends:
        why = "a tracer would have learned from items that were given by ability"
        return JOINT, [f"abilities are those of the joint model: {why}"]
    return TRACER, []


def _abilities(rows: Asked, joint: Rasch, ability: str, seed: int) -> Floats:
    """The learner's ability just before each answer, in logits; shape (n,)."""
    if ability == JOINT:
        return joint.ability[rows.learner]
    if ability == COLUMN:
        given = rows.column(rows.responses.ability)
        assert given is not None
        return given.astype(np.float64)
    adapter, log = MODELS.get(ability), rows.responses.log
    wanted = np.zeros(len(log), dtype=bool)
    wanted[rows.row] = True
    parts = parts_of(log, rows.generated[: len(log.items)], seed=seed)
    return abilities(log, wanted, parts, adapter, seed=seed)[rows.row]


def _gain(rows: Asked, joint: Rasch, seed: int) -> Gain | None:
    """Growth by kind of item, where there are both kinds."""
    if rows.generated.all() or not rows.generated.any():
        return None
    difficulty, generated = joint.difficulty.b[rows.item], rows.generated[rows.item]
    return gain_by_kind(rows.learner, difficulty, rows.correct, generated, seed=seed)


def _options(rows: Asked, theta: Floats) -> tuple[ItemOptions, ...]:
    chosen = rows.column(rows.responses.option)
    if chosen is None:
        return ()
    order = np.argsort(rows.item, kind="stable")
    start = np.searchsorted(rows.item[order], np.arange(len(rows.names) + 1))
    found = []
    for code, item in enumerate(rows.items):
        own = order[start[code] : start[code + 1]]
        texts = chosen[own].astype(object)
        if not (texts != "").any():
            continue
        key = item.right if item.right is not None else _only_right(texts, rows.correct[own])
        found.append(
            ItemOptions(
                str(rows.names[code]), int((texts != "").sum()), tuple(options_of(texts, theta[own], item.options, key))
            )
        )
    return tuple(found)


def _only_right(chosen: NDArray[np.object_], correct: NDArray[np.int64]) -> str | None:
    """The option that was marked right, where there is one only."""
    right = set(map(str, chosen[(correct == 1) & (chosen != "")]))
    return right.pop() if len(right) == 1 else None
