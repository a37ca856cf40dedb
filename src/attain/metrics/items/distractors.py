"""Who chose which option: distractors that nobody falls for, and those that draw the abler learners."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.cohorts import SMALLEST
from attain.metrics.items.difficulty import FEWEST

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]

FUNCTIONS_FROM = 0.05
"""A distractor that fewer choose does not function (Haladyna & Downing 1993)."""
CLEARLY = 2.576
"""Standard errors by which a distractor's learners must be abler; there are many distractors."""


@dataclass(frozen=True)
class Option:
    """One option of an item.

    Attributes:
        text: of the option.
        key: whether it is the right one.
        listed: whether it is among the item's options; others were chosen, but nobody listed them.
        n: learners who chose it.
        share: of the learners who chose any.
        ability: their mean ability in logits; None where they are too few to be spoken of.
        ability_se: its standard error.
        functions: whether enough choose it, for a distractor; None for the right option, and for too few answers.
        abler: whether its learners are clearly abler than those of the right option, which then may be wrong.
    """

    text: str
    key: bool
    listed: bool
    n: int
    share: float
    ability: float | None
    ability_se: float | None
    functions: bool | None
    abler: bool


def options_of(
    chosen: NDArray[np.object_], ability: Floats, listed: Sequence[str], key: str | None, *, smallest: int = SMALLEST
) -> list[Option]:
    """The options of one item, the right one first, then as they are listed, then others that were chosen.

    Args:
        chosen: shape (n,), what each learner chose; "" where that is not known.
        ability: shape (n,), in logits; NaN where it is not known.
        listed: the item's options; nothing where nobody said.
        key: the right one; None where nobody said.
        smallest: the mean ability of fewer learners is not shown.
    """
    answered = chosen != ""
    chosen, ability = chosen[answered], ability[answered]
    others = sorted(set(map(str, chosen)) - set(listed) - {key})
    names = [*([key] if key is not None else []), *(name for name in listed if name != key), *others]
    of_key = _mean(ability[chosen == key]) if key is not None else (0, np.nan, np.nan)
    found = []
    for name in names:
        own = chosen == name
        n, mean, se = _mean(ability[own])
        shown = n >= smallest
        share = float(own.mean()) if len(chosen) else float("nan")
        enough = name != key and key is not None and len(chosen) >= FEWEST
        apart = mean - of_key[1] > CLEARLY * np.hypot(se, of_key[2])
        found.append(
            Option(
                name,
                name == key,
                name == key or name in listed,
                int(own.sum()),
                share,
                mean if shown else None,
                se if shown else None,
                share >= FUNCTIONS_FROM if enough else None,
                bool(enough and shown and of_key[0] >= smallest and apart),
            )
        )
    return found


def _mean(values: Floats) -> tuple[int, float, float]:
    """How many are known, their mean, and its standard error."""
    known = values[np.isfinite(values)]
    if not len(known):
        return 0, float("nan"), float("nan")
    se = known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else float("nan")
    return len(known), float(known.mean()), float(se)
