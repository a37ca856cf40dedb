"""Texts as words: the tokenisers that metrics of texts name in their ids."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.words import WITHOUT_SPACES
from attain.metrics._porter import stem

Tokeniser = Literal["unicode", "maths", "google", "google_stemmed"]
"""`unicode`: words of any script, case folded; of scripts without spaces each character. `maths`: those words, numbers,
operators and LaTeX commands, so that "3 + 4" is not "3 - 4". `google`: runs of a-z and 0-9, as rouge-score has it:
other scripts have no words at all. `google_stemmed`: of those, words of more than three letters by their stems."""

_GOOGLE = ("google", "google_stemmed")
_END = "\0"
"""Stands between texts that are split in one go."""
_ASCII_WORD = "[a-z0-9]+"
_MARKS_UP_TO = 0x20000
"""No combining mark lies above, but for selectors of variants."""
_JOINERS = "\u200c\u200d"
_OPERATORS = str.maketrans(
    dict(zip("−–×⋅·÷", "--***/", strict=True))
    | {"≤": "<=", "≥": ">=", "≠": "!="}
    | {sign: f"^{number}" for number, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
)
_LATEX = {
    "times": "*",
    "cdot": "*",
    "div": "/",
    "leq": "<=",
    "le": "<=",
    "geq": ">=",
    "ge": ">=",
    "neq": "!=",
    "ne": "!=",
}
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|prof|st|jr|sr|vs|fig|e\.g|i\.e|(?-i:[A-Z]))\.(?=\s|[a-z]\.)", re.IGNORECASE
)
_END_OF_SENTENCE = re.compile(r"[.!?…。！？؟]+(?=[\"'”’»)\]]*(?:\s+[^a-z\s]|\s*$))|\n+")
_COMMAND = re.compile(r"\\([a-zA-Z]+)")


@dataclass(frozen=True, eq=False)
class Words:
    """The words of many texts, one after the other.

    Attributes:
        ids: the words as codes, equal where the words are; shape (n_words,).
        starts: where each text begins, and the end; shape (n_texts + 1,).
        n_ids: how many different words there are.
    """

    ids: NDArray[np.int32]
    starts: NDArray[np.int64]
    n_ids: int

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many words each text has; shape (n_texts,)."""
        return np.diff(self.starts)

    def grams(self, n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each run of `n` words as a code, equal where the runs are, and the number of its text."""
        text = np.repeat(np.arange(len(self.lengths)), self.lengths)
        at = np.flatnonzero(np.arange(len(self.ids)) + n <= self.starts[1:][text]) if len(text) else text
        codes = self.ids[at].astype(np.int64)
        for step in range(1, n):
            codes = np.unique(codes * self.n_ids + self.ids[at + step], return_inverse=True)[1]
        return codes, text[at]


def tokens(text: str, tokeniser: Tokeniser = "unicode") -> list[str]:
    """The words of a text.

    >>> tokens("Solve x² − 3 = 1,5.", "maths")
    ['solve', 'x', '^', '2', '-', '3', '=', '1,5']
    >>> tokens("Что это?"), tokens("Что это?", "google")
    (['что', 'это'], [])
    """
    found = _pattern(tokeniser, text.isascii()).findall(_folded(text, tokeniser))
    return list(map(_stemmed, found)) if tokeniser == "google_stemmed" else found


@lru_cache(maxsize=4)  # one metric after the other reads the same texts
def words_of(texts: tuple[str, ...], tokeniser: Tokeniser = "unicode") -> Words:
    """The words of all texts as `tokens` gives them, in one go."""
    joined = "".join(f"{text.replace(_END, ' ')}{_END}" for text in texts)
    found = np.array(_pattern(tokeniser, joined.isascii(), _END).findall(_folded(joined, tokeniser)), dtype=object)
    codes, names = pd.factorize(found)
    if tokeniser == "google_stemmed":
        stems, names = pd.factorize(np.array(list(map(_stemmed, names)), dtype=object))
        codes = stems[codes]
    end = codes[-1] if len(codes) else 0
    ends = np.flatnonzero(codes == end)
    kept = codes[codes != end]
    return Words(kept.astype(np.int32), np.append(0, ends - np.arange(len(ends))).astype(np.int64), len(names))


def sentences(text: str) -> list[str]:
    """The parts of a text that end at a sign or at a line break; a dot after a letter alone or "Dr" ends none.

    >>> sentences("Dr. A. Smith, e.g. in 3.5 hours. Why?")
    ['Dr A Smith, eg in 3.5 hours', 'Why']
    """
    parts = _END_OF_SENTENCE.split(_ABBREVIATION.sub(lambda found: found[0].replace(".", ""), text))
    return [part.strip() for part in parts if any(map(str.isalnum, part))]


def plain(text: str) -> str:
    """A text by which copies are told: its words and operators, with single spaces; "" for one without any."""
    return " ".join(tokens(text, "maths"))


def _stemmed(word: str) -> str:
    return stem(word) if len(word) > 3 else word


def _folded(text: str, tokeniser: Tokeniser) -> str:
    if tokeniser in _GOOGLE:
        return text.lower()
    if tokeniser == "maths":
        text = _COMMAND.sub(lambda found: _LATEX.get(found[1], found[0]), text.translate(_OPERATORS))
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


@cache
def _pattern(tokeniser: Tokeniser, ascii_only: bool, also: str = "") -> re.Pattern[str]:
    """Of a word, or of the sign `also`. A word holds its combining marks: "हिन्दी" is one."""
    end = f"|{also}" if also else ""
    if tokeniser in _GOOGLE or (tokeniser == "unicode" and ascii_only):
        return re.compile(_ASCII_WORD + end)
    marks = _marks() + _JOINERS
    digits = r"\d" if tokeniser == "maths" else ""
    letter = rf"[^\W_{digits}{WITHOUT_SPACES}]"
    word = rf"{letter}(?:{letter}|[{marks}])*|(?=\w)[{WITHOUT_SPACES}][{marks}]*"
    if tokeniser == "unicode":
        return re.compile(word + end)
    hyphen = r"-(?!(?<=\w\w-)\w\w)"  # between words it is no minus
    operator = rf"<=|>=|!=|(?<=\d)!|[+*/=<>^%()\[\]|√∑∫π∞°]|{hyphen}"
    return re.compile(rf"\\[a-z]+|\d+(?:[.,]\d+)*|{word}|{operator}{end}")


@cache
def _marks() -> str:
    """Ranges of the combining marks, as they stand in a class of a pattern."""
    is_mark = np.array([unicodedata.category(chr(code))[0] == "M" for code in range(_MARKS_UP_TO)])
    edges = np.flatnonzero(np.diff(is_mark.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    return "".join(f"{chr(first)}-{chr(after - 1)}" for first, after in edges)
