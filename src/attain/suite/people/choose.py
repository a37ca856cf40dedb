"""Which prompts people are shown, and who of them."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from attain.core.errors import UserError
from attain.core.rng import rng
from attain.suite.people.facts import Array

STRATA = ("random", "best", "worst", "disputed")


def choose_prompts(
    prompts: Sequence[str], values: Array | None, disputed: Array | None, strata: Sequence[str], n: int, seed: int
) -> dict[str, str]:
    """Prompt to stratum, as many from each as near as can be; each prompt once.

    Args:
        prompts: those that may be chosen.
        values: shape (n_systems, n_prompts), higher is better; None where no metric varies.
        disputed: shape (n_prompts,), how far people or systems are apart; None for as `values` are.
        strata: `random`, `best`, `worst`, `disputed`.
        n: how many prompts.
        seed: of the draw.

    Raises:
        UserError: a stratum is unknown, or needs a metric and there is none.
    """
    for name in strata:
        if name not in STRATA:
            raise UserError(f"{name!r} is no way to choose prompts; there are {', '.join(STRATA)}.")
        if name in ("best", "worst") and values is None:
            raise UserError(
                f"{name!r} prompts go by a metric, and no metric of this suite differs between pieces. Name one by "
                "--metric, or choose at random."
            )
    if "disputed" in strata and values is None and disputed is None:
        raise UserError("Nothing is disputed: no metric differs between pieces, and nobody rated. Choose at random.")
    orders = _orders(len(prompts), values, disputed, seed)
    chosen: dict[str, str] = {}
    while len(chosen) < min(n, len(prompts)):
        stratum = strata[len(chosen) % len(strata)]
        place = next(i for i in orders[stratum] if prompts[i] not in chosen)
        chosen[prompts[place]] = stratum
    return chosen


def _orders(n: int, values: Array | None, disputed: Array | None, seed: int) -> dict[str, list[int]]:
    """Places of the prompts in the order of each stratum; lots decide between equals."""
    generator = rng(seed, "prompts to review")
    orders = {"random": generator.permutation(n)}
    lots = generator.permutation(n)
    if values is not None:
        told = ~np.isnan(values)
        count = np.maximum(told.sum(axis=0), 1)
        mean = np.where(told, values, 0).sum(axis=0) / count
        unknown = ~told.any(axis=0)  # these come last
        orders["best"] = np.lexsort((lots, -mean, unknown))
        orders["worst"] = np.lexsort((lots, mean, unknown))
        if disputed is None:
            disputed = np.sqrt((np.where(told, values - mean, 0) ** 2).sum(axis=0) / count)
    if disputed is not None:
        orders["disputed"] = np.lexsort((lots, -disputed))
    return {name: order.tolist() for name, order in orders.items()}


def disagreement(ratings: pd.DataFrame, prompts: Sequence[str]) -> Array | None:
    """How far people are apart on each prompt: the mean spread of their ratings of a piece; None without two raters."""
    people = ratings[ratings["kind"] == "person"]
    if people["rater"].nunique() < 2:
        return None
    spread = people.groupby(["prompt", "sample", "system", "dimension"], observed=True)["value"].std(ddof=0)
    return np.asarray(spread.groupby("prompt").mean().reindex(list(prompts)).fillna(0), dtype=np.float64)


def shares(prompts: Sequence[str], raters: int, overlap: float, seed: int) -> list[list[str]]:
    """The prompts of each rater: a share that all have, and the rest dealt out.

    >>> [len(own) for own in shares(list("abcdefghij"), 2, 0.4, 0)]
    [7, 7]
    """
    order = [prompts[i] for i in rng(seed, "who reviews what").permutation(len(prompts))]
    common = round(overlap * len(order))
    return [[*order[:common], *order[common:][rater::raters]] for rater in range(raters)]


def by_system(frame: pd.DataFrame) -> Mapping[str, list[tuple[str, int, str]]]:
    """Pieces of each prompt that have a text: (system, sample, text)."""
    found: dict[str, list[tuple[str, int, str]]] = {}
    for prompt, sample, system, text in frame[["prompt", "sample", "system", "text"]].itertuples(
        index=False, name=None
    ):
        if isinstance(text, str) and text.strip():
            found.setdefault(str(prompt), []).append((str(system), int(sample), text))
    return found
