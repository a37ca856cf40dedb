"""What a model learns from: all training learners, those of a learner's own segment, or simulated ones beside them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.component import Params
from attain.core.errors import UserError
from attain.core.fingerprint import of_json
from attain.core.rng import rng
from attain.data.dataset import Dataset
from attain.data.interactions import Interactions
from attain.data.simulate.like import with_simulated
from attain.suite.plan import Job
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import HasMastery, KnowledgeTracer

LEAST = 20
"""A segment with fewer training learners is predicted by the model of all."""

Create = Callable[[], KnowledgeTracer]


def trained(job: Job, create: Create, train: Interactions, data: Dataset, context: FitContext) -> KnowledgeTracer:
    """A model that learned as the job says.

    Args:
        job: its `training` says how.
        create: makes an empty model.
        train: the training part of the fold.
        data: whose cohorts are the segments.
        context: handed to every fit.
    """
    if job.training.get("on") == "segment":
        assert data.cohorts is not None
        column = data.cohorts[job.training["segment"]].astype(object)
        segments = column.where(column.isna(), column.astype(str))
        kind = SegmentedWithMastery if issubclass(type(create()), HasMastery) else Segmented
        return kind.of(create, train, segments, context)
    if job.training.get("on") == "all_and_simulated":
        generator = rng(job.seed, "simulated learners", job.fold)
        train = with_simulated(train, job.training["simulated_learners"], generator)
    model = create()
    model.fit(train, context)
    return model


class Segmented(KnowledgeTracer):
    """One model for each segment, fitted to its training learners; learners of no segment get that of all."""

    name = "segmented"
    params: Params

    def __init__(
        self, everyone: KnowledgeTracer, models: Mapping[str, KnowledgeTracer], segment: "pd.Series[str]"
    ) -> None:
        super().__init__(everyone.params)
        self.name = everyone.name  # type: ignore[misc]  # it is that model, fitted several times
        self.everyone, self.models, self.segment = everyone, models, segment

    @classmethod
    def of(cls, create: Create, train: Interactions, segment: "pd.Series[str]", context: FitContext) -> Self:
        """Fit a model for each segment with enough learners, and one for all."""
        everyone = create()
        everyone.fit(train, _own(context, "all"))
        models = {}
        members = segment.reindex(train.learners[train.present])
        for name, count in members.value_counts().sort_index().items():
            if count >= LEAST:
                models[str(name)] = create()
                models[str(name)].fit(
                    train.of_learners(train.present[(members == name).to_numpy()]), _own(context, name)
                )
        return cls(everyone, models, segment)

    def fit(self, log: Interactions, context: FitContext) -> None:
        """Refused: `of` fits."""
        raise UserError("A model by segment is fitted by `Segmented.of`.")

    def predict(self, log: Interactions) -> NDArray[np.floating]:
        """See `KnowledgeTracer.predict`."""
        out = np.empty(len(log))
        for model, rows in self._parts(log):
            out[rows] = model.predict(log.take(rows))
        return out

    def _parts(self, log: Interactions) -> list[tuple[KnowledgeTracer, NDArray[np.bool_]]]:
        """Each model with the rows of its learners."""
        segment = self.segment.reindex(log.learners).astype(object).to_numpy()
        found, left = [], np.ones(len(log), dtype=bool)
        for name, model in self.models.items():
            rows = (segment == name)[log.learner]
            left &= ~rows
            found.append((model, rows))
        return [(model, rows) for model, rows in [*found, (self.everyone, left)] if rows.any()]

    def save(self, folder: Path) -> None:
        """Write each model into a folder of its own: `all`, `segment 1`, and so on, in the order of their names."""
        for number, model in enumerate([self.everyone, *(self.models[name] for name in sorted(self.models))]):
            part = folder / (f"segment {number}" if number else "all")
            part.mkdir()
            model.save(part)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Refused: who belongs to which segment stays with the data."""
        raise UserError(f"{str(folder)!r} holds a model for each segment; load the one you want from its own folder.")


def _own(context: FitContext, segment: object) -> FitContext:
    """The context with a folder for checkpoints that is the segment's own."""
    folder = context.checkpoint
    return context if folder is None else replace(context, checkpoint=folder / of_json(str(segment)))


class SegmentedWithMastery(Segmented):
    """A `Segmented` of models that say mastery."""

    def mastery(self, log: Interactions) -> NDArray[np.floating]:
        """See `HasMastery.mastery`."""
        out, counts = np.empty(len(log.skill)), np.diff(log.skill_start)
        for model, rows in self._parts(log):
            assert isinstance(model, HasMastery)
            out[np.repeat(rows, counts)] = model.mastery(log.take(rows))
        return out
