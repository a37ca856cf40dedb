"""Page tokens: where a list goes on, bound to the question that it answers."""

import base64
import binascii
import json
from collections.abc import Sequence

from attain.core.fingerprint import of_json
from attain.tracking.errors import Invalid

Value = str | int | float | bool
MOST = 50_000
"""The longest page of runs or points that may be asked for."""


def token(question: Sequence[object], last: Sequence[Value]) -> str:
    """The token after a row whose sort keys are `last`; `question` is what was asked (filter, order, …)."""
    text = json.dumps([of_json(list(question)), list(last)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode()


def after(question: Sequence[object], given: str, types: Sequence[type]) -> list[Value]:
    """The sort keys in a token.

    Args:
        question: what is asked now; it must be what the token was made for.
        given: the token.
        types: the type of each sort key.

    Raises:
        Invalid: the token is not one of ours, or belongs to another question.
    """
    try:
        bound, last = json.loads(base64.b64decode(given, altchars=b"-_", validate=True))
        fits = len(last) == len(types) and all(type(v) is t for v, t in zip(last, types, strict=True))
    except (binascii.Error, ValueError, TypeError):
        raise Invalid(f"The page token {given!r} is not one that this store gave. Ask for the first page.") from None
    if not fits or bound != of_json(list(question)):
        raise Invalid(f"The page token {given!r} belongs to another question (filter, order, …) than this one.")
    return list(last)


def checked_size(max_results: int) -> int:
    """How many rows a page may have."""
    if type(max_results) is not int or not 1 <= max_results <= MOST:
        raise Invalid(f"max_results is {max_results!r}; expected a whole number from 1 to {MOST}.")
    return max_results
