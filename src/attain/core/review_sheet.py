"""Blind review sheets as files: their columns and words, and where a suite's run keeps their keys and what was said."""

import re

KEYS, FILLED = "review", "review-filled"
"""Folders of a suite's run: sealed keys, and sheets that are filled in on the web."""
SHEET, CODE, COMMENT = "sheet", "code", "comment"
"""Columns beside the texts and the dimensions."""
FIRST, SECOND, TIE = "first", "second", "tie"
"""Columns of two texts that are compared, and what is said of them."""
NAMED = re.compile(r"(?P<key>[0-9a-z]{8,64})-(?P<number>[0-9]{1,4})")
"""How one sheet of a key is called in addresses and files."""


def said_of(key: str, number: int) -> str:
    """Which sheet it is, for people: short, and another for the same number of another key.

    >>> said_of("k3f2a1b04c", 2)
    '2 of k3f2a1'
    """
    return f"{number} of {key[:6]}"
