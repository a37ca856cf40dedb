"""Scores of short answers beside those of people, for the tests of metrics of scored answers."""

from collections.abc import Mapping, Sequence

import pandas as pd

from attain.core.table import Predictions

Pair = tuple[float, float]
"""What a person gave, and what a model gave, as shares of the maximum."""


def scores(
    pairs: Mapping[str, Sequence[Pair]],
    *,
    parts: Mapping[str, str] | None = None,
    maxima: Mapping[str, float] | None = None,
    by_answer: bool = False,
) -> Predictions:
    """A table of answer scoring.

    Args:
        pairs: by question.
        parts: question to part; all are of one part where not given.
        maxima: question to the points of a full answer; 1 where not given.
        by_answer: whether each answer is a unit; each question is where not.
    """
    rows: list[tuple[object, ...]] = []
    for question, own in pairs.items():
        for target, score in own:
            worth = (maxima or {}).get(question, 1.0)
            unit = f"answer {len(rows)}" if by_answer else question
            part = (parts or {}).get(question, "held_out")
            rows.append((0, len(rows), unit, target, score, question, part, target * worth, worth))
    names = ["fold", "example", "unit", "target", "score", "item", "part", "points", "maximum"]
    frame = pd.DataFrame(rows, columns=names)
    return Predictions(frame.assign(unit_is="answer" if by_answer else "question"))
