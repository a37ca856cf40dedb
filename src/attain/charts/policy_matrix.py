"""Policies by worlds as a shaded table, and what each policy's mastery costs in answers."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from attain.charts.style import FAINT, INK, PALETTE, SMALL, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARKERS = "osD^vPX*<>"


def draw_matrix(
    steps: Sequence[Sequence[float]],
    marks: Sequence[Sequence[str]],
    policies: Sequence[str],
    worlds: Sequence[str],
    horizon: int,
    learners: int,
) -> "Figure":
    """Mean steps to mastery of each policy (rows; the first is the baseline) in each world (columns).

    Args:
        steps: restricted means.
        marks: `+` better than the baseline, `-` worse, "" cannot tell.
        policies: names of the rows.
        worlds: names of the columns.
        horizon: steps at most.
        learners: in each cell.
    """
    values = np.asarray(steps, dtype=float)
    detail = (
        f"Mean of the first {horizon} steps until the skills aimed at are truly mastered; {learners:,} simulated "
        f"learners a cell. ▲ clearly fewer steps than {policies[0]}, ▼ clearly more, no sign: cannot tell."
    )
    width = max(6.0, 2.2 + 1.05 * len(worlds))
    figure, axes = canvas(
        "Steps to mastery by policy, and by how learners learn", detail, height=1.9 + 0.3 * len(policies), width=width
    )
    ax = axes[0][0]
    ax.set_title(textwrap.fill(detail, int(13 * (width - 2))), loc="left", fontsize=SMALL, color=FAINT)
    ax.grid(visible=False)
    low = values / values.min(axis=0, keepdims=True)  # shaded within each world
    ax.imshow(np.log(low), cmap="Blues", vmin=0, vmax=1.4, aspect="auto")
    signs = {"+": " ▲", "-": " ▼", "": ""}
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            dark = np.log(low[i, j]) > 0.75
            text = f"{value:.0f}{signs[marks[i][j]]}"
            ax.text(j, i, text, ha="center", va="center", fontsize=SMALL, color="white" if dark else INK)
    ax.set_xticks(range(len(worlds)), [_wrapped(world) for world in worlds], fontsize=SMALL)
    ax.set_yticks(range(len(policies)), policies, fontsize=SMALL)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.axhline(0.5, color=FAINT, linewidth=0.8)
    return figure


def draw_gains(trade: Mapping[str, Sequence[tuple[str, float, float, float]]], learners: int) -> "Figure":
    """What mastery costs: answers given against skills mastered at the end, one panel a world.

    Args:
        trade: world to (policy, mean answers, share mastered, mean minutes) of each policy.
        learners: in each cell.
    """
    worlds = list(trade)
    columns = min(3, len(worlds))
    rows = -(-len(worlds) // columns)
    detail = (
        f"Each point is a policy; {learners:,} simulated learners each. Further up: more skills truly mastered at the "
        "end; further right: learners stayed for more answers."
    )
    figure, axes = canvas(
        "Mastery and engagement by policy",
        detail,
        height=1.4 + 2.2 * rows,
        rows=(1,) * rows,
        columns=columns,
        width=8.0,
    )
    handles = {}
    for number, world in enumerate(worlds):
        ax = axes[number // columns][number % columns]
        for place, (policy, answers, mastered, _) in enumerate(trade[world]):
            colour, marker = PALETTE[place % len(PALETTE)], MARKERS[place % len(MARKERS)]
            handles[policy] = ax.scatter(answers, 100 * mastered, s=36, label=policy, color=colour, marker=marker)
        ax.set_title(world, loc="left", fontsize=SMALL, color=INK)
        ax.margins(0.15)
        if number % columns == 0:
            ax.set_ylabel("skills mastered, %")
        ax.set_xlabel("answers a learner")
    for number in range(len(worlds), rows * columns):
        axes[number // columns][number % columns].set_visible(False)
    names = {"fontsize": SMALL, "frameon": False, "title": textwrap.fill(detail, 110), "title_fontsize": SMALL}
    figure.legend(handles.values(), handles.keys(), loc="outside lower left", ncols=4, alignment="left", **names)
    return figure


def _wrapped(name: str) -> str:
    return textwrap.fill(name, 13)
