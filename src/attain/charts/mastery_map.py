"""The heat-map of learners by skills: how likely each skill is known after a learner's last answer on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attain.charts.style import FAINT, SMALL, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_LEARNERS, MOST_SKILLS = 32, 24
_LEARNER_SIGNS, _SKILL_SIGNS = 14, 28


@dataclass(frozen=True)
class MasteryMap:
    """Mastery at the end, cut to what fits on a page.

    Attributes:
        learners: names of the rows, those who know most first.
        skills: names of the columns, the best known first.
        mastery: shape (len(learners), len(skills)), NaN where the learner did not practise the skill.
        n_learners: how many learners there are in all.
        n_skills: how many skills there are in all.
    """

    learners: tuple[str, ...]
    skills: tuple[str, ...]
    mastery: NDArray[np.float64]
    n_learners: int
    n_skills: int


def mastery_map(
    learner: NDArray[np.integer],
    skill: NDArray[np.integer],
    mastery: NDArray[np.floating],
    learners: Sequence[str],
    skills: Sequence[str],
) -> MasteryMap:
    """The last known mastery of each learner and skill, for the skills with most learners and their busiest learners.

    Args:
        learner: shape (n,), codes into `learners`, each learner's rows in order.
        skill: shape (n,), codes into `skills`.
        mastery: shape (n,), after the row's answer; NaN where not known.
        learners: pseudonyms.
        skills: names.
    """
    known = ~np.isnan(mastery)
    grid = np.full((len(learners), len(skills)), np.nan)
    grid[learner[known], skill[known]] = mastery[known]  # of equal places the last one is kept
    seen = ~np.isnan(grid)
    rows = np.flatnonzero(seen.any(axis=1))
    all_columns = np.flatnonzero(seen.any(axis=0))
    columns = all_columns[np.argsort(-seen[:, all_columns].sum(axis=0), kind="stable")][:MOST_SKILLS]
    busy = seen[np.ix_(rows, columns)].sum(axis=1)
    shown = rows[busy > 0][np.argsort(-busy[busy > 0], kind="stable")][:MOST_LEARNERS]
    part = grid[np.ix_(shown, columns)]
    if part.size:
        by_learner = np.argsort(-np.nanmean(part, axis=1), kind="stable")
        by_skill = np.argsort(-np.nanmean(np.where(np.isnan(part).all(axis=0), 0, part), axis=0), kind="stable")
        shown, columns, part = shown[by_learner], columns[by_skill], part[np.ix_(by_learner, by_skill)]
    names = tuple(str(learners[i]) for i in shown), tuple(str(skills[i]) for i in columns)
    return MasteryMap(*names, part, len(rows), len(all_columns))


def draw_mastery_map(facts: MasteryMap, *, model: str) -> "Figure":
    """Darker is less known; hatched is not practised.

    Raises:
        ValueError: there is nothing to draw.
    """
    if not facts.mastery.size:
        raise ValueError("There is no mastery to draw.")
    from matplotlib.patches import Patch

    rows, columns = facts.mastery.shape
    detail = (
        f"{rows} of {facts.n_learners:,} learners and {columns} of {facts.n_skills:,} skills (those with most "
        "practice), after each learner's last answer on the skill"
    )
    width = max(6.0, 2.4 + 0.17 * columns)
    figure, axes = canvas(
        f"How likely {model} holds each skill to be known", detail, height=2.6 + 0.165 * rows, width=width
    )
    ax = axes[0][0]
    ax.grid(visible=False)
    ax.patch.set(hatch="////", edgecolor="#B5B5B5", facecolor="white")
    image = ax.imshow(facts.mastery, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(
        range(columns), [_cut(s, _SKILL_SIGNS) for s in facts.skills], rotation=60, ha="right", rotation_mode="anchor"
    )
    ax.set_yticks(range(rows), [_cut(s, _LEARNER_SIGNS) for s in facts.learners], fontsize=SMALL - 1)
    ax.tick_params(axis="x", labelsize=SMALL - 1)
    ax.set_ylabel("learner (pseudonym), knows most on top")
    ax.set_xlabel("skill, best known on the left")
    bar = figure.colorbar(image, ax=ax, shrink=0.5, aspect=14, pad=0.02)
    bar.set_label("probability that the skill is known", fontsize=SMALL)
    bar.ax.tick_params(labelsize=SMALL)
    bar.outline.set_visible(False)
    hatch = Patch(hatch="////", edgecolor="#B5B5B5", facecolor="white", label="not practised")
    figure.legend(handles=[hatch], loc="lower right", fontsize=SMALL, frameon=False, labelcolor=FAINT)
    return figure


def _cut(name: str, signs: int) -> str:
    return name if len(name) <= signs else name[: signs - 1] + "…"
