"""The Porter stemmer (Porter 1980) with the changes of NLTK, which rouge-score uses: "connections" is "connect".

English only. Written from the paper's rules; the word list and the rules that NLTK adds are marked.
"""

import re
from collections.abc import Callable
from functools import lru_cache

_IRREGULAR = {  # NLTK's
    "skies": "sky", "sky": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news", "innings": "inning",
    "inning": "inning", "outings": "outing", "outing": "outing", "cannings": "canning", "canning": "canning",
    "howe": "howe", "proceed": "proceed", "exceed": "exceed", "succeed": "succeed",
}  # fmt: skip
_FOURTH = "al ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize"
_RUNS = re.compile("v+c+")


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """The stem of a word in small letters.

    >>> [stem(word) for word in ("connections", "relational", "running", "happily")]
    ['connect', 'relat', 'run', 'happili']
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 2:
        return word
    for step in (_plural, _past, _final_y, _double_suffix, _third, _fourth, _final_e):
        word = step(word)
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


def _shape(word: str) -> str:
    """A v for each vowel and a c for each consonant; y is a vowel after a consonant."""
    shape = ""
    for place, letter in enumerate(word):
        vowel = letter in "aeiou" or (letter == "y" and place > 0 and shape[-1] == "c")
        shape += "v" if vowel else "c"
    return shape


def _measure(word: str) -> int:
    return len(_RUNS.findall(_shape(word)))


def _is_short(word: str) -> bool:
    """Whether a word ends consonant, vowel, consonant (not w, x or y), or is a vowel and a consonant (NLTK's)."""
    shape = _shape(word)
    return (shape[-3:] == "cvc" and word[-1] not in "wxy") or shape == "vc"


def _first(word: str, rules: str, holds: Callable[[str], bool]) -> str:
    """What the first rule `ending:instead` whose ending the word has makes of it, where `holds` is true of the rest."""
    for rule in rules.split():
        ending, _, instead = rule.partition(":")
        if word.endswith(ending):
            rest = word.removesuffix(ending)
            return rest + instead if holds(rest) else word
    return word


def _plural(word: str) -> str:
    if len(word) == 4 and word.endswith("ies"):  # NLTK's
        return word[:-1]
    return _first(word, "sses:ss ies:i ss:ss s:", lambda rest: True)


def _past(word: str) -> str:
    if word.endswith("ied"):  # NLTK's
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    cut = [word.removesuffix(ending) for ending in ("ed", "ing") if word.endswith(ending)]
    if not cut or "v" not in _shape(cut[0]):
        return word
    rest = cut[0]
    if rest.endswith(("at", "bl", "iz")):
        return rest + "e"
    if len(rest) >= 2 and rest[-1] == rest[-2] and _shape(rest)[-1] == "c":
        return rest if rest[-1] in "lsz" else rest[:-1]
    return rest + "e" if _measure(rest) == 1 and _is_short(rest) else rest


def _final_y(word: str) -> str:
    return _first(word, "y:i", lambda rest: len(rest) > 1 and _shape(rest)[-1] == "c")  # NLTK's condition


def _double_suffix(word: str) -> str:
    if word.endswith("alli") and _measure(word[:-4]) > 0:  # NLTK's
        return _double_suffix(word[:-2])
    if word.endswith("logi"):  # NLTK's; it comes last there, and no other ending is one of it
        return word[:-1] if _measure(word[:-3]) > 0 else word
    rules = (
        "ational:ate tional:tion enci:ence anci:ance izer:ize bli:ble alli:al entli:ent eli:e ousli:ous ization:ize "
        "ation:ate ator:ate alism:al iveness:ive fulness:ful ousness:ous aliti:al iviti:ive biliti:ble fulli:ful"
    )
    return _first(word, rules, lambda rest: _measure(rest) > 0)


def _third(word: str) -> str:
    return _first(word, "icate:ic ative: alize:al iciti:ic ical:ic ful: ness:", lambda rest: _measure(rest) > 0)


def _fourth(word: str) -> str:
    for ending in _FOURTH.split():
        if word.endswith(ending):
            rest = word.removesuffix(ending)
            return rest if _measure(rest) > 1 and (ending != "ion" or rest[-1] in "st") else word
    return word


def _final_e(word: str) -> str:
    rest = word.removesuffix("e")
    return rest if rest != word and (_measure(rest) > 1 or (_measure(rest) == 1 and not _is_short(rest))) else word
