"""The share of right answers in training: the floor that a model of learners should beat."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.interactions import Interactions, recode
from attain.models._row_skills import mean_over_skills
from attain.models._saved import Learned, Saved
from attain.models._seen import only_seen
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer


class PriorRateParams(Params):
    """Parameters of `prior_rate`."""

    shrink: float = Field(default=10, gt=0)
    """How many answers of its skills an item's own answers are mixed with (and a skill's with answers of all)."""


class PriorRate(Saved, KnowledgeTracer):
    """Each item is as hard for everyone as it was in training; the learner's own answers are not looked at.

    The rate of an item leans on the mean rate of its skills, and that of a skill on the rate of all answers, each by
    `shrink` imagined answers.
    """

    name = "prior_rate"
    params: PriorRateParams
    learned: Learned
    """Arrays `overall` (1,), `skill_rate` (n_skills,), `item_right` and `item_answers` (n_items,)."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        log = only_seen(log)
        shrink, overall = self.params.shrink, float(log.correct.mean())
        per_pair = np.repeat(log.correct, np.diff(log.skill_start))
        right = np.bincount(log.skill, weights=per_pair, minlength=len(log.skills))
        answers = np.bincount(log.skill, minlength=len(log.skills))
        arrays = {
            "overall": np.array([overall]),
            "skill_rate": (right + shrink * overall) / (answers + shrink),
            "item_right": np.bincount(log.item, weights=log.correct, minlength=len(log.items)),
            "item_answers": np.bincount(log.item, minlength=len(log.items)).astype(float),
        }
        self.learned = Learned(arrays, {"skills": log.skills, "items": log.items})

    def predict(self, log: Interactions) -> NDArray[np.float64]:
        """See `KnowledgeTracer.predict`."""
        arrays, names = self.learned.arrays, self.learned.names
        overall = float(arrays["overall"][0])
        skill_rate = np.append(arrays["skill_rate"], overall)[recode(log.skills, names["skills"])]
        item = recode(log.items, names["items"])[log.item]
        right, answers = np.append(arrays["item_right"], 0)[item], np.append(arrays["item_answers"], 0)[item]
        lean = self.params.shrink * mean_over_skills(log, skill_rate, overall)
        return np.asarray((right + lean) / (answers + self.params.shrink))
