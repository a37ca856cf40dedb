"""How hard English texts are to read, as the school grade (of the USA) that formulas give, and how long they are."""

import re
import unicodedata
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Note, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import counted_note, joined_notes
from attain.metrics._pieces import NO_PIECES, delivered, each, mean_of_delivered, not_delivered
from attain.metrics._syllables import syllables
from attain.metrics._text import sentences, words_of

Formula = Literal["flesch_kincaid", "ari", "coleman_liau"]
Floats = NDArray[np.float64]
SOURCE = "Kincaid et al. 1975 (Flesch-Kincaid, ARI); Coleman & Liau 1975"
ENOUGH = 100
"""Words below which a grade is not meaningful."""
_WORD = re.compile(r"[^\W_]+(?:['’.,-][^\W_]+)*")


@metric(direction="none", unit="count", needs="text")
def text_length(rows: Rows) -> Statistic:
    """How many words a delivered piece has, as a mean over pieces.

    Words of any script; of those written without spaces, each character. Undefined where nothing was delivered.
    """
    return mean_of_delivered(rows, words_of(tuple(rows.text("text"))).lengths)


@metric(direction="none", unit="score", needs="text", source=SOURCE)
def grade_level(rows: Rows, formula: Formula = "flesch_kincaid") -> Statistic:
    """The grade of all delivered pieces as one text, for English; single short pieces have no meaningful one.

    `flesch_kincaid`: 0.39 words a sentence + 11.8 syllables a word - 15.59, syllables by rules; `ari`: 4.71 characters
    a word + 0.5 words a sentence - 21.43; `coleman_liau`: 5.88 characters a word - 29.6 sentences a word - 15.8.
    Characters are letters and digits; a sentence ends at its sign or at a line break. Words of other scripts than the
    Latin one do not count. Undefined where no word counts.
    """
    counts, other = _counts(rows)
    by_unit = np.column_stack([rows.sum_by_unit(column) for column in counts.T])
    said = _remarks(rows, by_unit[:, _WORDS], other)
    here = (counts[:, _WORDS] > 0).astype(float)
    return Sums(by_unit, lambda sums: _grade(sums, formula), _why(rows), said, rows.sum_by_unit(here))


@metric(direction="min", unit="score", needs="text level", source=SOURCE)
def grade_level_gap(rows: Rows, formula: Formula = "flesch_kincaid") -> Statistic:
    """How far the grade of the pieces is from the one that they aim at, whichever way: a mean over pieces.

    All delivered pieces that aim at one `level`, a whole school grade, are graded as one text, as `grade_level` does.
    Undefined where no piece that counts has a level.
    """
    aimed = rows.where(~np.isnan(rows.numbers("level")))
    counts, other = _counts(aimed)
    levels, which = np.unique(aimed.numbers("level").round(), return_inverse=True)
    pieces = np.column_stack([counts, counts[:, _WORDS] > 0])
    table = np.zeros((aimed.n_units, len(levels), pieces.shape[1]))
    np.add.at(table, (aimed.unit, which), pieces)

    def gap(sums: Floats) -> Floats:
        parts = sums.reshape(len(sums), len(levels), pieces.shape[1])
        weight = parts[..., -1]
        apart = np.abs(_grade(parts[..., :-1].reshape(-1, counts.shape[1]), formula).reshape(weight.shape) - levels)
        whole = weight.sum(axis=1)
        return np.asarray(np.where(whole > 0, np.where(weight > 0, weight * apart, 0).sum(axis=1) / whole, np.nan))

    said = _remarks(aimed, table[..., _WORDS], other)
    undefined = "no piece has a level" if not len(aimed) else _why(aimed)
    by_unit = table.reshape(aimed.n_units, -1)
    return Sums(by_unit, gap, undefined, said, aimed.sum_by_unit(pieces[:, -1]))


_CHARACTERS, _WORDS, _SENTENCES, _SYLLABLES = range(4)


def _grade(sums: Floats, formula: Formula) -> Floats:
    characters, words, sentences, heard = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        long, wide = words / sentences, characters / words
        found = {
            "flesch_kincaid": 0.39 * long + 11.8 * heard / words - 15.59,
            "ari": 4.71 * wide + 0.5 * long - 21.43,
            "coleman_liau": 5.88 * wide - 29.6 / long - 15.8,
        }[formula]
    return np.where(words > 0, found, np.nan)


def _counts(rows: Rows) -> tuple[Floats, Floats]:
    """Of each piece: characters, words, sentences and syllables, shape (n, 4); and words of other scripts."""
    found = each(rows, "text", _count)
    table = np.array(found, dtype=np.float64).reshape(len(rows), 5)
    return table[:, :4], table[:, 4]


def _count(text: str) -> tuple[int, int, int, int, int]:
    words = _WORD.findall(text)
    latin = [word for word in words if word[0].isdecimal() or _is_latin(word)]
    if not latin:
        return 0, 0, 0, 0, len(words)
    characters = sum(sum(sign.isalnum() for sign in word) for word in latin)
    return characters, len(latin), len(sentences(text)), sum(map(syllables, latin)), len(words) - len(latin)


def _is_latin(word: str) -> bool:
    return word.isascii() or unicodedata.name(word[0], "").startswith("LATIN")


def _remarks(rows: Rows, words: Floats, other: Floats) -> Note:
    """That the text is short, with the words of the shortest level, and what did not count.

    Args:
        rows: pieces.
        words: how many words of each unit count, shape (n_units,); or (n_units, n_levels).
        other: shape (n,), words of other scripts.
    """

    def few(weights: Floats) -> str:
        least = np.tensordot(weights, words, 1)
        known = least[least > 0] if least.ndim else least[None]
        if not known.size or not 0 < known.min() < ENOUGH:
            return ""
        return f"not meaningful below about {ENOUGH} words: there are {known.min():,.0f}"

    left_out = rows.sum_by_unit(other)
    whole = words.reshape(len(words), -1).sum(axis=1) + left_out
    script = counted_note(left_out, whole, "words left out", "they are in another script")
    return joined_notes(few, not_delivered(rows, "they are left out"), script)


def _why(rows: Rows) -> str:
    return "no word is in Latin script" if delivered(rows).any() else NO_PIECES
