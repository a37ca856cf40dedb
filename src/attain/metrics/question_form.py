"""Is a piece a question, can it be answered from its passage, does it give its answer away? By rules, for English."""

import re

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Statistic, metric
from attain.core.table import Rows
from attain.metrics._pieces import each, mean_of_delivered
from attain.metrics._text import sentences, tokens

_ASKING = re.compile("what|which|who|whom|whose|when|where|why|how")
"""A question has one of these somewhere: "In which year …?", "The capital is what?"."""
_OPENING = re.compile(
    "is|are|was|were|am|do|does|did|can|could|will|would|shall|should|may|might|must|has|have|had"
    "|isn|aren|wasn|weren|don|doesn|didn|couldn|won|wouldn|shouldn|hasn|haven|hadn|mustn|ain"
)
"""Or it begins with one of these, or with its negation."""
_MARKS = re.compile("[?？؟]")
_AFTER = re.compile(r"[?？؟][\s\"'”’»)\]]*$")
_LATIN = re.compile("[A-Za-z]")


@metric(direction="max", unit="share", needs="text")
def question_form_share(rows: Rows) -> Statistic:
    """Share of the delivered pieces that have the form of one English question, by rules.

    One question mark, at the end; and the sentence before it has a word that asks (what, which, who, whom, whose, when,
    where, why, how) or begins with an auxiliary verb (is, does, can, hasn't, …). It says nothing of sense. Pieces
    without a Latin letter are left out. Undefined where none is left.
    """
    known = np.array(each(rows, "text", lambda text: bool(_LATIN.search(text))), dtype=bool)
    return mean_of_delivered(rows, each(rows, "text", asks), known=known, lacks="they are not in Latin script")


@metric(direction="max", unit="share", needs="text passage answer", source="extractive: SQuAD (Rajpurkar et al. 2016)")
def answerable_share(rows: Rows) -> Statistic:
    """Share of the delivered pieces whose expected answer stands in the passage, word for word.

    Case, punctuation and spaces apart. An answer in other words, or by inference, is not found: this is a lower bound,
    and it speaks of the expected answer alone. Pieces without passage or answer are left out. Undefined where none is
    left.
    """
    return _holding(rows, "passage", "answer", "they have no passage or no answer")


@metric(direction="min", unit="share", needs="text answer")
def answer_given_away_share(rows: Rows) -> Statistic:
    """Share of the delivered pieces that hold their own expected answer, word for word.

    Case, punctuation and spaces apart. A yes-or-no question holds its answer only by chance; a choice ("is it A or B?")
    always does. Pieces without an answer are left out. Undefined where none is left.
    """
    return _holding(rows, "text", "answer", "they have no answer")


def asks(text: str) -> bool:
    """Whether a text has the form of a question; the rules are those of `question_form_share`.

    >>> asks("In which year was it?"), asks("Is it?"), asks("It is?"), asks("What is it"), asks("What? Why?")
    (True, True, False, False, False)
    """
    if len(_MARKS.findall(text)) != 1 or not _AFTER.search(text):
        return False
    words = tokens(sentences(text)[-1]) if tokens(text) else []
    return bool(words) and bool(_OPENING.fullmatch(words[0]) or any(map(_ASKING.fullmatch, words)))


def _holding(rows: Rows, where: str, what: str, lacks: str) -> Statistic:
    texts, parts = each(rows, where, _words), each(rows, what, _words)
    known: NDArray[np.bool_] = np.array([bool(t and p) for t, p in zip(texts, parts, strict=True)], dtype=bool)
    return mean_of_delivered(
        rows, [part in text for text, part in zip(texts, parts, strict=True)], known=known, lacks=lacks
    )


def _words(text: str) -> str:
    """Words and operators with spaces around each, so that one text is in another only by whole words; "" for none."""
    found = tokens(text, "maths")
    return f" {' '.join(found)} " if found else ""
