"""Whole numbers and usual dates read straight from the bytes of a text column, without an object for each cell.

Only forms that have one meaning are read; a column with any other cell is left to `attain.data.values`, which reads the
rest and names what nobody can read. Both give the same numbers.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from attain.core.compiled import compiled

_LONGEST = 15
"""Digits of a whole number that a float holds exactly."""


def whole_numbers(texts: pa.StringArray) -> NDArray[np.float64] | None:
    """The numbers, NaN where a cell is empty; None where a cell is more than digits after an optional minus."""
    return _read(texts, iso=False)


def moments(texts: pa.StringArray) -> NDArray[np.float64] | None:
    """Seconds since 1970, NaN where a cell is empty; None where a cell is no `2024-01-31[ 10:20[:30[.000]]][Z]`."""
    return _read(texts, iso=True)


def bytes_of_texts(texts: pa.StringArray) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The bytes that texts are in, and where each text begins, and the end of the last; neither is to be changed."""
    _, offsets, data = texts.buffers()
    start = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    content = np.frombuffer(data, dtype=np.uint8) if data is not None and data.size else np.zeros(0, dtype=np.uint8)
    for array in (content, start):
        array.flags.writeable = False  # so that kernels are compiled for one kind of array
    return content, start


def _read(texts: pa.StringArray, *, iso: bool) -> NDArray[np.float64] | None:
    content, start = bytes_of_texts(texts)
    out = np.empty(len(texts), dtype=np.float64)
    read = _moments if iso else _numbers
    return out if read(content, start, out) else None


@compiled
def _numbers(content: NDArray[np.uint8], start: NDArray[np.int32], out: NDArray[np.float64]) -> bool:
    for row in range(len(out)):
        at, end = start[row], start[row + 1]
        if at == end:
            out[row] = np.nan
            continue
        minus = content[at] == 45
        at += minus
        if at == end or end - at > _LONGEST:
            return False
        value = 0
        for place in range(at, end):
            digit = int(content[place]) - 48
            if digit < 0 or digit > 9:
                return False
            value = value * 10 + digit
        if minus and value == 0:  # a zero with a sign is another float
            return False
        out[row] = -value if minus else value
    return True


@compiled
def _moments(content: NDArray[np.uint8], start: NDArray[np.int32], out: NDArray[np.float64]) -> bool:
    for row in range(len(out)):
        at, end = start[row], start[row + 1]
        if at == end:
            out[row] = np.nan
            continue
        if end - at > 16 and content[end - 1] == 90:  # Z
            end -= 1
        size = end - at
        seconds = _moment(content, at, end) if size == 10 or size == 16 or size >= 19 else -1
        if seconds < 0:
            return False
        out[row] = seconds
    return True


@compiled
def _moment(content: NDArray[np.uint8], at: int, end: int) -> int:
    """Seconds since 1970 of one cell of 10, 16, 19 or more letters; -1 where it is no such time, or before 1970."""
    year, month, day = _digits(content, at, 4), _digits(content, at + 5, 2), _digits(content, at + 8, 2)
    if year < 1970 or year > 2200 or month < 1 or month > 12 or day < 1 or day > _days(year, month):
        return -1
    if content[at + 4] != 45 or content[at + 7] != 45:
        return -1
    hour, minute, second = 0, 0, 0
    if end - at >= 16:
        hour, minute = _digits(content, at + 11, 2), _digits(content, at + 14, 2)
        if (content[at + 10] != 32 and content[at + 10] != 84) or content[at + 13] != 58:
            return -1
    if end - at >= 19:
        second = _digits(content, at + 17, 2)
        if content[at + 16] != 58:
            return -1
    if hour < 0 or hour > 23 or minute < 0 or minute > 59 or second < 0 or second > 59:
        return -1
    if end - at > 19:
        if content[at + 19] != 46 or end - at == 20 or end - at > 26:
            return -1
        for place in range(at + 20, end):
            if content[place] != 48:
                return -1
    past = year - (month <= 2)  # days since 1970 with years that begin in March
    of_year = (153 * (month + (9 if month <= 2 else -3)) + 2) // 5 + day - 1
    days = past * 365 + past // 4 - past // 100 + past // 400 + of_year - 719468
    return days * 86400 + hour * 3600 + minute * 60 + second


@compiled
def _digits(content: NDArray[np.uint8], at: int, count: int) -> int:
    """The number that some digits make; -1 where one is no digit."""
    value = 0
    for place in range(at, at + count):
        digit = int(content[place]) - 48
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@compiled
def _days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31
