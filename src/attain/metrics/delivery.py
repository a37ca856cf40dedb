"""What came of the prompts: pieces delivered, empty, refused and failed, and how long they are.

A mean over pieces hides those that are not there: read these beside it.
"""

import numpy as np

from attain.core.metric import Statistic, metric
from attain.core.table import Rows
from attain.metrics._answers import mean_of_rows
from attain.metrics._pieces import delivered, mean_of_delivered
from attain.metrics._text import words_of

NO_PROMPTS = "there are no prompts"


@metric(direction="max", unit="share", needs="text")
def delivered_share(rows: Rows) -> Statistic:
    """Share of the pieces asked for that have a text of more than spaces; the coverage of every other metric of texts.

    Undefined where nothing was asked for.
    """
    return mean_of_rows(rows, delivered(rows), NO_PROMPTS)


@metric(direction="min", unit="share", needs="text")
def empty_share(rows: Rows) -> Statistic:
    """Share of the pieces asked for that came back without a text, or of spaces alone, and were not refused or failed.

    Undefined where nothing was asked for.
    """
    others = _is(rows, "refused") | _is(rows, "failed")
    return mean_of_rows(rows, ~delivered(rows) & ~others, NO_PROMPTS)


@metric(direction="min", unit="share", needs="state")
def refused_share(rows: Rows) -> Statistic:
    """Share of the pieces asked for that the generator refused to write. Undefined where nothing was asked for."""
    return mean_of_rows(rows, _is(rows, "refused"), NO_PROMPTS)


@metric(direction="min", unit="share", needs="state")
def failed_share(rows: Rows) -> Statistic:
    """Share of the pieces asked for that an error kept from being written. Undefined where nothing was asked for."""
    return mean_of_rows(rows, _is(rows, "failed"), NO_PROMPTS)


@metric(direction="none", unit="count", needs="text")
def text_length(rows: Rows) -> Statistic:
    """How many words a delivered piece has, as a mean over pieces.

    Words of any script; of those written without spaces, each character. Undefined where nothing was delivered.
    """
    return mean_of_delivered(rows, words_of(tuple(rows.text("text"))).lengths)


def _is(rows: Rows, state: str) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    if "state" not in rows.words:
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(rows.text("state") == state, dtype=bool)
