"""DAS3H: when was each skill practised before, and how did it go?"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from attain.core.errors import UserError
from attain.data.interactions import Interactions, skill_rows
from attain.models._saved import Learned
from attain.models.knowledge_tracing._able_tracer import AbilityParams, AbleTracer
from attain.models.knowledge_tracing._design import Block
from attain.models.knowledge_tracing._history import earlier_in_windows, known_time
from attain.tasks.context import FitContext

Floats = NDArray[np.float64]

HOUR_S = 3600.0


class DAS3HParams(AbilityParams):
    """Parameters of `das3h`."""

    clock: Literal["time", "answers", "time or answers"] = "time"
    """Whether windows reach back in time, or over so many of the learner's answers, or that only without times."""
    hours: tuple[float, ...] = (1, 24, 7 * 24, 30 * 24)
    """How far each window of time reaches back; one that reaches back for ever is always there too."""
    answers: tuple[int, ...] = (10, 100, 1000)
    """The same for windows of answers."""
    item_penalty: float = Field(default=1, gt=0)
    """How strongly items' ease is held to that of their skills (L2)."""
    skill_penalty: float = Field(default=1, gt=0)
    """How strongly a skill's weights are held to those that all skills share (L2)."""

    @field_validator("hours", "answers")
    @classmethod
    def _reach_back(cls, windows: tuple[float, ...]) -> tuple[float, ...]:
        if any(not 0 < window < float("inf") for window in windows):
            raise ValueError("each window reaches back by a number above 0")
        return windows


class DAS3H(AbleTracer):
    """Ability, ease of item and skills, and log(1 + n) of right answers and of all answers to the skill, by window.

    The windows are the last hour, day, week, 30 days and for ever; a right answer counts in each that it lies in, so
    that forgetting shows as a difference of weights (Choffin, Popineau, Bourda & Vie 2019, eq. 5). Each of a skill's
    weights is one that all skills share plus its own part. The abilities of the training learners are fitted with the
    rest, and then forgotten: a score is the mean over the normal distribution of abilities, which with
    `ability: running` is narrowed by each answer of the learner, as in `irt` (the paper has `none` for learners that
    it did not see). An answer whose time is not known counts at the latest time known before it.
    """

    name = "das3h"
    params: DAS3HParams

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`.

        Raises:
            UserError: windows are of time, and the log has no times.
        """
        super().fit(log, context)
        self.learned = Learned({**self.learned.arrays, "by_time": np.array([self._by_time(log)])}, self.learned.names)

    def predict(self, log: Interactions) -> Floats:
        """See `KnowledgeTracer.predict`.

        Raises:
            UserError: the fit saw times, and this log has none, or the other way round.
        """
        if self._by_time(log) != bool(self.learned.arrays["by_time"][0]):
            had, has = ("no times", "times") if self._by_time(log) else ("times", "no times")
            raise UserError(
                f"'das3h' was fitted on answers with {had}, and these have {has}: the windows are not the same."
            )
        return super().predict(log)

    def blocks(self, log: Interactions) -> list[Block]:
        """See `LogisticTracer.blocks`."""
        rows, p = skill_rows(log, "mean"), self.params
        learner, correct = log.learner[rows.answer], log.correct[rows.answer]
        clock, windows = self._clock(log)
        counted = earlier_in_windows(
            rows.answer, rows.skill, len(rows.names), learner, correct, clock[rows.answer], windows
        )
        counted = counted.reshape(len(counted), 2 * len(windows))
        features = np.column_stack([np.ones(len(counted)), np.log1p(counted)])
        each, ones, shared = np.arange(len(log)), np.ones((len(log), 1)), (False, *[True] * counted.shape[1])
        return [
            Block("item", log.items, each, log.item, ones, (False,), p.item_penalty),
            Block("skill", rows.names, rows.answer, rows.skill, features, shared, p.skill_penalty),
            *self.ability_blocks(log),
        ]

    def check_data(self, log: Interactions) -> None:
        """See `Component.check_data`: windows of time need times."""
        self._by_time(log)

    def _by_time(self, log: Interactions) -> bool:
        if self.params.clock == "time" and log.time_s is None:
            raise UserError(
                "'das3h' counts practice by how long ago it was, and this data set has no times. Choose a data set "
                "that has, or let its windows reach back over answers: params: {clock: answers} (for several data "
                "sets, only some of which have times: {clock: time or answers})."
            )
        return self.params.clock != "answers" and log.time_s is not None

    def _clock(self, log: Interactions) -> tuple[Floats, Floats]:
        """The moment of each answer, and how far each window reaches back from it."""
        if self._by_time(log) and log.time_s is not None:
            return known_time(log.learner_start, log.time_s), np.array([*self.params.hours, np.inf]) * HOUR_S
        return log.step.astype(np.float64), np.array([*self.params.answers, np.inf]) + 0.5
