"""Which items there are, and their skills: kept beside a model, so that it can be used where its data are not."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from attain.core.errors import UserError
from attain.core.table import SKILL_SEPARATOR
from attain.data.interactions import Interactions

FILE = "items.csv"

Catalogue = Mapping[str, tuple[str, ...]]
"""The skills of each item."""


def of_log(log: Interactions) -> Catalogue:
    """The items of a log; one that came with several sets of skills has those of its first answer."""
    items, first = np.unique(log.item, return_index=True)
    starts, ends = log.skill_start[first], log.skill_start[first + 1]
    return {
        str(log.items[item]): tuple(str(log.skills[code]) for code in log.skill[start:end])
        for item, start, end in zip(items, starts, ends, strict=True)
    }


def write(items: Catalogue, folder: Path) -> None:
    """Write the items into a folder as CSV: `item`, and `skills` joined by `~~`."""
    joined = [SKILL_SEPARATOR.join(skills) for skills in items.values()]
    pd.DataFrame({"item": list(items), "skills": joined}).to_csv(folder / FILE, index=False)


def read(path: Path) -> Catalogue:
    """The items in a file as `write` makes it.

    Raises:
        UserError: it cannot be read, or lacks a column.
    """
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: the items cannot be read: {error}.") from None
    if lacking := [name for name in ("item", "skills") if name not in table.columns]:
        raise UserError(f"{path}: there is no column {lacking[0]!r}; expected 'item' and 'skills' (joined by '~~').")
    return {
        item: tuple(skill for skill in skills.split(SKILL_SEPARATOR) if skill)
        for item, skills in zip(table["item"], table["skills"], strict=True)
    }
