"""A filter cut into words, signs, numbers and quoted text."""

import re
from dataclasses import dataclass
from typing import Literal, NoReturn

from attain.tracking.errors import Invalid

Kind = Literal["word", "quoted", "number", "sign", "end"]

_SPACE = re.compile(r"\s+")
_SIGN = re.compile(r">=|<=|!=|[=<>(),]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?(?![\w.])")
_WORD = re.compile(r"[^\s=!<>(),;'\"`]+")
_QUOTED = re.compile(r"'((?:[^']|'')*)'|\"((?:[^\"]|\"\")*)\"|`((?:[^`]|``)*)`", re.DOTALL)


@dataclass(frozen=True)
class Token:
    """A part of a text: `text` without its quotes, `at` where it begins, `quote` the quote that it had."""

    kind: Kind
    text: str
    at: int
    quote: str = ""


def tokens(text: str) -> list[Token]:
    """The tokens of a filter or order, with one of kind `end` behind.

    A name may end in a quoted part: `metrics."my auc"` is the word `metrics.` and a quoted text right behind it.

    Raises:
        Invalid: a quote is not closed, or a character means nothing here.
    """
    found, at = [], 0
    while at < len(text):
        if match := _SPACE.match(text, at):
            at = match.end()
            continue
        token, at = _token(text, at)
        found.append(token)
    return [*found, Token("end", "", len(text))]


def _token(text: str, at: int) -> tuple[Token, int]:
    if match := _SIGN.match(text, at):
        return Token("sign", match.group(), at), match.end()
    if match := _NUMBER.match(text, at):
        return Token("number", match.group(), at), match.end()
    if match := _QUOTED.match(text, at):
        quote = text[at]
        inner = match.group()[1:-1].replace(quote * 2, quote)
        return Token("quoted", inner, at, quote), match.end()
    if match := _WORD.match(text, at):
        return Token("word", match.group(), at), match.end()
    problem = f"the quote {text[at]} is not closed" if text[at] in "'\"`" else f"{text[at]!r} means nothing here"
    return fail(text, at, problem)


def quoted(text: str) -> str:
    """A text as a filter says it, whatever is in it: in quotes, those in it doubled."""
    return "'" + text.replace("'", "''") + "'"


def fail(text: str, at: int, problem: str) -> NoReturn:
    """Refuse a text, pointing at the character where it goes wrong.

    Raises:
        Invalid: always.
    """
    line_start = text.rfind("\n", 0, at) + 1
    line_end = text.find("\n", at)
    line = text[line_start : line_end if line_end >= 0 else None]
    pointer = " " * (at - line_start) + "^"
    raise Invalid(f"Cannot read the filter at character {at + 1}: {problem}.\n  {line}\n  {pointer}")
