"""A prepared data set: the log, what belongs to its learners, and how it came about."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from typing_extensions import TypeVar

from attain.data.choices import Choices
from attain.data.enrolments import Enrolments
from attain.data.interactions import Interactions
from attain.data.prompts import Prompts
from attain.data.scored_answers import ScoredAnswers

C = TypeVar("C", Interactions, Enrolments, Choices, Prompts, ScoredAnswers, default=Interactions)


@dataclass(frozen=True)
class Change:
    """Something that a loader did to the rows it read."""

    what: str
    """A short sentence: `dropped rows without an answer`."""
    rows: int
    """How many rows it concerned."""


@dataclass(frozen=True, eq=False)
class Dataset(Generic[C]):
    """A prepared data set.

    Attributes:
        name: its name in suites.
        log: the interactions, the enrolments, the choices, the prompts, or the scored answers.
        fingerprint: changes with the source's bytes, the options, the loader's rules and what they did.
        source_sha256: file name to SHA-256 of the bytes that were read; empty for simulated data.
        options: the options it was prepared with.
        changes: what the loader dropped, merged or filled, and why.
        cohorts: one row a learner (index: names of `log.learners`), one column a cohort attribute; or None.
        published: shape (len(log.learners),): the published fold in which each learner is held out, -1 for learners
            always in training; None where the set was published without a split.
        truth: a simulator's ground truth (parameter tables by name), empty for real data.
        folder: where the prepared columns lie, for workers to map; None when it was never written.
    """

    name: str
    log: C
    fingerprint: str
    source_sha256: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)  # whatever the card's options are
    changes: tuple[Change, ...] = ()
    cohorts: pd.DataFrame | None = None
    published: NDArray[np.int64] | None = None
    truth: dict[str, pd.DataFrame] = field(default_factory=dict)
    folder: Path | None = None
