"""One reversible rule between names of numbers and MLflow's keys (letters, digits and `_ - . : /` and space).

Parts of a key stand between slashes: the metric, then a cohort, then `low` or `high`. Inside a part, signs that
MLflow refuses become words between spaces, and every other sign that could be misread its code point:

    ece[15,quantile]          ece of 15 and quantile
    accuracy@0.5              accuracy at 0.5
    precision@10%             precision at 10 percent
    gender=F                  gender:F
"""

import re

_WORDS = {"@": "at", ">=": "ge", "<=": "le", ",": "and", "%": "percent"}
_SIGNS = {word: sign for sign, word in _WORDS.items()}
_PARAMETERS = re.compile(r"([^\[\]]*)\[([^\[\]]*)\]", re.DOTALL)
_SIGN = re.compile(r">=|<=|[^A-Za-z0-9_.=-]", re.DOTALL)
_WORD = re.compile(r" (of|at|ge|le|and|percent|x[0-9a-f]+) ")


def to_key(*parts: str) -> str:
    """The key of a number: the metric's id, and where they apply the cohort, and `low` or `high`.

    >>> to_key("auc"), to_key("time_to_mastery_opportunities[model>=0.95,20]", "gender=F", "low")
    ('auc', 'time_to_mastery_opportunities of model ge 0.95 and 20/gender:F/low')
    """
    return "/".join(map(_write, parts))


def from_key(key: str) -> tuple[str, ...]:
    """The parts that `to_key` was given.

    >>> from_key("ece of 15 and quantile/gender:F/low")
    ('ece[15,quantile]', 'gender=F', 'low')
    """
    return tuple(map(_read, key.split("/")))


def _write(part: str) -> str:
    if match := _PARAMETERS.fullmatch(part):
        return f"{_write_signs(match[1])} of {_write_signs(match[2])}"
    return _write_signs(part)


def _write_signs(text: str) -> str:
    written = _SIGN.sub(lambda match: f" {_WORDS.get(match[0], f'x{ord(match[0][0]):x}')} ", text)
    return written.replace("=", ":")


def _read(part: str) -> str:
    words = _WORD.split(part.replace(":", "="))  # text, word, text, word, ..., text
    signs = [_SIGNS.get(word) or ("[" if word == "of" else chr(int(word[1:], 16))) for word in words[1::2]]
    text = "".join(piece for pair in zip(words[::2], [*signs, ""], strict=True) for piece in pair)
    return text + "]" if "of" in words[1::2] else text
