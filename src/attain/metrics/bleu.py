"""BLEU and chrF over a whole run, as sacrebleu counts them, with its signature beside the number.

The same texts have as many BLEU scores as there are tokenisers and smoothings: 23 to 43 for one pair. So the signature
is part of the value, and values of different signatures are not compared.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.extras import not_installed
from attain.core.metric import Statistic, Sums, metric, no_note
from attain.core.table import Rows
from attain.metrics._answers import joined_notes, ratio, rows_of_units
from attain.metrics._pieces import NO_REFERENCE, if_any_delivered, not_delivered, texts_in, without_reference

if TYPE_CHECKING:
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

Tokeniser = Literal["13a", "intl", "char", "zh", "none"]
"""sacrebleu's names: `13a` for scripts with spaces, `intl` apart by Unicode's punctuation, `char`, `zh` for Chinese."""
Remark = Callable[[NDArray[np.float64]], str]
"""A sentence about a value, given the sums that it is made of; "" for nothing to say."""
Smoothing = Literal["exp", "floor", "add-k", "none"]
"""What an order counts of which nothing is right: sacrebleu's names."""
CHARACTERS = 6
"""Longest run of characters of chrF."""
BETA = 2
"""How much more recall counts than precision."""


@metric(
    direction="max",
    unit="score",
    needs="text references",
    source="Papineni et al. 2002; Post 2018, A Call for Clarity in Reporting BLEU Scores",
)
def bleu(
    rows: Rows,
    tokeniser: Tokeniser = "13a",
    order: Annotated[int, Field(ge=1, le=4)] = 4,
    effective: Literal["effective"] | None = None,
) -> Statistic:
    """Corpus BLEU, from 0 to 100: runs of up to 4 words that pieces share with their references, over all pieces.

    It is no mean of scores of pieces. An empty piece stays in, and costs length. Smoothing is sacrebleu's `exp`. Where
    no piece has a run of `order` words, it is 0 even of identical texts; with `effective` the orders count that there
    are. Undefined where no piece has a reference, or none that has one was delivered.
    """
    scorer = _sacrebleu()[0](tokenize=tokeniser, max_ngram_order=order, effective_order=effective is not None)
    remark = _short(order) if effective is None else no_note
    return _corpus(rows, scorer, lambda sums: bleu_of_sums(sums, order, effective=effective is not None), remark)


@metric(
    direction="max",
    unit="score",
    needs="text references",
    source="Chen & Cherry 2014, A Systematic Comparison of Smoothing Techniques for Sentence-Level BLEU",
)
def sentence_bleu(rows: Rows, tokeniser: Tokeniser = "13a", smoothing: Smoothing = "exp") -> Statistic:
    """BLEU of each piece alone, from 0 to 100, as a mean over pieces: what many papers print as BLEU-4.

    It is another number than `bleu`, most often a higher one. The orders count that a piece has runs of.
    `sentence_bleu[none,floor]` is that of NLTK's method 1 on words split at spaces, for pieces of four words and more.
    An empty piece scores 0; one without reference is left out. Undefined where no piece has a reference, or none that
    has one was delivered.
    """
    scorer = _sacrebleu()[0](tokenize=tokeniser, smooth_method=smoothing, effective_order=True)
    return _corpus(rows, scorer, ratio, no_note, lambda counts: _scores(scorer, counts))


@metric(
    direction="max", unit="score", needs="text references", source="Popović 2015, chrF; 2017, chrF++ (word order 2)"
)
def chrf(rows: Rows, word_order: Annotated[int, Field(ge=0, le=2)] = 0) -> Statistic:
    """Corpus chrF, from 0 to 100: runs of up to 6 characters that pieces share with their references, recall first.

    Fit for short texts and for languages with many endings, where BLEU is not. Of several references the nearest one
    counts. With `chrf[2]`, runs of up to two words count too (chrF++). An empty piece stays in. Undefined where no
    piece has a reference, or none that has one was delivered.
    """
    scorer = _sacrebleu()[1](char_order=CHARACTERS, word_order=word_order, beta=BETA)
    return _corpus(rows, scorer, _chrf, no_note)


def _sacrebleu() -> "tuple[type[BLEU], type[CHRF]]":
    try:
        from sacrebleu.metrics.bleu import BLEU
        from sacrebleu.metrics.chrf import CHRF
    except ModuleNotFoundError as error:
        raise not_installed("BLEU and chrF", error) from None
    return BLEU, CHRF


def _corpus(
    rows: Rows,
    scorer: "BLEU | CHRF",
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    remark: Remark,
    each: Callable[[NDArray[np.float64]], NDArray[np.float64]] = lambda counts: counts,
) -> Statistic:
    """A score of sums over pieces.

    Args:
        rows: pieces.
        scorer: counts what it needs in each piece.
        value: the score of sums, of which the last is how many pieces there are.
        remark: what else is to be said of them.
        each: what is summed, of counts of shape (n, any); the counts themselves where not given.
    """
    references = texts_in(rows, "references")
    known = np.array([bool(some) for some in references], dtype=bool)
    own, many = rows.where(known), [some for some in references if some]
    if not many:
        return Sums(np.zeros((rows.n_units, 1)), lambda sums: np.full(len(sums), np.nan), NO_REFERENCE)
    # sacrebleu wants all first references, all second ones, ...: of lists by piece it makes a plausible wrong number.
    # None stands for no further reference, which its types do not say.
    streams: Any = [[some[k] if k < len(some) else None for some in many] for k in range(max(map(len, many)))]
    counts = np.array(scorer._extract_corpus_statistics(own.text("text").tolist(), streams), dtype=np.float64)
    by_unit = np.column_stack([own.sum_by_unit(column) for column in (*each(counts).T, np.ones(len(own)))])
    signature = scorer.get_signature().format()
    said = joined_notes(
        lambda weights: remark(weights @ by_unit),
        not_delivered(own, "they count as empty texts"),
        without_reference(rows, known),
        lambda _: f"signature {signature}",
    )
    found = Sums(by_unit, lambda s: _defined(s, value), NO_REFERENCE, said, rows_of_units(own), signature)
    return if_any_delivered(found, own)


def _scores(scorer: "BLEU", counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """BLEU of each piece, shape (n, 1)."""
    return np.array([[scorer._compute_score_from_stats(list(map(int, own))).score] for own in counts])


def _defined(
    sums: NDArray[np.float64], value: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    there = sums[:, -1] > 0
    out = np.full(len(sums), np.nan)
    if there.any():
        out[there] = value(sums[there])
    return out


def bleu_of_sums(sums: NDArray[np.float64], order: int, *, effective: bool) -> NDArray[np.float64]:
    """BLEU, from 0 to 100, of each row of sums: lengths of pieces and references, runs right and in all by order.

    An order of which nothing is right counts as half a run, the next such as a quarter (`exp`: Chen & Cherry 2014,
    method 3).
    """
    own, wanted = sums[:, 0], sums[:, 1]
    right, whole = sums[:, 2 : 2 + order], sums[:, 2 + order : 2 + 2 * order]
    halvings = np.cumsum((right == 0) & (whole > 0), axis=1)  # the n-th order without a hit counts as 1 / 2^n hits
    precision = np.where(right > 0, right, 0.5**halvings) / np.maximum(whole, 1)
    orders = (whole > 0).sum(axis=1) if effective else np.full(len(sums), order)
    logs = np.where(whole > 0, np.log(precision), 0).sum(axis=1) / np.maximum(orders, 1)
    brevity = np.where(own < wanted, np.exp(1 - wanted / np.maximum(own, 1)), 1)
    possible = right.any(axis=1) & ((whole > 0).all(axis=1) | effective)
    return np.asarray(np.where(possible, 100 * brevity * np.exp(logs), 0))


def _chrf(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """From runs in pieces, in references and in both, of each order; an order that one side lacks is left out."""
    own, wanted, both = sums[:, 0:-1:3], sums[:, 1:-1:3], sums[:, 2:-1:3]
    here = (own > 0) & (wanted > 0)
    orders = np.maximum(here.sum(axis=1), 1)
    precision = np.where(here, both / np.maximum(own, 1), 0).sum(axis=1) / orders
    recall = np.where(here, both / np.maximum(wanted, 1), 0).sum(axis=1) / orders
    weighted = BETA**2 * precision + recall
    return np.asarray(100 * (1 + BETA**2) * precision * recall / np.where(weighted > 0, weighted, 1))


def _short(order: int) -> Remark:
    """Says where BLEU is 0 by its definition, because all pieces are too short for it."""

    def said(sums: NDArray[np.float64]) -> str:
        if sums[0] == 0 or sums[1 + 2 * order] > 0:
            return ""
        return (
            f"no piece has {order} words, so it is 0 by its definition even for identical texts: "
            f"take bleu[…,{order},effective], a lower order, or chrf"
        )

    return said
