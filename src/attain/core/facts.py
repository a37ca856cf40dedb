"""What is known of a data set's learners and skills beside their answers.

Metrics may read it, and it is no part of a predictions table: it belongs to the data and is joined by name when a table
is scored, so that runs that are done can be judged by what is learned later.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Names = NDArray[np.object_]
TESTS = ("pre", "post")


@dataclass(frozen=True, eq=False)
class Facts:
    """Each is None where it is not known.

    Attributes:
        known: one row a learner and skill: `learner`, `skill`, `known_at`, the opportunities after which the learner
            truly knew the skill, 0 for from the start and -1 for never.
        prerequisites: one row an edge: `skill`, and `needs`, a skill to be mastered before it.
        tests: one row a learner: `learner`, and `pre` and `post`, shares right in a test before and after, NaN where
            the learner did not take it.
    """

    known: pd.DataFrame | None = None
    prerequisites: pd.DataFrame | None = None
    tests: pd.DataFrame | None = None

    @property
    def columns(self) -> set[str]:
        """What a metric can have of them: `known_at`, `prerequisites`, `pre` and `post`."""
        found = {"known_at"} if self.known is not None else set()
        found |= {"prerequisites"} if self.prerequisites is not None else set()
        return found | set(TESTS if self.tests is not None else ())

    def of_units(self, units: Names) -> dict[str, NDArray[np.float64]]:
        """The tests of the units, each of shape (n_units,); nothing where there are none."""
        if self.tests is None:
            return {}
        own = self.tests.set_index(self.tests["learner"].astype(object)).reindex(pd.Index(units, dtype=object))
        return {name: own[name].to_numpy(dtype=np.float64) for name in TESTS}

    def known_at(
        self, unit: NDArray[np.integer], skill: NDArray[np.integer], units: Names, skills: Names
    ) -> NDArray[np.float64]:
        """`known_at` of each row with these codes into the names, shape (n,); NaN where it is not known."""
        assert self.known is not None
        of_unit, of_skill = _codes(self.known["learner"], units), _codes(self.known["skill"], skills)
        here = (of_unit >= 0) & (of_skill >= 0)
        table = np.full((len(units), len(skills)), np.nan, dtype=np.float32)
        table[of_unit[here], of_skill[here]] = self.known["known_at"].to_numpy()[here]
        return np.asarray(table[unit, skill], dtype=np.float64)

    def edges(self, skills: Names) -> NDArray[np.int32]:
        """Codes of skill and needed skill, shape (n_edges, 2); a needed skill that is not among `skills` is -1."""
        if self.prerequisites is None:
            return np.empty((0, 2), dtype=np.int32)
        codes = [_codes(self.prerequisites[name], skills) for name in ("skill", "needs")]
        edges = np.column_stack(codes).astype(np.int32)
        return edges[edges[:, 0] >= 0]


NOTHING = Facts()


def _codes(column: "pd.Series[str]", names: Names) -> NDArray[np.intp]:
    return pd.Index(names, dtype=object).get_indexer(pd.Index(column.astype(object)))
