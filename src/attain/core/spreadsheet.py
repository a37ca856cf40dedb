"""Cells of CSV files that people open in a spreadsheet."""

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula.

    >>> safe("=1+1"), safe("What is 1+1?")
    ("'=1+1", 'What is 1+1?')
    """
    return f"'{text}" if text.lstrip(" ").startswith(DANGEROUS) else text
