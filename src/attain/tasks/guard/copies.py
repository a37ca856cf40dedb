"""The same enrolment in both parts: twice in the file, or copied by resampling before the split."""

import numpy as np
from numpy.typing import NDArray

from attain.data.courses.peers import GROUP
from attain.data.enrolments import EVENTS, Enrolments, Events
from attain.data.split import Fold
from attain.tasks.guard.finding import Finding

AGREE, COMMON, CHANCE = 0.95, 0.9, 1e-3
"""Copies have the same outcome: so large a share of them must; a class that is more common than `COMMON` tells nothing
about that; and agreement counts only where chance would not give it this often."""
LEAST_ROWS, LEAST_SHARE = 5, 0.005
"""Fewer, or a smaller share of the held-out part, change no figure."""


def copied_rows(fold: Fold[Enrolments]) -> list[Finding]:
    """Held-out enrolments that are equal to training ones in everything that is known, outcome included.

    Where little is known, some are alike by chance; then their outcomes differ as those of others do. Synthetic rows
    that lie between others (SMOTE) are equal to none and not found here.
    """
    codes = _codes(fold.train, fold.test)
    mine, theirs = codes[: len(fold.train)], codes[len(fold.train) :]
    n = np.bincount(mine, minlength=int(codes.max(initial=0)) + 1)
    bad = np.bincount(mine, fold.train.outcome, len(n))
    same = n[theirs] > 0
    if same.sum() < max(LEAST_ROWS, LEAST_SHARE * len(fold.test)):
        return []
    rate = bad[theirs[same]] / n[theirs[same]]
    outcome = fold.test.outcome[same]
    agree = np.where(outcome == 1, rate, 1 - rate)
    unlikely, common = False, np.array([1 - fold.train.outcome.mean(), fold.train.outcome.mean()])
    for value in (0, 1):
        of_class = agree[outcome == value]
        if len(of_class) < LEAST_ROWS or common[value] > COMMON:
            continue
        if of_class.mean() < AGREE:
            return []
        unlikely |= bool(common[value] ** len(of_class) < CHANCE)
    if not unlikely:
        return []
    share = float(same.mean())
    sentence = (
        f"{int(same.sum()):,} of {len(fold.test):,} held-out enrolments are copies of training ones: equal in all "
        f"facts and events, and {agree.mean():.1%} of them in the outcome. Keep one of each; resample inside the fold "
        "(`imbalance` of a model), never before the split."
    )
    return [Finding("copied_rows", "", sentence, {"rows": int(same.sum()), "share": share, "agree": agree.mean()})]


def _codes(train: Enrolments, test: Enrolments) -> NDArray[np.int64]:
    """A number for what is known of each enrolment, training part first; the same for equal ones."""
    whole = np.concatenate([_known(train), _known(test)])
    whole[np.isnan(whole)] = np.nan  # one of the many bit patterns
    rows = np.ascontiguousarray(whole + 0.0).view(f"V{whole.shape[1] * whole.itemsize}").ravel()
    return np.unique(rows, return_inverse=True)[1]


def _known(log: Enrolments) -> NDArray[np.float64]:
    """Facts, and sums over events that are hardly ever equal for different ones; shape (n, n_columns)."""
    columns = [np.zeros(len(log))]
    columns += [fact.values.astype(float) for fact in log.facts.values() if fact.group != GROUP]
    for events in (getattr(log, name) for name in EVENTS if name != "schedule"):
        if isinstance(events, Events):
            owner = events.owner
            amount = np.nan_to_num(events.amount.astype(float), nan=-1)
            for values in (events.day * 1.0, amount, amount * (events.about + 2) * (events.day + 1000)):
                columns.append(np.bincount(owner, values, len(log)).astype(float))
    return np.column_stack(columns)
