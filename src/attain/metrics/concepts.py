"""Do pieces speak of the curriculum: how many of its concepts have questions, and how many pieces name none of them."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.metric import Computed, Statistic, metric
from attain.core.table import Rows
from attain.metrics._pieces import each, mean_of_delivered, not_delivered
from attain.metrics._text import tokens

NO_CONCEPT = "no prompt has a concept"


@metric(direction="max", unit="share", needs="text concept", written="at")
def concept_coverage(rows: Rows, k: Annotated[int, Field(ge=1)] = 1) -> Statistic:
    """Share of the curriculum's concepts that at least `k` delivered pieces name.

    The concepts are those that the prompts ask for. A piece names one where all words of the concept stand in it one
    after the other, whatever the case; for whom it was asked does not matter. In a part of the run, the concepts are
    those of its prompts. Undefined where no prompt has a concept.

    It has no interval, as `coverage` of recommended lists has none: a piece drawn twice is not two pieces, and of
    concepts that several prompts ask for, fewer are named in a draw than in the run.
    """
    asked, named = _concepts(rows)
    wanted = np.zeros((rows.n_units, named.shape[1]))
    np.add.at(wanted, rows.unit, asked)
    by_unit = np.zeros_like(wanted)
    np.add.at(by_unit, rows.unit, named)

    def share(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        here = weights @ wanted > 0
        found = (here & (weights @ by_unit >= k)).sum(axis=1)
        once = weights.max(axis=1, initial=0) <= 1  # a draw with replacement weighs some twice
        return np.asarray(np.where(once & here.any(axis=1), found / np.maximum(here.sum(axis=1), 1), np.nan))

    return Computed(share, rows.sum_by_unit(asked.sum(axis=1)), NO_CONCEPT, not_delivered(rows, "they name none"))


@metric(direction="min", unit="share", needs="text concept")
def off_curriculum_share(rows: Rows) -> Statistic:
    """Share of the delivered pieces that name none of the concepts that any prompt of the run asks for.

    Named as in `concept_coverage`: a piece that is about a concept without its name counts as off, so read it as an
    upper bound, and compare. Undefined where no prompt has a concept or nothing was delivered.
    """
    asked, named = _concepts(rows)
    known = np.full(len(rows), asked.any())
    return mean_of_delivered(rows, named.sum(axis=1) == 0, known=known, lacks=NO_CONCEPT)


def _concepts(rows: Rows) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which concept each piece was asked for, and which concepts it names; both of shape (n, n_concepts)."""
    texts = rows.text("concept")
    names = sorted(set(texts) - {""})
    wanted = [f" {' '.join(tokens(name))} " for name in names]

    def read(text: str) -> list[bool]:
        own = f" {' '.join(tokens(text))} "
        return [one in own for one in wanted]

    named = np.array(each(rows, "text", read), dtype=bool).reshape(len(rows), len(names))
    return texts[:, None] == np.array(names, dtype=object)[None, :], named
