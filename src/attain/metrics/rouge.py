"""ROUGE: how much of a reference text is in a generated one (Lin 2004), on a tokeniser that the id names.

Equal to the package rouge-score on its tokeniser `google`, and with its stemmer on `google_stemmed`. These know a-z and
0-9 alone: identical texts in Cyrillic score 0 on them, and "3 + 4" is "3 - 4". So `unicode` is the default, and `maths`
keeps operators. A score is high where words are the same: it says nothing of whether a question can be answered (Nema &
Khapra 2018).
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import joined_notes, mean_of_rows
from attain.metrics._overlap import Places, common_grams, in_lines, in_order
from attain.metrics._pieces import NO_REFERENCE, if_any_delivered, not_delivered, texts_in, without_reference
from attain.metrics._text import Tokeniser, Words, words_of

Of = Literal["precision", "recall"]
"""Share of the piece's words, or of the reference's; F, their harmonic mean, where it is neither."""
SOURCE = "Lin 2004, ROUGE: A Package for Automatic Evaluation of Summaries"
NEEDS = "text references"
Counted = tuple[Places, NDArray[np.int64]]
"""How much the texts of each pair have in common, and how much there is in each text."""
Count = Callable[[tuple[str, ...], Tokeniser, Places, Places], Counted]


@metric(direction="max", unit="share", needs=NEEDS, source=SOURCE)
def rouge_1(rows: Rows, tokeniser: Tokeniser = "unicode", of: Of | None = None) -> Statistic:
    """How many words of a piece and of its reference are the same, as the mean of F over pieces.

    Each word counts as often as it is in both. Of several references, the one with the greatest F counts. A piece that
    is empty or was not delivered scores 0; one without reference is left out. Undefined where no piece has a reference,
    or none that has one was delivered.
    """
    return _mean(rows, tokeniser, of, lambda *given: _grams(1, *given))


@metric(direction="max", unit="share", needs=NEEDS, source=SOURCE)
def rouge_2(rows: Rows, tokeniser: Tokeniser = "unicode", of: Of | None = None) -> Statistic:
    """How many pairs of neighbouring words of a piece and of its reference are the same, as the mean of F over pieces.

    As `rouge_1` otherwise; a text of one word has no pair, and scores 0 even against itself.
    """
    return _mean(rows, tokeniser, of, lambda *given: _grams(2, *given))


@metric(direction="max", unit="share", needs=NEEDS, source=SOURCE)
def rouge_l(rows: Rows, tokeniser: Tokeniser = "unicode", of: Of | None = None) -> Statistic:
    """The longest common subsequence of a piece and its reference against their words, as the mean of F over pieces.

    As `rouge_1` otherwise.
    """
    return _mean(rows, tokeniser, of, _subsequences)


@metric(direction="max", unit="share", needs=NEEDS, source=SOURCE)
def rouge_lsum(rows: Rows, tokeniser: Tokeniser = "unicode", of: Of | None = None) -> Statistic:
    """Longest common subsequences line by line: which words of each line of the reference are in any line of the piece.

    As the mean of F over pieces. A sentence is what ends at a line break: without any, this is `rouge_l`. As `rouge_1`
    otherwise.
    """
    return _mean(rows, tokeniser, of, _lines)


def _grams(n: int, texts: tuple[str, ...], tokeniser: Tokeniser, a: Places, b: Places) -> Counted:
    words = words_of(texts, tokeniser)
    return common_grams(words.ids, words.starts, a, b, n), np.maximum(words.lengths - n + 1, 0)


def _subsequences(texts: tuple[str, ...], tokeniser: Tokeniser, a: Places, b: Places) -> Counted:
    words = words_of(texts, tokeniser)
    return in_order(words.ids, words.starts, a, b), words.lengths


def _lines(texts: tuple[str, ...], tokeniser: Tokeniser, a: Places, b: Places) -> Counted:
    split = [text.split("\n") for text in texts]
    words = words_of(tuple(line for lines in split for line in lines), tokeniser)
    first = np.cumsum([0, *map(len, split)])
    whole = Words(words.ids, words.starts[first], words.n_ids)
    return in_lines(words.ids, words.starts, first, a, b), whole.lengths


def _mean(rows: Rows, tokeniser: Tokeniser, of: Of | None, count: Count) -> Statistic:
    references = texts_in(rows, "references")
    many = np.array([len(some) for some in references], dtype=np.int64)
    own = rows.where(many > 0)
    a, n = np.repeat(np.arange(len(own)), many[many > 0]), len(own)
    b = n + np.arange(len(a))
    texts = (*own.text("text"), *(text for some in references for text in some))
    both, lengths = count(texts, tokeniser, a, b)
    precision, recall = both / np.maximum(lengths[a], 1), both / np.maximum(lengths[b], 1)
    f = 2 * precision * recall / np.where(both > 0, precision + recall, 1)
    order = np.lexsort((b, -f, a))  # of each piece, the pair of the greatest F is the first
    best = order[np.searchsorted(a, np.arange(n))]
    mean = mean_of_rows(own, {None: f, "precision": precision, "recall": recall}[of][best])
    said = joined_notes(not_delivered(own, "they score 0"), without_reference(rows, many > 0))
    return if_any_delivered(Sums(mean.by_unit, mean.value, NO_REFERENCE, said, mean.n_rows), own)
