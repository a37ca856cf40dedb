"""A log of decisions: what was decided how surely, what came of it, and how likely another policy would decide so."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError

Floats = NDArray[np.float64]
LARGEST = 20_000_000
"""Cells of a table of learners by steps that are held at once (160 MB each, and there are several)."""


@dataclass(frozen=True, eq=False)
class Decisions:
    """n decisions, sorted by learner and then by order.

    Attributes:
        start: shape (n_learners + 1,), where each learner's decisions begin; each has at least one.
        reward: shape (n,), what came of it.
        propensity: shape (n,), how likely the logging policy was to decide so, in (0, 1].
        target: shape (n,), how likely the policy that is judged would be, in [0, 1].
        q: shape (n,), a model's value of the decision and what follows under the judged policy; None where not given.
        v: shape (n,), the model's value of the state, before deciding, under the judged policy; None where not given.
        cluster: shape (n_learners,), codes from 0 of the groups that are resampled together, such as classes.
    """

    start: NDArray[np.int64]
    reward: Floats
    propensity: Floats
    target: Floats
    q: Floats | None
    v: Floats | None
    cluster: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.reward)

    @property
    def n_learners(self) -> int:
        """How many learners there are."""
        return len(self.start) - 1

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many decisions each learner has; shape (n_learners,)."""
        return np.diff(self.start)

    @property
    def horizon(self) -> int:
        """The most decisions that a learner has."""
        return int(self.lengths.max())

    @property
    def n_clusters(self) -> int:
        """How many groups are resampled."""
        return int(self.cluster.max()) + 1

    @property
    def model(self) -> tuple[Floats, Floats] | None:
        """q and v, where both are known."""
        return None if self.q is None or self.v is None else (self.q, self.v)

    def first(self, steps: int) -> "Decisions":
        """Only the first decisions of each learner; without q and v where that cuts any, for they look further."""
        if steps >= self.horizon:
            return self
        at = np.arange(len(self)) - np.repeat(self.start[:-1], self.lengths) < steps
        start = np.concatenate([[0], np.cumsum(np.minimum(self.lengths, steps))]).astype(np.int64)
        return Decisions(start, self.reward[at], self.propensity[at], self.target[at], None, None, self.cluster)

    def log_ratio(self) -> Floats:
        """Log of how much likelier the judged policy is to decide so, -inf where it never does; shape (n,)."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.target) - np.log(self.propensity))

    def log_weights(self) -> Iterator[Floats]:
        """Log of each learner's weight after each step, kept from a learner's last step on; shape (n_learners,)."""
        ratio, lengths = self.log_ratio(), self.lengths
        longest_first = np.argsort(-lengths, kind="stable")
        total = np.zeros(self.n_learners)
        for step in range(self.horizon):
            going = longest_first[: np.count_nonzero(lengths > step)]
            total[going] += ratio[self.start[going] + step]
            yield total.copy()

    def by_step(self, values: Floats) -> Floats:
        """Values of decisions as a table of learners by steps, 0 after a learner's last; shape (n_learners, horizon).

        Raises:
            UserError: the table would not fit into memory.
        """
        if self.n_learners * self.horizon > LARGEST:
            raise UserError(
                f"{self.n_learners:,} learners by up to {self.horizon:,} decisions are too many to judge at once. "
                f"Judge the first decisions of each: --steps {max(1, LARGEST // self.n_learners)}, or fewer."
            )
        out = np.zeros((self.n_learners, self.horizon))
        out[np.arange(self.horizon) < self.lengths[:, None]] = values
        return out

    def by_cluster(self, values: Floats) -> Floats:
        """Sums over the learners of each cluster; shape (n_learners, k) to (n_clusters, k)."""
        if self.n_clusters == self.n_learners and (self.cluster == np.arange(self.n_learners)).all():
            return values
        out = np.zeros((self.n_clusters, values.shape[1]))
        np.add.at(out, self.cluster, values)
        return out
