"""Flaws of multiple-choice options that give the right one away or waste one: by rules, on the options of a prompt.

The options of a row are a list whose first is the right one. A flaw is a reason to look, not a verdict.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import counted_note, joined_notes, rows_of_units
from attain.metrics._pieces import delivered, mean_of_delivered, not_delivered, texts_in
from attain.metrics._text import plain

Options = Sequence[str]
SOURCE = "Haladyna, Downing & Rodriguez 2002, guidelines for multiple-choice items"
NO_OPTIONS = "they have fewer than two options"
_CATCH_ALL = re.compile(r"\b(?:all|none|any|both|neither|some)\b.*\b(?:above|below|these|those|them|options|answers)\b")


@metric(direction="min", unit="share", needs="text options", source=SOURCE)
def duplicate_options_share(rows: Rows) -> Statistic:
    """Share of the delivered pieces two options of which are the same, but for case, punctuation and spaces.

    Pieces with fewer than two options are left out. Undefined where none is left.
    """
    return _share(rows, lambda options: len(set(map(_same, options))) < len(options))


@metric(direction="min", unit="share", needs="text options", source=SOURCE)
def catch_all_options_share(rows: Rows) -> Statistic:
    """Share of the delivered pieces with an option such as "all of the above" or "none of these", in English.

    Pieces with fewer than two options are left out. Undefined where none is left.
    """
    return _share(rows, lambda options: any(_CATCH_ALL.search(option.lower()) for option in options))


@metric(direction="none", unit="share", needs="text options", source=SOURCE)
def right_option_longest_excess(rows: Rows) -> Statistic:
    """How much more often the right option is the longest than chance has it: 0 for no bias, below it for a rarer one.

    Of each delivered piece, 1 where the right option has the most characters (its part where several have them), less
    one by the number of its options. Who guesses by length gains what this says. Pieces with fewer than two options
    are left out. Undefined where none is left.
    """

    def excess(options: Options) -> float:
        lengths = [len(option.strip()) for option in options]
        longest = [length == max(lengths) for length in lengths]
        return longest[0] / sum(longest) - 1 / len(options)

    return _share(rows, excess)


@metric(direction="min", unit="share", needs="text options", source=SOURCE)
def answer_position_imbalance(rows: Rows) -> Statistic:
    """How unevenly the right option stands among the places: the share that would have to move for it to be even.

    Of the delivered pieces whose text has all of its options, each once and apart, in the order in which they come
    there (total variation distance to equal shares of the places). By chance it is above 0 where pieces are few.
    Undefined where no text has all of its options.
    """
    here, lists = delivered(rows), texts_in(rows, "options")
    places = [_place(text, options) for text, options in zip(rows.text("text"), lists, strict=True)]
    place = np.where(here, np.array(places, dtype=np.int64), -1)
    own = rows.where(place >= 0)
    many = np.array([len(options) for options in lists], dtype=np.int64)[place >= 0]
    deepest = int(many.max(initial=1))
    at = np.arange(deepest)
    stands = (place[place >= 0][:, None] == at).astype(float)
    even = np.where(at < many[:, None], 1 / np.maximum(many, 1)[:, None], 0)
    by_unit = np.zeros((rows.n_units, 2 * deepest))
    np.add.at(by_unit, own.unit, np.hstack([stands, even]))

    def uneven(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        found, wanted = sums[:, :deepest], sums[:, deepest:]
        return np.asarray(np.abs(found - wanted).sum(axis=1) / 2 / found.sum(axis=1))  # 0 / 0 is undefined

    unread = counted_note(
        rows.sum_by_unit(here & (place < 0)), rows.sum_by_unit(here), "pieces left out", "their text lacks an option"
    )
    said = joined_notes(not_delivered(rows, "they are left out"), unread)
    return Sums(by_unit, uneven, "no text has all of its options", said, rows_of_units(own))


def _share(rows: Rows, flaw: Callable[[Options], float]) -> Statistic:
    lists = texts_in(rows, "options")
    known = np.array([len(options) > 1 for options in lists], dtype=bool)
    values = [flaw(options) if len(options) > 1 else 0 for options in lists]
    return mean_of_delivered(rows, values, known=known, lacks=NO_OPTIONS)


def _same(option: str) -> str:
    return plain(option) or option.strip()


def _place(text: str, options: Options) -> int:
    """How many of the options stand before the right one in a text; -1 where one is not there once, and apart."""
    if len(options) < 2:
        return -1
    found = []
    for option in options:
        places = [one.start() for one in re.finditer(rf"(?<!\w){re.escape(option.strip())}(?!\w)", text, re.IGNORECASE)]
        if len(places) != 1:
            return -1
        found += places
    return sum(other < found[0] for other in found[1:])
