"""What a log of another policy's decisions tells of a policy's value, where it can tell.

The value is the mean over learners of the rewards of all their decisions. Whether the log can tell is asked first, of
the weights (`off_policy_overlap`); where it cannot, no estimate is given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from attain.metrics.intervals import bootstrap_weights, percentile
from attain.metrics.off_policy_log import Decisions, Floats
from attain.metrics.off_policy_overlap import FAR, Overlap, overlap_of

LONG = 10
"""With more decisions than this, only estimates that weigh decision by decision are made."""
BY_HISTORY = ("ips", "snips")
MODEL_ALONE = "dm"


@dataclass(frozen=True)
class Estimate:
    """One estimate of the value, and of its difference from what was logged; 95 % intervals by bootstrap over clusters.

    Attributes:
        name: `ips`, `snips`, `pdis`, `wpdis`, `dm` or `dr`.
        value: of the judged policy, per learner.
        low: lower end of its interval; None where there is a single cluster.
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
        observed_low: lower end of its 95 % interval; None where there is a single cluster.
        observed_high: upper end.
        estimates: empty where the value is not identifiable from this log.
    """

    overlap: Overlap
    observed: float
    observed_low: float | None
    observed_high: float | None
    estimates: tuple[Estimate, ...]

    @property
    def identifiable(self) -> bool:
        """Whether there is an answer."""
        return not self.overlap.reasons


def judge(
    log: Decisions, *, steps: int | None = None, estimated: bool = False, replicates: int = 1000, seed: int = 0
) -> OffPolicy:
    """Judge a policy by a log of another's decisions.

    Args:
        log: the decisions, with the probabilities of both policies.
        steps: judge only so many first decisions of each learner; None for all.
        estimated: the propensities were worked out afterwards and not logged; said beside the estimates.
        replicates: bootstrap replicates behind each interval.
        seed: of the bootstrap.

    Raises:
        UserError: there are too many learners and decisions to hold at once.

    References:
        Precup, D., Sutton, R. S., & Singh, S. (2000). Eligibility traces for off-policy policy evaluation. ICML.
        Jiang, N. & Li, L. (2016). Doubly robust off-policy value evaluation for reinforcement learning. ICML.
    """
    cut = log if steps is None else log.first(steps)
    overlap = overlap_of(cut)
    if not overlap.reasons:
        overlap = replace(overlap, warnings=(*overlap.warnings, *_warnings(log, cut, estimated=estimated)))
    known = {"observed": _observed(cut)} if overlap.reasons else sums(cut)
    once = np.ones((1, cut.n_clusters))
    values = {name: float(_at(own, once)[0]) for name, own in known.items()}
    drawn: dict[str, list[Floats]] = {name: [] for name in known}
    if cut.n_clusters > 1:  # the only cluster is in every draw, and would look certain
        for weights in bootstrap_weights(cut.n_clusters, replicates, seed):
            for name, own in known.items():
                drawn[name].append(_at(own, weights))
    together = {name: np.concatenate([np.zeros(0), *parts]) for name, parts in drawn.items()}
    observed, logged = values.pop("observed"), together.pop("observed")
    estimates = []
    for name, value in values.items():
        low, high = percentile(together[name]) or (None, None)
        gain_low, gain_high = percentile(together[name] - logged) or (None, None)
        estimates.append(Estimate(name, value, low, high, value - observed, gain_low, gain_high))
    low, high = percentile(logged) or (None, None)
    return OffPolicy(overlap, observed, low, high, tuple(estimates))


def verdict(found: OffPolicy) -> str:
    """The answer in words; "more" or "less" only where the intervals of all estimates that use the log say so."""
    if not found.identifiable:
        return "not identifiable from this log"
    if found.overlap.clusters == 1:
        return "without intervals it cannot be said whether that is more than the logged policy earned"
    used = [one for one in found.estimates if one.name != MODEL_ALONE]
    more = [one.name for one in used if one.gain_low is not None and one.gain_low > 0]
    less = [one.name for one in used if one.gain_high is not None and one.gain_high < 0]
    if len(more) == len(used) or len(less) == len(used):
        return f"the judged policy would earn {'more' if more else 'less'} than the logged one, by every estimate"
    if more and less:
        return f"the estimates contradict each other: more by {', '.join(more)}, less by {', '.join(less)}"
    if not more and not less:
        return "no clear difference from the logged policy"
    unclear = ", ".join(one.name for one in used if one.name not in more + less)
    return (
        f"{'more' if more else 'less'} than the logged policy by {', '.join(more or less)}, but not clear by {unclear}"
    )


Sums = tuple[Floats, Floats]
"""Numerators and denominators by cluster, shape (n_clusters, k) each: an estimate is the sum of k ratios of sums."""


def sums(log: Decisions) -> Mapping[str, Sums]:
    """What each estimate is a ratio of, `observed` among them; name to sums."""
    reward, count = log.by_step(log.reward), _count(log)
    weight = np.exp(np.cumsum(log.by_step(log.log_ratio()), axis=1))  # beyond the last step the weight stays
    weighted = weight * reward
    out: dict[str, Floats] = {}
    if log.horizon <= LONG:
        out["ips"] = (weight[:, -1] * reward.sum(axis=1))[:, None]
    out["pdis"] = weighted.sum(axis=1, keepdims=True)
    if log.model is not None:
        out["dm"] = log.model[1][log.start[:-1], None]
        out["dr"] = _doubly_robust(log, *log.model)[:, None]
    found = {"observed": _observed(log)} | {name: (log.by_cluster(own), count) for name, own in out.items()}
    found["wpdis"] = (log.by_cluster(weighted), log.by_cluster(weight))
    if "ips" in found:
        found["snips"] = (found["ips"][0], log.by_cluster(weight[:, -1:]))
    order = ("observed", "ips", "snips", "pdis", "wpdis", "dm", "dr")
    return {name: found[name] for name in order if name in found}


def _observed(log: Decisions) -> Sums:
    return log.by_cluster(np.add.reduceat(log.reward, log.start[:-1])[:, None]), _count(log)


def _count(log: Decisions) -> Floats:
    return log.by_cluster(np.ones((log.n_learners, 1)))


def _at(own: Sums, weights: Floats) -> Floats:
    """An estimate for each row of weights of the clusters; NaN where no weight is left; shape (replicates,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(((weights @ own[0]) / (weights @ own[1])).sum(axis=1))


def _doubly_robust(log: Decisions, q: Floats, v: Floats) -> Floats:
    """V_t = v_t + w_t (r_t + V_{t+1} - q_t), from the last step on; V_0 of each learner (Jiang & Li 2016, sec. 4).

    Unbiased where v is the mean of q over what the judged policy would decide.
    """
    ratio, lengths = np.exp(log.log_ratio()), log.lengths
    value = np.zeros(log.n_learners)
    for step in range(log.horizon - 1, -1, -1):
        going = np.flatnonzero(lengths > step)
        at = log.start[going] + step
        value[going] = v[at] + ratio[at] * (log.reward[at] + value[going] - q[at])
    return value


def _warnings(log: Decisions, cut: Decisions, *, estimated: bool) -> list[str]:
    out = []
    if estimated:
        out.append("the propensities were not logged: what the choice went by and they leave out biases every estimate")
    if cut.horizon > LONG:
        out.append(
            f"with more than {LONG} decisions, {' and '.join(BY_HISTORY)} are left out: they weigh whole histories"
        )
    if log.model is not None and cut.model is None:
        out.append("q and v look beyond the decisions judged, so dm and dr are left out")
    if cut.model is not None:
        q, v = cut.model
        apart = np.add.reduceat(np.exp(cut.log_ratio()) * q - v, cut.start[:-1])
        if len(apart) > 1 and abs(apart.mean()) > FAR * apart.std(ddof=1) / np.sqrt(len(apart)) + 1e-9:
            out.append("v is not the mean of q over what the judged policy would decide, so dr is biased")
    return out
