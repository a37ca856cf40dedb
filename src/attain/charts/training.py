"""Training curves: how loss and the like change while a model learns, fold by fold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attain.charts.style import canvas, label, line_style, spread, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LABELS = 8
JUDGES = {"valid_auc": 1.0, "valid_loss": -1.0}
"""Values by which early stopping chooses a step, the first that is there; 1 where greater is better."""

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Steps and values of a line, each of shape (n,), by ascending step."""


@dataclass(frozen=True)
class TrainingCurves:
    """The curves of one fit or of several folds.

    Attributes:
        panels: name of the value (`loss`) to lines: label of the line (`fold 0`) to its curve.
    """

    panels: Mapping[str, Mapping[str, Curve]]

    @property
    def judge(self) -> str | None:
        """The value on held-out learners that chooses the step to keep; None where there is none."""
        return next((name for name in JUDGES if name in self.panels), None)

    @property
    def best(self) -> dict[str, float]:
        """The first step at which that value is best, by the label of the line; empty where there is none."""
        if self.judge is None:
            return {}
        sign = JUDGES[self.judge]
        return {
            line: float(steps[(sign * values).argmax()]) for line, (steps, values) in self.panels[self.judge].items()
        }


def training_curves(points: Mapping[tuple[str, str], tuple[NDArray[np.number], NDArray[np.number]]]) -> TrainingCurves:
    """Sort reported points into panels.

    Args:
        points: (name of the value, label of the line) to steps and values in any order; a step reported twice keeps
            its last value.
    """
    panels: dict[str, dict[str, Curve]] = {}
    for (name, line), (steps, values) in points.items():
        last = dict(zip(np.asarray(steps, float).tolist(), np.asarray(values, float).tolist(), strict=True))
        ordered = np.array(sorted(last))
        panels.setdefault(name, {})[line] = (ordered, np.array([last[step] for step in ordered.tolist()]))
    return TrainingCurves(panels)


def draw_training_curves(curves: TrainingCurves, *, model: str, step: str = "step") -> "Figure":
    """One panel a value, one line a fold, each labelled at its end.

    Raises:
        ValueError: there is no curve.
    """
    if not curves.panels:
        raise ValueError("There is no training curve to draw.")
    columns = len(curves.panels)
    detail = "dots: where the fit ended"
    if curves.judge is not None:
        detail += f"; rings: where {_words(curves.judge)} is best, which is the {step} that early stopping keeps"
    figure, axes = canvas(
        f"Training of {model}", detail, height=3.4, columns=columns, width=6.0 if columns == 1 else 3.6 * columns
    )
    for ax, (name, panel) in zip(axes[0], curves.panels.items(), strict=True):
        _panel(ax, panel, curves.best)
        ax.set_xlabel(step)
        ax.set_ylabel(_words(name))
    return figure


def _words(name: str) -> str:
    return name.replace("_", " ")


def _panel(ax: "Axes", panel: Mapping[str, Curve], best: Mapping[str, float]) -> None:
    for index, (line, (steps, values)) in enumerate(panel.items()):
        color = line_style(index)["color"]
        ax.plot(steps, values, linewidth=1.4, **line_style(index))
        ax.plot(steps[-1:], values[-1:], "o", markersize=4, color=color)
        kept = steps == best.get(line)
        ax.plot(steps[kept], values[kept], "o", markersize=8, color=color, fillstyle="none", gid=f"kept {line}")
    whole_numbers(ax)
    low, high = ax.get_ylim()
    if len(panel) > MOST_LABELS:
        return
    ends = spread([values[-1] for _, values in panel.values()], (high - low) * 0.06, high)
    right = max(steps[-1] for steps, _ in panel.values())
    for index, (line, place) in enumerate(zip(panel, ends, strict=True)):
        label(ax, right, float(place), line, color=line_style(index)["color"])
