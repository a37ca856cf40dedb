"""What the training part and the held-out part may not share."""

import numpy as np

from attain.data.enrolments import Enrolments
from attain.data.split import Fold
from attain.tasks.guard.finding import Finding


def shared_learners(fold: Fold[Enrolments]) -> list[Finding]:
    """Learners in both parts, where the split promises that there are none."""
    both = np.intersect1d(fold.train.present, fold.test.present)
    if not len(both):
        return []
    rows = int(np.isin(fold.test.learner, both).sum())
    sentence = (
        f"{len(both):,} learners are in the training part and in the held-out part, which the split promises to keep "
        f"apart ({rows:,} of {len(fold.test):,} held-out enrolments are theirs)."
    )
    return [Finding("shared_learners", "", sentence, {"learners": len(both), "share": rows / len(fold.test)})]


def not_by_time(fold: Fold[Enrolments]) -> list[Finding]:
    """Training enrolments of the same term as held-out ones, or of a later one, in the same course: figures flatter."""
    train, test = fold.train, fold.test
    latest = np.full(len(test.courses), -1)
    np.maximum.at(latest, train.course[train.offering], train.term[train.offering])
    met = latest[test.course[test.offering]] >= test.term[test.offering]
    terms = np.union1d(train.term[train.offering], test.term[test.offering])
    if not met.any() or len(terms) < 2:  # of one term, there is no split by time
        return []
    sentence = (
        f"{int(met.sum()):,} of {len(test):,} held-out enrolments are in a term from which, or from after which, the "
        "model has learned in the same course. In use it meets a later term: read the figures as optimistic, with "
        "`optimism` beside them, or split by term."
    )
    return [Finding("not_by_time", "", sentence, {"share": float(met.mean())}, stops=False)]
