"""What a prepared data set holds, column by column, so that a changed answer is named without the data being kept."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from attain.data.dataset import Dataset

BLOCKS = 256
"""Into how many parts a column is hashed at most; the smaller a data set, the nearer a change is named."""
_PSEUDONYMS = "learners"


def columns_of(dataset: Dataset[Any]) -> dict[str, list[str | int]]:  # of any content
    """Each column's length and hashes of its parts; pseudonyms of learners differ between machines, and do not count.

    Returns:
        Name to `[rows, hash, hash, …]`; part i of k has rows `i * ceil(rows / k)` and on.
    """
    texts = {name: value for name, value in dataset.log.texts().items() if name != _PSEUDONYMS}
    names = {name: np.asarray(list(map(str, value))) for name, value in texts.items() if isinstance(value, list)}
    others = {name: np.asarray([repr(value)]) for name, value in texts.items() if not isinstance(value, list)}
    found: dict[str, list[str | int]] = {}
    for name, array in sorted({**dataset.log.arrays(), **names, **others}.items()):
        step = _step(len(array))
        parts = [array[at : at + step] for at in range(0, len(array), step)]
        found[name] = [len(array), *(_hash(part) for part in parts)]
    return found


def change_in(then: Mapping[str, list[Any]], now: Mapping[str, list[Any]]) -> str:  # as `columns_of` gives
    """The first difference in words; "" where the columns hold the same."""
    for name in sorted(then.keys() | now.keys()):
        if name not in now or name not in then:
            return f"the column {name!r} is {'gone' if name not in now else 'new'}"
        if then[name][0] != now[name][0]:
            return f"{name!r} has {now[name][0]:,} rows, and had {then[name][0]:,}"
    for name in sorted(then, key=lambda name: len(then[name]), reverse=True):
        pairs = zip(then[name][1:], now[name][1:], strict=True)
        if changed := [place for place, (before, after) in enumerate(pairs) if before != after]:
            rows, step = then[name][0], _step(then[name][0])
            first, last = changed[0] * step, min(rows, (changed[0] + 1) * step)
            where = f"row {first + 1:,}" if last - first == 1 else f"one of rows {first + 1:,} to {last:,}"
            more = f", and {len(changed) - 1:,} more parts of it" if len(changed) > 1 else ""
            return f"{name!r} is another in {where} of {rows:,} (as prepared){more}"
    return ""


def _step(rows: int) -> int:
    return max(1, -(-rows // BLOCKS))


def _hash(part: Any) -> str:  # an array of any kind
    content = part.tobytes() if part.dtype != object else repr(part.tolist()).encode()
    return hashlib.sha256(f"{part.dtype.str};".encode() + content).hexdigest()[:12]
