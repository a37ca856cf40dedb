"""Parameters of skills: one for all, or one for each; and how learners differ."""

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.simulate.curriculum import Curriculum

OfSkills = float | tuple[float, ...]
"""One value for all skills, or one for each in the order of the curriculum."""


def of_skills(value: OfSkills, curriculum: Curriculum, name: str) -> NDArray[np.float64]:
    """The value of each skill; shape (n_skills,).

    Raises:
        UserError: there are as many values as neither one nor the skills.
    """
    values = np.asarray(value, dtype=np.float64)
    if values.ndim and len(values) != len(curriculum.skills):
        raise UserError(f"{name!r} has {len(values)} values, and there are {len(curriculum.skills)} skills.")
    return np.broadcast_to(values, (len(curriculum.skills),)).copy()


def shifted(probability: NDArray[np.float64], shift: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities of skills moved by each learner's shift in logits; shape (n_learners, n_skills)."""
    p = np.clip(probability, 1e-12, 1 - 1e-12)
    return np.asarray(1 / (1 + np.exp(-(np.log(p / (1 - p)) + shift[:, None]))))
