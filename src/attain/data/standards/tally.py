"""What was read of a file, and what was skipped and why; and the rows that came of it."""

from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

NAMED = 3
"""How many places of a reason are named."""


class Unreadable(Exception):  # noqa: N818 - the name says what is wrong, and it never leaves the reader
    """A record that is skipped; the text says why, and names no learner."""


@dataclass
class Skipped:
    """Records that were skipped for one reason: how many, and the first lines they stand on."""

    count: int = 0
    lines: list[int] = field(default_factory=list)


@dataclass
class Tally:
    """How many records a file has, and those that were skipped, by reason."""

    records: int = 0
    skipped: dict[str, Skipped] = field(default_factory=dict)

    def skip(self, why: str, line: int) -> None:
        """Count a record that is skipped."""
        one = self.skipped.setdefault(why, Skipped())
        one.count += 1
        if len(one.lines) < NAMED:
            one.lines.append(line)


class Answer(NamedTuple):
    """An answer; `learner` as the file names it, `skills` joined by `~~`."""

    learner: str
    item: str
    skill: str
    correct: int
    time_s: float
    duration_s: float | None


@dataclass(frozen=True)
class Answers:
    """The answers of a file."""

    rows: list[Answer]
    tally: Tally


@dataclass(frozen=True)
class Courses:
    """The tables of courses that a file became, by file name, and the `courses` part of their card."""

    tables: dict[str, pd.DataFrame]
    card: dict[str, object]
    tally: Tally
    faults: tuple[str, ...] = ()
