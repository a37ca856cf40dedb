"""How varied the pieces of a run are: distinct runs of words, and how like the others each piece is."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.metric import Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import counted_note, joined_notes, mean_of_rows, ratio, rows_of_units
from attain.metrics._pieces import NO_PIECES, delivered, not_delivered
from attain.metrics._text import Words, words_of
from attain.metrics.bleu import bleu_of_sums

Among = Literal["run", "prompt"]
ORDER = 4
"""Longest run of words of BLEU."""


@metric(direction="none", unit="share", needs="text", written="at", source="Li et al. 2016, distinct-n")
def distinct(rows: Rows, n: Annotated[int, Field(ge=1, le=9)] = 2) -> Statistic:
    """Share of the runs of `n` words in all delivered pieces that differ from each other; 1 where none comes twice.

    It falls with the number of words: compare runs of as many pieces and of like length. A part of the run is read
    beside the whole: of a run of words that comes c times in all, each counts 1 / c. Undefined where no piece has `n`
    words.
    """
    own = rows.where(delivered(rows))
    gram, piece = words_of(tuple(own.text("text"))).grams(n)
    weight = 1 / np.bincount(gram)[gram] if len(gram) else np.zeros(0)
    found = (np.bincount(own.unit[piece], each, rows.n_units) for each in (weight, np.ones(len(gram))))
    undefined = f"no piece has {n} words" if len(own) else NO_PIECES
    return Sums(
        np.column_stack(list(found)), ratio, undefined, not_delivered(rows, "they are left out"), rows_of_units(own)
    )


@metric(direction="none", unit="score", needs="text", source="Zhu et al. 2018, Texygen")
def self_bleu(rows: Rows, among: Among = "run") -> Statistic:
    """How like the others each delivered piece is: its BLEU against them, from 0 to 100, as a mean over pieces.

    The others are all delivered pieces of the `run`, or those of the same `prompt`. Sentence BLEU of up to 4 words of
    any script, with the orders that the piece has and sacrebleu's smoothing. High means that they repeat each other; it
    grows with their number. Undefined where no piece has another.
    """
    own = rows.where(delivered(rows))
    group = own.unit.astype(np.int64) if among == "prompt" else np.zeros(len(own), dtype=np.int64)
    has_other = np.bincount(group)[group] > 1 if len(own) else np.zeros(0, dtype=bool)
    within = own.where(has_other)
    scores = _against_others(words_of(tuple(within.text("text"))), group[has_other])
    mean = mean_of_rows(within, scores)
    alone = counted_note(own.sum_by_unit(~has_other), own.sum_by_unit(np.ones(len(own))), "pieces left out", "no other")
    said = joined_notes(not_delivered(rows, "they are left out"), alone)
    what = "the run has" if among == "run" else "no prompt has"
    short = f"{what} {'fewer than two' if among == 'run' else 'two'} pieces"
    return Sums(mean.by_unit, mean.value, short, said, mean.n_rows)


def _against_others(words: Words, group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sentence BLEU of each text against all others of its group, which has others; shape (n_texts,)."""
    n = len(group)
    sums = np.zeros((n, 2 + 2 * ORDER))
    sums[:, 0], sums[:, 1] = words.lengths, _nearest_other(words.lengths, group)
    for order in range(1, ORDER + 1):
        gram, text = words.grams(order)
        sums[:, 1 + order] = _in_another(gram, text, group)
        sums[:, 1 + ORDER + order] = np.bincount(text, minlength=n)
    return bleu_of_sums(sums, ORDER, effective=True)


def _in_another(gram: NDArray[np.int64], text: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many runs of words of each text another text of its group has, as often as it has them; shape (n_texts,)."""
    n = len(group)
    pair, often = np.unique(gram * n + text, return_counts=True)
    gram, text = pair // n, pair % n
    order = np.lexsort((-often, group[text], gram))
    gram, text, often = gram[order], text[order], often[order]
    first = np.ones(len(gram), dtype=bool)
    first[1:] = (np.diff(gram) != 0) | (np.diff(group[text]) != 0)
    start = np.flatnonzero(first)
    size = np.diff(np.append(start, len(gram)))
    most = often[start]
    second = np.where(size > 1, often[np.minimum(start + 1, len(often) - 1)], 0)
    others = np.repeat(most, size)
    others[start] = second  # who has it most often looks at the next
    return np.bincount(text, np.minimum(often, others), n).astype(np.int64)


def _nearest_other(lengths: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of the others in its group, the length nearest to each text's own, the shorter of two as near."""
    order = np.lexsort((lengths, group))
    length, of = lengths[order], group[order]
    same = of[1:] == of[:-1]
    gap = np.diff(length).astype(np.float64)
    left = np.append(np.inf, np.where(same, gap, np.inf))
    right = np.append(np.where(same, gap, np.inf), np.inf)
    found = np.where(left <= right, np.append(0, length)[:-1], np.append(length, 0)[1:])
    out = np.empty_like(lengths)
    out[order] = found
    return out
