"""Simulated learners fitted to a data set, and how like its learners they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.interactions import Interactions, skill_rows
from attain.data.load import load
from attain.data.simulate.curriculum import Curriculum
from attain.data.simulate.student import STUDENTS, Student
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS

FIRST = 10
"""Opportunities whose accuracy is compared."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """A kind of learner with parameters from data, what it is taught, and how like the data it is.

    Attributes:
        student: the kind.
        curriculum: the most practised skills, in the order in which learners meet them, without prerequisites.
        distance: `accuracy_gap` (mean distance between shares right at the first opportunities), `slope_gap` (of the
            learning curve, by opportunity), `spread_gap` (standard deviation between learners' shares right), each
            simulated minus real (the first without sign), and `answers`, how many were compared.
    """

    student: Student
    curriculum: Curriculum
    distance: dict[str, float]


def fitted(student: Student, dataset: str, options: Mapping[str, Any], skills: int) -> Fitted:
    """Learners like those of a data set.

    The parameters of skills are those of our own tracer of the same kind, fitted to the whole set; others stay.

    Args:
        student: a kind that can be fitted: `bkt`, `pfa` or `irt_growth`.
        dataset: its name.
        options: of its card.
        skills: how many of the most practised skills are taught.

    Raises:
        UserError: the kind cannot be fitted, or the set has no answers or too few skills.
    """
    if student.name not in _FITS:
        raise UserError(f"{student.name!r} cannot be fitted to data; these can: {', '.join(sorted(_FITS))}.")
    log = load(dataset, options).log
    if not isinstance(log, Interactions) or not len(log.skills):
        raise UserError(f"Dataset {dataset!r} has no answers with skills, so no learner can be fitted to it.")
    rows = skill_rows(log, "first")
    codes = _most_practised(rows.skill, log.step[rows.answer], len(rows.names), skills)
    if len(codes) < 2:
        raise UserError(f"Dataset {dataset!r} has {len(codes)} skill(s); at least 2 are needed.")
    names = rows.names[codes]
    values = _FITS[student.name](log, names)
    own = student.params.model_dump() | values
    made = STUDENTS.get(student.name).create(**own)
    curriculum = Curriculum.of([str(name) for name in names], items_per_skill=1)
    return Fitted(made, curriculum, _distance(made, curriculum, log, codes))


def _most_practised(skill: NDArray[np.int32], step: NDArray[np.int32], n: int, wanted: int) -> NDArray[np.int64]:
    """The most practised skills, in the order of the mean step at which they are practised."""
    count = np.bincount(skill, minlength=n)
    top = np.argsort(-count, kind="stable")[: min(wanted, int((count > 0).sum()))]
    met = np.bincount(skill, step, n) / np.maximum(count, 1)
    return top[np.argsort(met[top], kind="stable")]


def _like_bkt(log: Interactions, names: NDArray[np.object_]) -> dict[str, Any]:
    model = MODELS.get("bkt").create(skills="first")
    model.fit(log, FitContext())
    known = model.learned.groups[0].skills  # type: ignore[attr-defined]  # of our own bkt
    at = {str(name): place for place, name in enumerate(known)}
    rates = model.learned.values[[at[str(name)] for name in names]]  # type: ignore[attr-defined]  # as above
    return {part: tuple(rates[:, k].round(6)) for k, part in enumerate(("prior", "learn", "guess", "slip"))}


def _like_pfa(log: Interactions, names: NDArray[np.object_]) -> dict[str, Any]:
    ease, success, failure = _weights("pfa", log, names).T
    return {"ease": _each(ease), "success": _each(success), "failure": _each(failure)}


def _like_irt(log: Interactions, names: NDArray[np.object_]) -> dict[str, Any]:
    """Ability and gain of the additive factors model, which has no guessing."""
    ability, gain = _weights("afm", log, names).T  # the mean ability of the learners is in it
    return {"ability": _each(ability), "gain": _each(np.maximum(gain, 0)), "guess": 0.0, "item_sd": 0.0}


def _each(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in values.round(6))


def _weights(tracer: str, log: Interactions, names: NDArray[np.object_]) -> NDArray[np.float64]:
    """The weights of the tracer's skill block; shape (n_skills, k)."""
    model = MODELS.get(tracer).create(counts="plain")
    model.fit(log, FitContext())
    learned = model.learned  # type: ignore[attr-defined]  # of our own logistic tracers
    at = {str(name): place for place, name in enumerate(learned.names["skill"])}
    table = learned.arrays["skill"].astype(np.float64)
    found = table[-1] + table[[at[str(name)] for name in names]]
    if "ability" in learned.arrays:
        found[:, 0] += learned.arrays["ability"][-1]
    return np.asarray(found)


_FITS = {"bkt": _like_bkt, "pfa": _like_pfa, "irt_growth": _like_irt}


def _distance(
    student: Student, curriculum: Curriculum, log: Interactions, codes: NDArray[np.int64]
) -> dict[str, float]:
    """Simulate the same learners on the same skills as often, and compare (a posterior-predictive check)."""
    rows = skill_rows(log, "first")
    place = np.full(len(rows.names), -1)
    place[codes] = np.arange(len(codes))
    kept = place[rows.skill] >= 0
    learner, skill = log.learner[rows.answer][kept], place[rows.skill][kept]
    real = log.correct[rows.answer][kept]
    present, who = np.unique(learner, return_inverse=True)
    start = np.searchsorted(who, np.arange(len(present) + 1))
    step = np.arange(len(who)) - np.repeat(start[:-1], np.diff(start))
    people = student.begin(curriculum, len(present), 0)
    answered = np.full(len(who), -1, dtype=np.int8)
    order = np.argsort(step, kind="stable")
    bounds = np.searchsorted(step[order], np.arange(int(step.max()) + 2))
    for now in range(len(bounds) - 1):
        at = order[bounds[now] : bounds[now + 1]]
        item = np.full(len(present), -1, dtype=np.int32)
        item[who[at]] = skill[at]
        answered[at] = student.answer(people, item, now)[who[at]]
    both = answered >= 0  # simulated learners may leave earlier
    opportunity = _opportunity(who, skill)
    a = _facts(who[both], opportunity[both], real[both], len(present))
    b = _facts(who[both], opportunity[both], answered[both], len(present))
    return {
        "accuracy_gap": float(np.nanmean(np.abs(b[0] - a[0]))),
        "slope_gap": b[1] - a[1],
        "spread_gap": b[2] - a[2],
        "answers": float(both.sum()),
    }


def _opportunity(who: NDArray[np.int64], skill: NDArray[np.int64]) -> NDArray[np.int64]:
    """The how-manieth answer of the learner to the skill each is, from 0."""
    order = np.lexsort((np.arange(len(who)), skill, who))
    new = np.append(True, (np.diff(who[order]) != 0) | (np.diff(skill[order]) != 0))
    begins = np.flatnonzero(new)
    place = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
    out = np.empty(len(order), dtype=np.int64)
    out[order] = place
    return out


def _facts(
    who: NDArray[np.int64], opportunity: NDArray[np.int64], right: NDArray[np.int8], n: int
) -> tuple[NDArray[np.float64], float, float]:
    """Shares right at the first opportunities, the slope over them, and the spread of learners with ten answers."""
    early = opportunity < FIRST
    count = np.bincount(opportunity[early], minlength=FIRST)
    with np.errstate(invalid="ignore"):
        share = np.bincount(opportunity[early], right[early], FIRST) / count
        own = np.bincount(who, right, n) / np.bincount(who, minlength=n)
    known = ~np.isnan(share)
    slope = float(np.polyfit(np.arange(FIRST)[known], share[known], 1)[0]) if known.sum() > 1 else float("nan")
    many = np.bincount(who, minlength=n) >= 10
    return share, slope, float(own[many].std()) if many.sum() > 1 else float("nan")
