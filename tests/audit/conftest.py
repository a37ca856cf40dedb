"""Worlds of enrolments, with and without a planted bias, and tables by hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from attain.audit.rows import AuditRows, audit_rows

World = Callable[..., "Enrolments"]


@dataclass(frozen=True)
class Enrolments:
    frame: pd.DataFrame
    cohorts: pd.DataFrame
    flag: NDArray[np.bool_]

    def rows(self, by: Sequence[str] = ("gender", "age"), stratum: str | None = "course") -> AuditRows:
        return audit_rows(self.frame, self.cohorts, by=by, stratum=stratum)


@pytest.fixture(scope="session")
def world() -> World:
    """Enrolments in four courses; `bias` lifts the scores of women, `of_course` sends them to course A."""

    def make(
        seed: int = 0, *, n: int = 2000, bias: float = 0.0, of_course: float = 0.0, repeat: bool = False
    ) -> Enrolments:
        rng = np.random.default_rng(seed)
        learners = n * 3 // 5 if repeat else n
        unit = rng.integers(0, learners, n) if repeat else np.arange(n)
        gender = np.where(rng.random(learners) < 0.5, "F", "M")
        age = rng.choice(["18-24", "25-34", "35-54", "55+"], learners, p=[0.5, 0.3, 0.15, 0.05])
        course = np.where(rng.random(n) < of_course * (gender[unit] == "F"), "A", rng.choice([*"ABCD"], n))
        latent = rng.normal(size=learners)[unit] + 0.5 * rng.normal(size=n)
        target = latent + rng.normal(size=n) > 0.5
        logit = latent + 1.5 * (course == "A") * (of_course > 0) + bias * (gender[unit] == "F")
        score = 1 / (1 + np.exp(-logit - rng.normal(size=n)))
        names = np.array([f"learner {u:05}" for u in range(learners)])
        frame = pd.DataFrame({"unit": names[unit], "target": target * 1.0, "score": score, "course": course})
        cohorts = pd.DataFrame({"gender": gender, "age": age}, index=names)
        return Enrolments(frame, cohorts, score > np.quantile(score, 0.8))

    return make
