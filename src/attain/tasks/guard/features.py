"""Features that tell the outcome because they were made from it."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from attain.data.courses.peers import GROUP
from attain.data.enrolments import Enrolments, Fact
from attain.data.split import Fold
from attain.tasks.guard.finding import Finding

Floats = NDArray[np.float64]

TOO_GOOD = 0.95
"""AUC of a single feature above which it is taken for the outcome in disguise."""
CERTAIN, LEAST_ROWS = 0.99, 50
"""Share of one outcome among the rows with a mark (a level; known; unknown), of which there are at least so many."""
COMMON = 0.9
"""An outcome that is more common than this anyway proves nothing."""
SAME_DAY = 0.95
"""Share of rows in which a feature is the very day on which the outcome came true."""
LEAST_OF_CLASS = 10
"""Rows of each outcome below which nothing is said."""
ID_LEVELS, ID_ORDER, ID_ERRORS = 0.5, 0.1, 5
"""Levels a row from which a category counts as ids; how far from 0.5 the AUC of their order must lie, and by how many
standard errors."""


def label_in_feature(fold: Fold[Enrolments]) -> list[Finding]:
    """Facts that tell the outcome nearly alone, or are the day on which it came true.

    Places among peers are left out: they are counted from dated events, and late in a course to have none is telling.
    """
    log = fold.train
    facts = {name: fact for name, fact in log.facts.items() if fact.group != GROUP}
    return [finding for name, fact in facts.items() for finding in _first(_told(log, name, fact))]


def identifiers(fold: Fold[Enrolments]) -> list[Finding]:
    """Facts with about one row a level (ids, or what was encoded by the outcome of each) that predict the outcome."""
    found = []
    for name, fact in fold.train.facts.items():
        known = _known(fact)
        y, values = fold.train.outcome[known], fact.values[known].astype(float)
        whole = fact.levels is not None or (values == np.floor(values)).all()
        least = ID_LEVELS if fact.levels is not None else 1 - 0.05
        if not whole or len(np.unique(values)) < least * max(len(values), LEAST_ROWS) or not _both(y):
            continue
        area, n = auc(values, y), np.bincount(y.astype(int))
        error = float(np.sqrt((n.sum() + 1) / (12 * n[0] * n[1])))
        if abs(area - 0.5) > max(ID_ORDER, ID_ERRORS * error):
            sentence = (
                f"{name!r} has {len(np.unique(values)):,} values in {len(values):,} enrolments, as an id has, and "
                f"their order alone gives AUC {area:.3f}: they were given out, or sorted, by outcome. Leave it out."
            )
            found.append(Finding("identifiers", name, sentence, {"auc": area, "levels": len(np.unique(values))}))
    return found


def auc(score: Floats, y: Floats) -> float:
    """Probability that a row with outcome 1 has the higher value; ties count half. Both outcomes must be there."""
    bad = int(y.sum())
    return float((rankdata(score)[y == 1].sum() - bad * (bad + 1) / 2) / (bad * (len(y) - bad)))


def _told(log: Enrolments, name: str, fact: Fact) -> Iterator[Finding]:
    """What gives a fact away, the plainest first."""
    y = log.outcome
    if not _both(y):
        return
    known = _known(fact)
    if fact.levels is None:
        dated = known & ~np.isnan(log.event_day)
        equal = (fact.values == log.event_day)[dated]
        if dated.sum() >= LEAST_OF_CLASS and equal.mean() >= SAME_DAY:
            sentence = (
                f"{name!r} is the day on which the outcome came true in {equal.mean():.1%} of {int(dated.sum()):,} "
                "enrolments in which both are known. Leave it out."
            )
            yield Finding("label_in_feature", name, sentence, {"share_equal": float(equal.mean())})
    area = max(abs(auc(score, y) - 0.5) for score in _scores(fact, y)) + 0.5
    if area > TOO_GOOD:
        sentence = f"{name!r} alone gives AUC {area:.3f}: it was made from the outcome, or after it. Leave it out."
        yield Finding("label_in_feature", name, sentence, {"auc": area})
    for mark, rows in _marks(fact, known):
        share = float(y[rows].mean()) if rows.sum() >= LEAST_ROWS else 0.5
        value, sure = int(share > 0.5), max(share, 1 - share)
        if sure >= CERTAIN and (y == value).mean() <= COMMON:
            sentence = (
                f"{name!r} {mark} means outcome {value} in {sure:.1%} of {int(rows.sum()):,} enrolments, against "
                f"{(y == value).mean():.1%} of all: it is known only once the outcome is. Leave it out."
            )
            yield Finding("label_in_feature", name, sentence, {"share": sure, "enrolments": int(rows.sum())})


def _scores(fact: Fact, y: Floats) -> list[Floats]:
    """A fact as scores: a number with the unknown below or above all; a category by the rate of its larger levels."""
    if fact.levels is None:
        values = fact.values.astype(float)
        return [np.nan_to_num(values, nan=end) for end in (-np.inf, np.inf)]
    code = fact.values.astype(int) + 1
    n = np.bincount(code, minlength=len(fact.levels) + 1)
    rate = np.where(n >= LEAST_ROWS, np.bincount(code, y, len(n)) / np.maximum(n, 1), y.mean())
    return [rate[code]]


def _marks(fact: Fact, known: NDArray[np.bool_]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    if not known.all():
        yield "unknown", ~known
        yield "known", known
    if fact.levels is None and known.any() and fact.values[known].min() >= 0 and fact.values[known].max() <= 1:
        yield "= 0", fact.values == 0  # as a rate is that was worked out from outcomes, one's own among them
        yield "= 1", fact.values == 1
    elif fact.levels is not None and len(fact.levels) < len(known) / LEAST_ROWS:
        for code, level in enumerate(fact.levels):
            yield f"= {str(level)!r}", fact.values == code


def _known(fact: Fact) -> NDArray[np.bool_]:
    return np.asarray(~np.isnan(fact.values) if fact.levels is None else fact.values >= 0)


def _both(y: Floats) -> bool:
    return min(int((y == 1).sum()), int((y == 0).sum())) >= LEAST_OF_CLASS


def _first(findings: Iterator[Finding]) -> list[Finding]:
    return [finding for finding, _ in zip(findings, range(1), strict=False)]
