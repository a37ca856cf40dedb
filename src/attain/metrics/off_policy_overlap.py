"""Whether a log of decisions can tell of another policy at all: looked at before any estimate is made.

A learner's weight is the product of how much likelier the judged policy was to decide as was decided. Where few
learners carry all the weight, every estimate is made of those few, and its small spread says nothing. The weights are
looked at after every decision, since estimates decision by decision use them all.
"""

from dataclasses import dataclass

import numpy as np

from attain.metrics.off_policy_log import Decisions, Floats

LEAST_ESS, LEAST_SHARE = 50.0, 0.05
"""The effective number of learners must reach both: so many, and this share of all."""
LARGEST_WEIGHT = 0.1
"""No learner may carry more of all weight than this."""
FAR = 4.0
"""The mean weight must be 1 within so many standard errors, or the probabilities are not those of the log."""
NEAR = 0.01
"""A mean weight so near to 1 is not held against a log, however sure it is."""
FEW_CLUSTERS = 20
CUT_SHARE = 0.2
"""So many propensities that are exactly the least one look cut off."""


@dataclass(frozen=True)
class Overlap:
    """How much the log has to say of a policy.

    Attributes:
        learners: how many there are.
        clusters: groups that are resampled together; as many as learners where none are named.
        horizon: the most decisions that a learner has.
        ess: effective number of learners, (sum w)^2 / sum w^2 of their weights at the end (Kish 1965).
        ess_share: of all learners.
        largest_share: the share of all weight that one learner carries at the end; None where there is no weight.
        mean_weight: of all learners at the end; 1 is expected.
        mean_weight_se: its standard error, over clusters where that is larger; None for one learner.
        supported: share of logged decisions that the judged policy could have made.
        told_up_to: the most first decisions of each learner of which the log can tell; 0 for none.
        reasons: why the log cannot tell; empty where it can.
        warnings: what a reader must know although it can.
    """

    learners: int
    clusters: int
    horizon: int
    ess: float
    ess_share: float
    largest_share: float | None
    mean_weight: float
    mean_weight_se: float | None
    supported: float
    told_up_to: int
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]


def overlap_of(log: Decisions) -> Overlap:
    """How much the log has to say, with the reasons why it may have nothing to say."""
    told, reasons = 0, []
    for weights in log.log_weights():
        if reasons := _Weights(log, weights).reasons():
            break
        told += 1
    end = _Weights(log, np.add.reduceat(log.log_ratio(), log.start[:-1]))
    if reasons:
        at_end = end.reasons()
        reasons = at_end or [f"after {told + 1} of {log.horizon} decisions, {reason}" for reason in reasons]
    return Overlap(
        log.n_learners,
        log.n_clusters,
        log.horizon,
        end.ess,
        end.ess / log.n_learners,
        end.largest,
        end.mean,
        end.mean_se,
        float((log.target > 0).mean()),
        told,
        tuple(reasons),
        tuple(_warnings(log)),
    )


class _Weights:
    """What the weights of all learners come to, worked out beside the largest one so that none is too large to hold."""

    def __init__(self, log: Decisions, log_weight: Floats) -> None:
        self.n = log.n_learners
        self.largest: float | None = None
        self.mean_se: float | None = None
        top = float(log_weight.max())
        if top == -np.inf:
            self.ess, self.mean, self.far = 0.0, 0.0, True
            return
        relative = np.exp(log_weight - top)
        self.ess = float(relative.sum() ** 2 / (relative**2).sum())
        self.largest = float(1 / relative.sum())
        mean, se = float(relative.mean()), _standard_error(log, relative)
        with np.errstate(over="ignore"):
            one, unit = float(np.exp(-top)), float(np.exp(top))
        self.mean = mean * unit
        self.mean_se = se * unit if np.isfinite(se) else None
        self.far = abs(mean - one) > max(FAR * se, NEAR * one)

    def reasons(self) -> list[str]:
        """Why these weights can carry no estimate; empty where they can."""
        if self.largest is None:
            return ["no learner was taught as the judged policy could have taught"]
        out = []
        wanted = max(LEAST_ESS, LEAST_SHARE * self.n)
        if self.ess < wanted:
            out.append(
                f"the weight of {self.n:,} learner{'s' * (self.n != 1)} is that of {self.ess:,.1f}; "
                f"{wanted:,.0f} are needed"
            )
        if self.largest > LARGEST_WEIGHT:
            out.append(
                f"one learner carries {self.largest:.0%} of all weight; {LARGEST_WEIGHT:.0%} is the most allowed"
            )
        if not out and self.far:
            out.append(
                f"the mean weight is {self.mean:.3f} ± {self.mean_se or 0:.3f} and should be 1: the probabilities are "
                "not those of the log, or the judged policy does what was never logged"
            )
        return out


def _standard_error(log: Decisions, weight: Floats) -> float:
    """Of the mean over learners; the larger of taking learners, or clusters, as independent."""
    n = log.n_learners
    if n < 2:
        return float("inf")
    apart = weight - weight.mean()
    alone = float(weight.std(ddof=1) / np.sqrt(n))
    if not 1 < log.n_clusters < n:
        return alone
    together = np.bincount(log.cluster, apart)
    return max(alone, float(np.sqrt((together**2).sum() * log.n_clusters / (log.n_clusters - 1)) / n))


def _warnings(log: Decisions) -> list[str]:
    out = []
    if (certain := float((log.propensity == 1).mean())) == 1:
        out.append("every logged decision was certain: only a policy that decides the same can be judged")
    elif certain > 0:
        out.append(
            f"{certain:.0%} of the logged decisions were certain: what else might have been done there is unknown"
        )
    least = log.propensity.min()
    share = float((log.propensity == least).mean())
    if share > CUT_SHARE and least < 1 and len(np.unique(log.propensity)) > 10:
        out.append(
            f"{share:.0%} of the propensities are exactly {least:g}: they look cut off, which biases every estimate"
        )
    if (never := float((log.target == 0).mean())) > 0:
        out.append(f"{never:.0%} of the logged decisions are never made by the judged policy; they count for nothing")
    if log.n_clusters == 1:
        out.append("there is one cluster to resample, so there are no intervals")
    elif log.n_clusters < min(FEW_CLUSTERS, log.n_learners):
        out.append(
            f"there are {log.n_clusters} clusters to resample; intervals from fewer than {FEW_CLUSTERS} are too narrow"
        )
    return out
