"""Bayesian knowledge tracing as fitted by pyBKT (Badrinath, Wang & Pardos 2021)."""

import importlib
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, ValidationInfo, field_validator

from attain.core.component import Params
from attain.core.errors import UserError
from attain.data.interactions import Interactions, Names, SkillMode, SkillRows, recode, skill_rows
from attain.models._saved import Learned, Saved
from attain.models.knowledge_tracing._bkt_forward import of_answers, of_skills, trace
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer

Floats = NDArray[np.float64]
LEARN, ANSWER = [1, 4], [2, 3]
"""Places of learn and forget, and of guess and slip, in a row of parameters (see `_bkt_em.PARAMETERS`)."""


class PyBKTParams(Params):
    """Parameters of `pybkt`."""

    skills: SkillMode = "combination"
    """How an answer with several skills is read: as one joint skill, by its first only, or as an answer to each."""
    fits: int = Field(default=1, ge=1)
    """From how many random starts each skill is fitted (pyBKT's `num_fits`; its own default is 5)."""
    forgets: bool = False
    """Whether a known skill can be lost again."""
    multigs: bool = False
    """Whether each item has its own guess and slip (KT-IDEM)."""
    multilearn: bool = False
    """Whether each item has its own learn and forget, for what follows it."""
    multipair: bool = False
    """Whether each pair of an item and the one before it (in the skill) has its own learn and forget."""

    @field_validator("multipair")
    @classmethod
    def _either_items_or_pairs(cls, multipair: bool, others: ValidationInfo) -> bool:
        if multipair and others.data.get("multilearn"):
            raise ValueError("learn and forget belong to items (multilearn) or to pairs of items, not to both")
        return multipair


class PyBKT(Saved, KnowledgeTracer):
    """pyBKT 1.4.3 fits each skill; the scores are made by a forward pass of our own from its parameters.

    Items, or pairs of items, that a skill did not have in `fit` get the mean of the skill's classes; a skill that `fit`
    did not see gets the mean of all skills' parameters, weighted by their answers. pyBKT's `multiprior` is left out:
    it chooses the prior by the very answer that is to be predicted. Note that pyBKT 1.4.3 does not learn from the
    answers of learners who have only one in a skill, and that its installed form, in plain Python, takes about a
    second for a thousand answers.

    Mastery is the probability of knowing after the answer, the chance to learn from it included.
    """

    name = "pybkt"
    params: PyBKTParams
    learned: Learned
    """Array `skill`: shape (n_skills + 1, 5), in the order of `_bkt_em.PARAMETERS`, means where a skill has classes;
    the last row is for skills not seen. Arrays `learn` and `answer`: shape (n, 2), (learn, forget) and (guess, slip) of
    the classes in the names of the same key, which are as in `_keys`."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        rows = skill_rows(log, self.params.skills)
        frame = pd.DataFrame(
            {
                "order_id": np.arange(len(rows.answer)),
                "user_id": log.learner[rows.answer],
                "template_id": log.item[rows.answer],
                "correct": log.correct[rows.answer].astype(int),
                "skill_name": "skill",
            }
        )
        seeds = context.rng.integers(2**31, size=len(rows.names))
        fitted = [
            self._fit_skill(part.copy(), int(seed))
            for seed, (_, part) in zip(seeds, frame.groupby(rows.skill, sort=True), strict=True)
        ]
        skill = np.array([_means(f) for f in fitted])
        others = np.average(skill, axis=0, weights=np.bincount(rows.skill))
        learn = [np.column_stack([f["learns"], f["forgets"]]) for f in fitted]
        answer = [np.column_stack([f["guesses"], f["slips"]]) for f in fitted]
        arrays = {
            "skill": np.vstack([skill, others]),
            "learn": np.concatenate(learn),
            "answer": np.concatenate(answer),
        }
        names = {
            "skills": rows.names,
            "learn": _class_names(rows.names, [f["resource_names"] for f in fitted], log.items),
            "answer": _class_names(rows.names, [f["gs_names"] for f in fitted], log.items),
        }
        self.learned = Learned(arrays, names)

    def _fit_skill(self, frame: pd.DataFrame, seed: int) -> dict[str, Any]:
        """What pyBKT says of one skill: arrays by its own names for them."""
        p = self.params
        with peer() as pybkt:
            model = pybkt.Model(seed=seed, num_fits=p.fits, parallel=False)
            model.fit(data=frame, forgets=p.forgets, multigs=p.multigs, multilearn=p.multilearn, multipair=p.multipair)
        return dict(model.fit_model["skill"])

    def predict(self, log: Interactions) -> Floats:
        """See `KnowledgeTracer.predict`."""
        rows = skill_rows(log, self.params.skills)
        return of_answers(rows, trace(rows, log, self._parameters(rows, log))[0], len(log))

    def mastery(self, log: Interactions) -> Floats:
        """See `HasMastery.mastery`."""
        rows = skill_rows(log, self.params.skills)
        return of_skills(rows, trace(rows, log, self._parameters(rows, log))[1], log, self.params.skills)

    def _parameters(self, rows: SkillRows, log: Interactions) -> Floats:
        """The parameters of each row: of its skill, and where there are, of its classes."""
        arrays, names = self.learned.arrays, self.learned.names
        values = arrays["skill"].astype(np.float64)[recode(rows.names, names["skills"])[rows.skill]]
        classes = {
            "learn": (LEARN, _keys(rows, log, item=self.params.multilearn, pair=self.params.multipair)),
            "answer": (ANSWER, _keys(rows, log, item=self.params.multigs, pair=False)),
        }
        for part, (columns, keys) in classes.items():
            code = recode(keys, names[part])
            known = np.flatnonzero(code >= 0)
            values[known[:, None], columns] = arrays[part][code[known]]
        return values


def _means(fitted: dict[str, Any]) -> list[float]:
    """Prior, learn, guess, slip, forget of a skill, over its classes."""
    return [float(np.mean(fitted[key])) for key in ("prior", "learns", "guesses", "slips", "forgets")]


def _class_names(skills: NDArray[np.object_], classes: list[dict[Any, int]], items: NDArray[np.object_]) -> Names:
    """The keys of all skills' classes, in the order of pyBKT's numbers for them.

    pyBKT writes an item as we gave it (a code), a pair as "[code] [code of the one before]", the class of first items
    in pairs as "Default", and the one class of a skill without classes as "default".
    """
    out = []
    for skill, numbers in zip(skills, classes, strict=True):
        for label in sorted(numbers, key=lambda key: numbers[key]):
            codes = [int(code) for code in re.findall(r"\d+", str(label))]
            out.append("\t".join([skill, *items[codes]]) + ("\t" if label == "Default" else ""))
    return np.array(out, dtype=object)


def _keys(rows: SkillRows, log: Interactions, *, item: bool, pair: bool) -> Names:
    """The class of each row: its skill; skill and item; or skill, item and the one before in the skill, by tabs."""
    skill = rows.names[rows.skill]
    name = log.items[log.item[rows.answer]]
    if item:
        return np.asarray(skill + "\t" + name)
    if not pair:
        return skill
    learner = log.learner[rows.answer]
    order = np.lexsort((np.arange(len(learner)), rows.skill, learner))
    follows = np.zeros(len(order), dtype=bool)
    follows[order[1:]] = (np.diff(learner[order]) == 0) & (np.diff(rows.skill[order]) == 0)
    before = np.empty(len(order), dtype=np.int64)
    before[order[1:]] = order[:-1]
    keys = skill + "\t"
    keys[follows] += name[follows] + "\t" + name[before[follows]]
    return np.asarray(keys)


@contextmanager
def peer() -> Iterator[Any]:
    """pyBKT's models, without the warnings that it causes in newer libraries and the option that it sets in pandas.

    Raises:
        UserError: pyBKT is not installed, or cannot work with what is installed beside it.
    """
    shown = pd.get_option("display.float_format")
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"pyBKT\.")
        try:
            yield importlib.import_module("pyBKT.models")
        except ModuleNotFoundError as error:
            if error.name != "pyBKT":
                raise
            raise UserError(
                "Model 'pybkt' needs pyBKT, which is not installed. Try: pip install 'attain[pybkt]'"
            ) from None
        finally:
            pd.set_option("display.float_format", shown)
