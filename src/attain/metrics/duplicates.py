"""Pieces that repeat each other or what they were made from: copies, near copies, and the longest copied words."""

from typing import Annotated, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from attain.core.compiled import compiled
from attain.core.metric import Statistic, metric
from attain.core.table import Rows
from attain.metrics._pieces import delivered, each, mean_of_delivered, texts_in
from attain.metrics._text import plain, tokens

Threshold = Annotated[float, Field(gt=0, lt=1)]
GRAM = 5
"""Characters in a run by which texts are likened."""


@metric(direction="min", unit="share", needs="text")
def exact_duplicate_share(rows: Rows) -> Statistic:
    """Share of the delivered pieces whose words and operators another delivered piece of the run has too.

    In the same order; case, punctuation and spaces apart. Undefined where nothing was delivered.
    """
    texts = _comparable(rows)
    often = pd.Series(texts[texts != ""]).value_counts()
    return mean_of_delivered(rows, [often.get(text, 0) > 1 for text in texts])


@metric(direction="min", unit="share", needs="text", source="Broder 1997 (resemblance), counted exactly")
def near_duplicate_share(rows: Rows, above: Threshold = 0.8) -> Statistic:
    """Share of the delivered pieces that are nearly another delivered piece of the run.

    Nearly is: of the different runs of 5 characters in either, more than the stated share is in both (Jaccard), after
    case and punctuation are gone. Copies count, and so do questions of one template with one short word changed.
    Undefined where nothing was delivered.
    """
    texts = _comparable(rows)
    codes, names = pd.factorize(texts)
    many = np.bincount(codes, minlength=len(names)) > 1
    near = near_others([str(name) for name in names], above)
    return mean_of_delivered(rows, (many | near)[codes])


@metric(direction="none", unit="share", needs="text references", source="Broder 1997 (resemblance), counted exactly")
def reference_copy_share(rows: Rows, above: Threshold = 0.8) -> Statistic:
    """Share of the delivered pieces that are nearly a reference of any prompt of the run, its own or another's.

    Nearly as in `near_duplicate_share`. A generator that has learned the references by heart scores well by every
    overlap with them: here it shows. Undefined where nothing was delivered, or there are no references.
    """
    texts = _comparable(rows)
    wanted = sorted({plain(text) for some in texts_in(rows, "references") for text in some} - {""})
    codes, names = pd.factorize(texts)
    both = [*wanted, *map(str, names)]
    near = near_others(both, above, across=len(wanted))[len(wanted) :] | np.isin(names, wanted)
    known = np.full(len(rows), bool(wanted))
    return mean_of_delivered(rows, near[codes], known=known, lacks="no prompt has a reference")


@metric(direction="none", unit="count", needs=lambda source: f"text {source}")
def longest_copied_span(rows: Rows, source: Literal["passage", "references"] = "passage") -> Statistic:
    """How many words one after the other a delivered piece has straight from its source, as a mean over pieces.

    The source is the passage of its prompt, or any of its references. Undefined where no delivered piece has one.
    """
    own = each(rows, "text", tokens)
    lists = (
        texts_in(rows, source) if source == "references" else each(rows, source, lambda text: (text,) if text else ())
    )
    read = {text: _joined(tokens(text)) for some in set(lists) for text in some}
    spans = [
        max((_span(words, read[text]) for text in some), default=0) for words, some in zip(own, lists, strict=True)
    ]
    known = np.array([bool(some) for some in lists], dtype=bool)
    return mean_of_delivered(rows, spans, known=known, lacks=f"their prompts have no {source}")


def near_others(texts: list[str], above: float, across: int | None = None) -> NDArray[np.bool_]:
    """Which texts have a Jaccard of their runs of 5 characters above `above` with another one; shape (n,).

    Args:
        texts: different ones; "" is near to none.
        above: from 0 to 1.
        across: where given, only pairs of one of the first so many texts and one of the others count.
    """
    sets = [sorted({text[k : k + GRAM] for k in range(max(len(text) - GRAM + 1, 1))}) if text else [] for text in texts]
    starts = np.cumsum([0, *map(len, sets)])
    codes, names = pd.factorize(np.array([gram for own in sets for gram in own], dtype=object))
    often = np.bincount(codes, minlength=len(names))
    rank = np.empty(len(names), dtype=np.int64)
    rank[np.argsort(often, kind="stable")] = np.arange(len(names))  # rare ones first
    grams = rank[codes]
    text = np.repeat(np.arange(len(texts)), np.diff(starts))
    grams = grams[np.lexsort((grams, text))]
    return _near(grams, starts, len(names), above, -1 if across is None else across)


def _comparable(rows: Rows) -> NDArray[np.object_]:
    """Texts by which copies are told; of one of signs alone itself, of one that was not delivered ""."""
    found = each(rows, "text", lambda text: plain(text) or text.strip())
    return np.where(delivered(rows), np.array(found, dtype=object), "")


def _joined(words: list[str]) -> str:
    return f" {' '.join(words)} "


def _span(words: list[str], source: str) -> int:
    """The most words one after the other that stand so in the joined words of the source."""
    best = start = 0
    while start + best < len(words):
        if _joined(words[start : start + best + 1]) in source:
            best += 1
        else:
            start += 1
    return best


@compiled
def _near(
    grams: NDArray[np.int64], starts: NDArray[np.int64], n_grams: int, above: float, across: int
) -> NDArray[np.bool_]:
    """See `near_others`. Two sets that are alike share one of their few rarest grams (Chaudhuri et al. 2006)."""
    n = len(starts) - 1
    ends = np.empty(n, dtype=np.int64)
    size = np.zeros(n_grams + 1, dtype=np.int64)
    for text in range(n):
        whole = starts[text + 1] - starts[text]
        ends[text] = starts[text] + whole - int(np.ceil(above * whole - 1e-9)) + (whole > 0)
        for gram in grams[starts[text] : ends[text]]:
            size[gram + 1] += 1
    places = np.cumsum(size)
    filled, held = places[:-1].copy(), np.empty(places[-1], dtype=np.int64)
    near, seen = np.zeros(n, dtype=np.bool_), np.full(n, -1, dtype=np.int64)
    for text in range(n):
        own = grams[starts[text] : starts[text + 1]]
        for gram in grams[starts[text] : ends[text]]:
            for other in held[places[gram] : filled[gram]]:
                one_side = across >= 0 and (other < across) == (text < across)
                if seen[other] == text or one_side or (near[text] and near[other]):
                    continue
                seen[other] = text
                theirs = grams[starts[other] : starts[other + 1]]
                both = _shared(own, theirs)
                if both > above * (len(own) + len(theirs) - both):
                    near[text] = near[other] = True
            held[filled[gram]] = text
            filled[gram] += 1
    return near


@compiled
def _shared(a: NDArray[np.int64], b: NDArray[np.int64]) -> int:
    """How many numbers two ascending lists share."""
    i, j, both = 0, 0, 0
    while i < len(a) and j < len(b):
        if a[i] == b[j]:
            both += 1
            i += 1
            j += 1
        elif a[i] < b[j]:
            i += 1
        else:
            j += 1
    return both
