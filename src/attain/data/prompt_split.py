"""Which prompts a generator may learn from, and which it is judged on: never the same passage on both sides."""

from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from attain.core.errors import UserError
from attain.core.rng import rng
from attain.core.strict import Strict
from attain.data.dataset import Dataset
from attain.data.prompts import Prompts
from attain.data.split import Fold, Published


class AllPrompts(Strict):
    """Every prompt is judged, and nothing is learned from any: for outputs on record, and prompts without examples."""

    by: Literal["all"] = "all"


class ByPrompt(Strict):
    """Prompts are dealt at random into folds; each fold is held out once. Prompts of one passage stay together."""

    by: Literal["prompt"] = "prompt"
    folds: int = Field(default=5, ge=2)
    """How many parts the prompts are dealt into."""
    only: int | None = Field(default=None, ge=1)
    """Run only this many of the folds (the others are still learned from): a quick look."""
    seed: int = 0
    """Seed of the deal; the same seed gives the same folds on every machine."""


PromptSplit = AllPrompts | ByPrompt | Published


def count(split: PromptSplit, dataset: Dataset[Prompts]) -> int:
    """How many folds the split has on a data set, without making them."""
    return len(_numbers(split, dataset))


def make(split: PromptSplit, dataset: Dataset[Prompts], index: int) -> Fold[Prompts]:
    """The fold with number `index`.

    Raises:
        UserError: the set was not published with a split, or a part would be empty.
    """
    prompts = dataset.log
    if isinstance(split, AllPrompts):
        everyone = np.ones(len(prompts), dtype=bool)
        return Fold(index, prompts.take(~everyone), prompts, everyone)
    number = _numbers(split, dataset)[index]
    held_out = (_published(dataset) if isinstance(split, Published) else _dealt(split, prompts)) == number
    if held_out.all() or not held_out.any():
        lacking = "to learn from" if held_out.all() else "to judge"
        raise UserError(f"Fold {index} of the split by {split.by} has no prompts {lacking}.")
    test = prompts.take(held_out)
    return Fold(index, prompts.take(~held_out), test, np.ones(len(test), dtype=bool))


def _numbers(split: PromptSplit, dataset: Dataset[Prompts]) -> list[int]:
    if isinstance(split, AllPrompts):
        return [0]
    if isinstance(split, ByPrompt):
        return list(range(split.folds))[: split.only]
    return [int(n) for n in np.unique(_published(dataset)) if n >= 0][: split.only]


def _published(dataset: Dataset[Prompts]) -> NDArray[np.integer]:
    if dataset.published is None:
        raise UserError("This data set was not published with a split. Use 'by: prompt', or 'by: all'.")
    return dataset.published


def _dealt(split: ByPrompt, prompts: Prompts) -> NDArray[np.int64]:
    """Fold of each prompt, shape (n,); prompts of one passage, blanks and case aside, are in one fold."""
    passage = prompts.table.get("passage", prompts.table["prompt"]).astype(str)
    group, distinct = pd.factorize(passage.str.casefold().str.split().str.join(" "))
    alone = (passage == "").to_numpy()
    group[alone] = len(distinct) + np.arange(alone.sum())
    group, _ = pd.factorize(group)
    n_groups = int(group.max(initial=-1)) + 1
    if n_groups < split.folds:
        raise UserError(f"{n_groups} passages cannot be dealt into {split.folds} folds; ask for fewer folds.")
    fold = np.empty(n_groups, dtype=np.int64)
    fold[rng(split.seed, "split by prompt").permutation(n_groups)] = np.arange(n_groups) % split.folds
    return fold[group]
