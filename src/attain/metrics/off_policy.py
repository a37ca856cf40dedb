"""What a log of another policy's decisions can tell of a policy, and whether it can tell at all.

The value is the mean over learners of the rewards of all their decisions. Weights are products of how much more likely
the judged policy was to decide as was decided. They are looked at first: where few learners carry all the weight, every
estimate is made of those few, and none is given.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.metrics.intervals import bootstrap_weights, percentile

LEAST_ESS, LEAST_SHARE = 50.0, 0.05
"""The effective number of learners must reach both: so many, and this share of all."""
LARGEST_WEIGHT = 0.1
"""No learner may carry more of all weight than this."""
FAR = 4.0
"""The mean weight must be 1 within so many standard errors, or the probabilities are not those of the log."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Decisions:
    """n decisions, sorted by learner and then by order.

    Attributes:
        start: shape (n_learners + 1,), where each learner's decisions begin.
        reward: shape (n,), what came of it.
        propensity: shape (n,), how likely the logging policy was to decide so, in (0, 1].
        target: shape (n,), how likely the policy that is judged would be, in [0, 1].
        q: shape (n,), a model's value of the decision and what follows under the judged policy; None where not given.
        v: shape (n,), the model's value of the state, before deciding, under the judged policy; None where not given.
        cluster: shape (n_learners,), codes of the groups that are resampled together, such as classes.
    """

    start: NDArray[np.int64]
    reward: NDArray[np.float64]
    propensity: NDArray[np.float64]
    target: NDArray[np.float64]
    q: NDArray[np.float64] | None
    v: NDArray[np.float64] | None
    cluster: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.reward)

    @property
    def n_learners(self) -> int:
        """How many learners decided at least once."""
        return len(self.start) - 1

    def first(self, steps: int) -> "Decisions":
        """Only the first decisions of each learner."""
        at = np.arange(len(self)) - np.repeat(self.start[:-1], np.diff(self.start)) < steps
        lengths = np.minimum(np.diff(self.start), steps)
        return Decisions(
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            self.reward[at],
            self.propensity[at],
            self.target[at],
            None if self.q is None else self.q[at],
            None if self.v is None else self.v[at],
            self.cluster,
        )


@dataclass(frozen=True)
class Overlap:
    """How much the log has to say of a policy.

    Attributes:
        learners: how many there are.
        horizon: the most decisions that a learner has.
        ess: effective number of learners, (sum w)^2 / sum w^2 of their weights at the end (Kish 1965).
        ess_share: of all learners.
        largest_share: the share of all weight that one learner carries.
        mean_weight: of all learners; 1 is expected.
        mean_weight_se: its standard error.
        supported: share of logged decisions that the judged policy could have made.
        reasons: why the log cannot tell; empty where it can.
        warnings: what a reader must know although it can.
    """

    learners: int
    horizon: int
    ess: float
    ess_share: float
    largest_share: float
    mean_weight: float
    mean_weight_se: float
    supported: float
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Estimate:
    """One estimate of the value, and of its difference from what was logged; 95 % intervals by bootstrap over clusters.

    Attributes:
        name: `ips`, `snips`, `pdis`, `wpdis`, `dm` or `dr`.
        value: of the judged policy, per learner.
        low: lower end of its interval.
        high: upper end.
        gain: value minus the observed mean.
        gain_low: lower end of its interval.
        gain_high: upper end.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    gain: float
    gain_low: float | None
    gain_high: float | None


@dataclass(frozen=True)
class OffPolicy:
    """What can be said of a policy from a log.

    Attributes:
        overlap: how much the log has to say.
        observed: mean reward per learner of the logging policy.
        estimates: empty where the value is not identifiable from this log.
        told_up_to: the most first decisions of each learner of which the log can tell; 0 for none.
    """

    overlap: Overlap
    observed: float
    estimates: tuple[Estimate, ...]
    told_up_to: int

    @property
    def identifiable(self) -> bool:
        """Whether there is an answer."""
        return not self.overlap.reasons


def judge(log: Decisions, *, replicates: int = 1000, seed: int = 0) -> OffPolicy:
    """Judge a policy by a log of another's decisions.

    Args:
        log: the decisions, with the probabilities of both policies.
        replicates: bootstrap replicates behind each interval.
        seed: of the bootstrap.

    References:
        Precup, D., Sutton, R. S., & Singh, S. (2000). Eligibility traces for off-policy policy evaluation. ICML.
        Jiang, N. & Li, L. (2016). Doubly robust off-policy value evaluation for reinforcement learning. ICML.
    """
    table = _Table(log)
    overlap = table.overlap()
    observed = float(table.total.mean())
    told = _told_up_to(table)
    if overlap.reasons:
        return OffPolicy(overlap, observed, (), told)
    names = ["ips", "snips", "pdis", "wpdis"] + (["dm", "dr"] if log.q is not None and log.v is not None else [])
    once = np.ones((1, len(table.total)))
    values = {name: float(table.at(name, once)[0]) for name in names}
    drawn: dict[str, list[Floats]] = {name: [] for name in [*names, "observed"]}
    for weights in bootstrap_weights(int(log.cluster.max()) + 1, replicates, seed):
        own = weights[:, log.cluster]
        for name, kept in drawn.items():
            kept.append(table.at(name, own))
    logged = np.concatenate(drawn.pop("observed"))
    estimates = []
    for name in names:
        together = np.concatenate(drawn[name])
        low, high = percentile(together) or (None, None)
        gain_low, gain_high = percentile(together - logged) or (None, None)
        estimates.append(Estimate(name, values[name], low, high, values[name] - observed, gain_low, gain_high))
    return OffPolicy(overlap, observed, tuple(estimates), told)


class _Table:
    """The log as a table of learners by steps; beyond a learner's last step the weight stays and rewards are 0."""

    def __init__(self, log: Decisions) -> None:
        self.log = log
        lengths = np.diff(log.start)
        n, horizon = len(lengths), int(lengths.max())
        there = np.arange(horizon) < lengths[:, None]
        ratio = np.ones((n, horizon))
        ratio[there] = log.target / log.propensity
        self.there, self.ratio = there, ratio
        self.weight = np.cumprod(ratio, axis=1)
        self.reward = self._spread(log.reward)
        self.total = self.reward.sum(axis=1)
        self.last = self.weight[:, -1]
        self.doubly = self._doubly_robust() if log.q is not None and log.v is not None else None

    def _spread(self, values: Floats) -> Floats:
        out = np.zeros(self.there.shape)
        out[self.there] = values
        return out

    def _doubly_robust(self) -> Floats:
        """V_t = v_t + w_t (r_t + V_{t+1} - q_t), from the last step on; V_0 of each learner (Jiang & Li 2016, sec. 4).

        Unbiased where v is the mean of q over what the judged policy would decide.
        """
        assert self.log.q is not None
        assert self.log.v is not None
        q, v = self._spread(self.log.q), self._spread(self.log.v)
        value = np.zeros(len(self.total))
        for t in range(self.there.shape[1] - 1, -1, -1):
            own = v[:, t] + self.ratio[:, t] * (self.reward[:, t] + value - q[:, t])
            value = np.where(self.there[:, t], own, value)
        return value

    def at(self, name: str, weights: Floats) -> Floats:
        """The estimate for each row of weights of the learners; shape (replicates,)."""
        n = weights.sum(axis=1)
        if name == "observed":
            return np.asarray(weights @ self.total / n)
        if name == "ips":
            return np.asarray(weights @ (self.last * self.total) / n)
        if name == "pdis":
            return np.asarray(weights @ (self.weight * self.reward).sum(axis=1) / n)
        if name == "dm":
            assert self.log.v is not None
            return np.asarray(weights @ self._spread(self.log.v)[:, 0] / n)
        if name == "dr":
            assert self.doubly is not None
            return np.asarray(weights @ self.doubly / n)
        with np.errstate(invalid="ignore", divide="ignore"):
            if name == "snips":
                return np.asarray(weights @ (self.last * self.total) / (weights @ self.last))
            return np.asarray((weights @ (self.weight * self.reward) / (weights @ self.weight)).sum(axis=1))

    def overlap(self) -> Overlap:
        """How much the log has to say, with the reasons why it may have nothing to say."""
        n, w = len(self.total), self.last
        ess, largest = _ess(w), float(w.max() / w.sum()) if w.sum() > 0 else 1.0
        mean, se = float(w.mean()), float(w.std(ddof=1) / np.sqrt(n)) if n > 1 else float("inf")
        supported = float((self.log.target > 0).mean())
        reasons = []
        wanted = max(LEAST_ESS, LEAST_SHARE * n)
        if ess < wanted:
            reasons.append(f"the weight of {n:,} learners is that of {ess:.1f}; {wanted:.0f} are needed")
        if largest > LARGEST_WEIGHT:
            reasons.append(f"one learner carries {largest:.0%} of all weight; {LARGEST_WEIGHT:.0%} is the most allowed")
        if not reasons and abs(mean - 1) > FAR * se and abs(mean - 1) > 0.01:
            reasons.append(
                f"the mean weight is {mean:.3f} ± {se:.3f} and should be 1: the probabilities are not those of the "
                "log, or the judged policy does what was never logged"
            )
        return Overlap(
            n, self.there.shape[1], ess, ess / n, largest, mean, se, supported, tuple(reasons), tuple(self._warnings())
        )

    def _warnings(self) -> list[str]:
        log, out = self.log, []
        if (log.propensity == 1).all():
            out.append("every logged decision was certain: only a policy that decides the same can be judged")
        least = log.propensity.min()
        share = float((log.propensity == least).mean())
        if share > 0.2 and len(np.unique(log.propensity)) > 10:
            out.append(
                f"{share:.0%} of the propensities are exactly {least:g}: they look cut off, which biases every estimate"
            )
        if (uncommon := float((log.target == 0).mean())) > 0:
            out.append(
                f"{uncommon:.0%} of the logged decisions are never made by the judged policy; they count for nothing"
            )
        if (clusters := int(log.cluster.max()) + 1) < 20:
            out.append(f"there are {clusters} clusters to resample; intervals from fewer than 20 are too narrow")
        if log.q is not None and log.v is not None:
            apart = log.target / log.propensity * log.q - log.v
            if abs(apart.mean()) > FAR * apart.std() / np.sqrt(len(apart)) + 1e-9:
                out.append("v is not the mean of q over what the judged policy would decide, so dr is biased")
        return out


def _ess(weight: NDArray[np.floating]) -> float:
    squared = float((weight**2).sum())
    return float(weight.sum() ** 2 / squared) if squared > 0 else 0.0


def _told_up_to(table: _Table) -> int:
    """The most first decisions whose weights pass: it falls with every step."""
    n = len(table.total)
    told = 0
    for t in range(table.weight.shape[1]):
        w = table.weight[:, t]
        if w.sum() <= 0 or _ess(w) < max(LEAST_ESS, LEAST_SHARE * n) or w.max() / w.sum() > LARGEST_WEIGHT:
            break
        told = t + 1
    return told
