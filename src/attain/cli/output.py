"""How the command line speaks: tables for people, JSON for programs, one sentence for a mistake."""

import json
import math
import re
from collections.abc import Sequence
from typing import Any, Literal

from rich.console import Console
from rich.table import Table
from rich.text import Text

GREATEST = 1.7976931348623157e308

out = Console(highlight=False, soft_wrap=True, markup=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def print_json(value: Any) -> None:  # whatever json can write
    """Machine-readable output: strict JSON, so that what is not a number is null."""
    print(json.dumps(_strict(value), indent=2, ensure_ascii=False, default=str))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, title: str | None = None) -> None:
    """A table that fits a terminal, and is plain aligned text in a pipe."""
    if not out.is_terminal:
        _print_plain(columns, rows, title)
        return
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name, values in zip(columns, list(zip(*rows, strict=True)) or [()] * len(columns), strict=True):
        whole = _numeric(values) or not table.columns  # numbers and the first column are never broken over lines
        justify: Literal["left", "right"] = "right" if _numeric(values) else "left"
        table.add_column(name, justify=justify, header_style="dim", overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out.print(table)


def complain(message: str) -> None:
    """A mistake or a failure, in words, on the standard error stream."""
    err.print(Text.assemble(("attain: ", "red"), message))


def number(value: float | None, digits: int = 4) -> str:
    """A number for a table, with four significant digits; a dash where it is undefined.

    >>> number(0.712345), number(1234.5678), number(None), number(3.0), number(1.23e-5), number(float("inf"))
    ('0.7123', '1235', '–', '3', '1.23e-05', '∞')
    """
    if value is None or math.isnan(value):
        return "–"
    if abs(value) >= GREATEST:  # as which a store keeps an infinite number
        return "∞" if value > 0 else "-∞"
    if 0 < abs(value) < 1e-3 or abs(value) >= 1e9:
        return f"{value:.{digits}g}"
    if value == int(value):
        return str(int(value))
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:.{min(decimals, digits)}f}"


def interval(value: float | None, low: float | None, high: float | None) -> str:
    """A value with its interval.

    >>> interval(0.7123, 0.70, 0.7256), interval(None, None, None)
    ('0.7123 [0.7000, 0.7256]', '–')
    >>> interval(-0.00086, -0.02, 0.0195)
    '-0.0009 [-0.0200, 0.0195]'
    """
    if value is None:
        return "–"
    if low is None or high is None:
        return number(value)
    shown = decimals(value, low, high)
    return f"{value:.{shown}f} [{low:.{shown}f}, {high:.{shown}f}]"


def decimals(value: float, low: float, high: float) -> int:
    """How many decimals a value and its interval are shown with: four digits of the value or of half the interval.

    >>> decimals(0.7123, 0.70, 0.7256), decimals(100.0, 100.0, 100.0), decimals(5.0, 4.8, 5.2)
    (4, 0, 3)
    >>> decimals(2.5, 2.0, math.inf)
    4
    """
    if all(float(number).is_integer() for number in (value, low, high)):
        return 0
    largest = max(abs(value), (high - low) / 2)
    if not math.isfinite(largest):
        return 4
    needed = 3 - math.floor(math.log10(largest))
    return max(0, needed if largest < 1e-3 else min(needed, 4))


_NUMBER = re.compile(r"–|[-+<]?[\d.,]+( [±\[].*)?")


def _numeric(values: Sequence[str]) -> bool:
    return any(values) and all(_NUMBER.fullmatch(v) for v in values if v)


def _print_plain(columns: Sequence[str], rows: Sequence[Sequence[str]], title: str | None) -> None:
    cells = [list(columns), *(list(row) for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    numeric = [_numeric([row[i] for row in rows]) for i in range(len(columns))]
    if title:
        print(title)
    for row in cells:
        parts = [c.rjust(w) if n else c.ljust(w) for c, w, n in zip(row, widths, numeric, strict=True)]
        print("  ".join(parts).rstrip())


def _strict(value: Any) -> Any:  # JSON in, JSON out
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(k): _strict(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(v) for v in value]
    return value
