"""Bayesian knowledge tracing as fitted by pyBKT (Badrinath, Wang & Pardos 2021)."""

import importlib
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from attain.core.component import Params
from attain.core.errors import UserError
from attain.data.interactions import Interactions, SkillMode, SkillRows, skill_rows
from attain.models._saved import read, write
from attain.models.knowledge_tracing import _bkt_forward as forward
from attain.models.knowledge_tracing._bkt_classes import By
from attain.models.knowledge_tracing._bkt_parameters import Learners, Of, Parameters, first_answers
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer

Floats = NDArray[np.float64]
Fitted = dict[str, Any]
"""What pyBKT says of one skill: arrays by its own names for them."""


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
    multiprior: bool = False
    """Whether the prior depends on the learner's first answer to the skill."""

    @model_validator(mode="after")
    def _one_kind_of_resource(self) -> Self:
        chosen = [name for name in ("multilearn", "multipair", "multiprior") if getattr(self, name)]
        if len(chosen) > 1:
            raise ValueError(f"pyBKT can do one of {', '.join(chosen)} at a time")
        if self.multiprior and self.multigs:
            raise ValueError("pyBKT 1.4.3 fails with both multiprior and multigs; `bkt` can do both")
        return self

    @property
    def by(self) -> dict[str, By]:
        """What the classes of learn and of guess are."""
        return {
            "learn": "item" if self.multilearn else "pair" if self.multipair else "skill",
            "guess": "item" if self.multigs else "skill",
        }


class PyBKT(KnowledgeTracer):
    """pyBKT 1.4.3 fits each skill; the scores are made by a forward pass of our own from its parameters.

    Items, or pairs of items, that a skill did not have in `fit` get the mean of the skill's classes; a skill that `fit`
    did not see gets the mean of all skills' parameters, weighted by their answers.

    With `multiprior` pyBKT predicts a first answer by a prior that this very answer has chosen; here, a first answer is
    predicted by the share of right first answers in training, and what follows as pyBKT does. Its parameters stay those
    of a fit that was shown the answer, and often call the learner sure from the first answer on; `bkt` with
    `prior_by: first_answer` is the same model without that fault.

    Note that pyBKT 1.4.3 does not learn from the answers of learners who have only one in a skill, and that its
    installed form, in plain Python, takes about a second for a thousand answers.

    Mastery is the probability of knowing after the answer, the chance to learn from it included.
    """

    name = "pybkt"
    params: PyBKTParams
    learned: Learners

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
        self.learned = Learners.all_alike(self._parameters(rows, log, fitted))

    def _fit_skill(self, frame: pd.DataFrame, seed: int) -> Fitted:
        p = self.params
        chosen = {name: getattr(p, name) for name in ("multigs", "multilearn", "multipair", "multiprior")}
        with peer() as pybkt:
            model = pybkt.Model(seed=seed, num_fits=p.fits, parallel=False)
            model.fit(data=frame, forgets=p.forgets, **chosen)
        return dict(model.fit_model["skill"])

    def _parameters(self, rows: SkillRows, log: Interactions, fitted: Sequence[Fitted]) -> Parameters:
        weight, first = np.bincount(rows.skill), None
        if self.params.multiprior:
            priors = np.array([_priors(f) for f in fitted])
            rest = {"learns": slice(1), "forgets": slice(1)}  # the other classes only set the priors
            skill = np.array([_means(f | {key: f[key][part] for key, part in rest.items()}) for f in fitted])
            skill[:, 0] = priors.mean(axis=1)
            known = [_after(priors[:, answer], skill, answer) for answer in (0, 1)]
            own = np.column_stack([first_answers(rows, log), *known])
            first = np.vstack([own, np.average(own, axis=0, weights=weight)])
        else:
            skill = np.array([_means(f) for f in fitted])
        classes = {
            name: _classes(fitted, by, names, keys, len(log.items))
            for (name, by), names, keys in zip(
                self.params.by.items(),
                ("resource_names", "gs_names"),
                (("learns", "forgets"), ("guesses", "slips")),
                strict=True,
            )
            if by != "skill"
        }
        values = np.vstack([skill, np.average(skill, axis=0, weights=weight)])
        return Parameters(rows.names, values, log.items, **classes, first=first)

    def predict(self, log: Interactions) -> Floats:
        """See `KnowledgeTracer.predict`."""
        return forward.predict(log, self.params.skills, self.learned)

    def mastery(self, log: Interactions) -> Floats:
        """See `HasMastery.mastery`."""
        return forward.mastery(log, self.params.skills, self.learned)

    def save(self, folder: Path) -> None:
        """See `KnowledgeTracer.save`."""
        write(self, self.learned.learned(), folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `KnowledgeTracer.load`."""
        model, saved = read(cls, folder)
        model.learned = Learners.of_learned(saved, model.params.by)
        return model


def _priors(fitted: Fitted) -> tuple[float, float]:
    """The prior of learners whose first answer is wrong, and right.

    With `multiprior`, pyBKT puts a moment before the first answer, in which the skill is learned at the rate of a class
    that is called 1 (wrong) or 2 (right). If all first answers were alike, their prior is everyone's.
    """
    places = {label: place for label, place in fitted["resource_names"].items() if label in (1, 2)}
    wrong, right = (float(fitted["learns"][places.get(label, max(places.values())) - 1]) for label in (1, 2))
    return wrong, right


def _means(fitted: Fitted) -> list[float]:
    """Prior, learn, guess, slip, forget of a skill, over its classes."""
    return [float(np.mean(fitted[key])) for key in ("prior", "learns", "guesses", "slips", "forgets")]


def _after(prior: Floats, skill: Floats, answer: int) -> Floats:
    """The probability of knowing each skill, once a first answer is seen."""
    return np.array([forward.posterior(p, answer, row[2], row[3]) for p, row in zip(prior, skill, strict=True)])


def _classes(fitted: Sequence[Fitted], by: By, names: str, keys: tuple[str, str], n_items: int) -> Of:
    """The classes of all skills, as `keys_of_rows` numbers them.

    pyBKT writes an item as we gave it (a code), a pair as "[code] [code of the one before]", and the class of first
    items in pairs as "Default".
    """
    found: dict[int, tuple[float, float]] = {}
    for skill, one in enumerate(fitted):
        places = np.argsort(np.argsort(list(one[names].values())))  # they count from 0 or from 1
        for label, place in zip(one[names], places, strict=True):
            codes = [int(code) for code in re.findall(r"\d+", str(label))]
            key = skill * n_items + (codes[0] if codes else 0)
            if by == "pair":
                key = key * (n_items + 1) + (codes[1] if codes else n_items)
            found[key] = float(one[keys[0]][place]), float(one[keys[1]][place])
    ordered = sorted(found)
    return Of(by, np.array(ordered, dtype=np.int64), np.array([found[key] for key in ordered]))


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
