"""Whom to flag when advisors can call so many: the highest scores, overall or for each course or advisor.

A threshold is what follows from the capacity, not the other way round. Where learners tie at the cut, those whose name
has the smaller SHA-256 value are flagged: a rule without meaning that anyone can recompute, the same whatever the
order of rows.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.audit.rows import AuditRows
from attain.core.errors import UserError


@dataclass(frozen=True)
class Capacity:
    """How many can be looked after.

    Attributes:
        count: so many rows; None where a share is given.
        share: this share of the rows, rounded down but at least one; None where a count is given.
        per_stratum: whether each stratum (course, advisor) has this capacity of its own.
    """

    count: int | None = None
    share: float | None = None
    per_stratum: bool = False

    def __post_init__(self) -> None:
        if (self.count is None) == (self.share is None):
            raise UserError("A capacity is a count or a share: give one of them.")
        if self.count is not None and self.count < 0:
            raise UserError(f"A capacity of {self.count} is less than nobody; give 0 or more.")
        if self.share is not None and not 0 <= self.share <= 1:
            raise UserError(f"A capacity of {self.share} of all is not a share; give 0 to 1, or a count.")

    def of(self, n: int) -> int:
        """How many of `n` can be flagged.

        >>> Capacity(count=40).of(25), Capacity(share=0.1).of(25), Capacity(share=0.0).of(25)
        (25, 2, 0)
        """
        if self.count is not None:
            return min(self.count, n)
        share = float(self.share or 0)
        return min(n, max(int(share * n + 1e-9), 1)) if share > 0 else 0

    @property
    def words(self) -> str:
        """As people say it: "40 of each course"."""
        much = f"{self.count:,}" if self.count is not None else f"{100 * float(self.share or 0):g} %"
        return f"{much} of each {{stratum}}" if self.per_stratum else f"{much} in all"


@dataclass(frozen=True)
class Cut:
    """Where the line falls in one stratum.

    Attributes:
        stratum: its name; "" for all rows.
        n: rows in it.
        flagged: how many of them are flagged.
        threshold: the lowest flagged score; None where nobody is flagged.
        tied: rows at the threshold.
        tied_flagged: how many of those are flagged; fewer than `tied` means that names decided.
    """

    stratum: str
    n: int
    flagged: int
    threshold: float | None
    tied: int
    tied_flagged: int


@dataclass(frozen=True)
class Flags:
    """Who is flagged, and how it came about.

    Attributes:
        flag: shape (n,).
        cuts: one a stratum.
        words: the rule in words.
    """

    flag: NDArray[np.bool_]
    cuts: tuple[Cut, ...]
    words: str

    @property
    def decided_by_name(self) -> int:
        """Rows that tie at a cut and are on one side of it only because of their learners' names."""
        return sum(cut.tied for cut in self.cuts if cut.tied_flagged < cut.tied)


def flag_highest(rows: AuditRows, capacity: Capacity) -> Flags:
    """Flag the highest scores up to the capacity; rows without a known outcome take places too.

    Raises:
        UserError: a capacity per stratum where there are no strata, or a learner is twice in what it is shared by.
    """
    stratum = rows.stratum
    if capacity.per_stratum and stratum is None:
        raise UserError("A capacity of each stratum needs one: name the column that holds the course or the advisor.")
    flag, cuts = np.zeros(len(rows), dtype=bool), []
    groups = [("", np.arange(len(rows)))]
    if capacity.per_stratum and stratum is not None:
        order = np.argsort(stratum.code, kind="stable")
        parts = np.split(order, np.flatnonzero(np.diff(stratum.code[order])) + 1)
        groups = [(stratum.levels[stratum.code[part[0]]][0], part) for part in parts]
    for name, here in groups:
        chosen, cut = _highest(rows, here, capacity.of(len(here)), name)
        flag[chosen] = True
        cuts.append(cut)
    words = capacity.words.format(stratum=stratum.name if stratum else "stratum")
    return Flags(flag, tuple(cuts), f"the highest scores: {words}")


def _highest(rows: AuditRows, here: NDArray[np.int64], most: int, name: str) -> tuple[NDArray[np.int64], Cut]:
    score = rows.score[here]
    if most <= 0:
        return here[:0], Cut(name, len(here), 0, None, 0, 0)
    threshold = float(np.partition(score, len(score) - most)[len(score) - most])
    above, tied = here[score > threshold], here[score == threshold]
    free = most - len(above)
    chosen = tied[_by_name(rows, tied)[:free]] if free < len(tied) else tied
    return np.concatenate([above, chosen]), Cut(name, len(here), most, threshold, len(tied), free)


def _by_name(rows: AuditRows, places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The order of tied rows, by the SHA-256 of the learner's name and the stratum."""
    stratum = rows.stratum
    keys = []
    for place in places.tolist():
        course = stratum.levels[stratum.code[place]][0] if stratum else ""
        keys.append(hashlib.sha256(f"{rows.units[rows.unit[place]]}\x1f{course}".encode()).hexdigest())
    if len(set(keys)) < len(keys):
        raise UserError(
            f"{len(keys) - len(set(keys)):,} of the {len(keys):,} rows that tie at the capacity are further rows of a "
            "learner in the same course; audit one cut-off at a time."
        )
    return np.argsort(np.array(keys), kind="stable")
