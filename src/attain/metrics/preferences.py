"""Which system people prefer, from judgements of pairs: Bradley-Terry strengths (Hunter 2004), ties as half wins.

Unlike Elo ratings, strengths do not depend on the order of the judgements.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr

from attain.metrics.intervals import bootstrap_weights, percentile
from attain.metrics.proportions import wilson

Array = NDArray[np.float64]
PRIOR = 0.1
"""Judgements against an average system that each system is given, half of them won: none is infinitely strong."""
ENOUGH = 1e-9
MOST_STEPS = 2_000


@dataclass(frozen=True)
class Strength:
    """How strong one system is.

    Attributes:
        system: which.
        value: log-strength, 0 for the average; a system wins against another with probability
            1 / (1 + exp(theirs - its)).
        low: lower end of the 95 % interval (bootstrap over prompts), or None.
        high: upper end.
        wins: judgements won, a tie counting as half.
        n: judgements.
    """

    system: str
    value: float
    low: float | None
    high: float | None
    wins: float
    n: int


@dataclass(frozen=True)
class Position:
    """Whether the one that stands first is preferred for standing there.

    Attributes:
        share: of decided judgements that went to the first; 0.5 without bias, if order was drawn by lot.
        low: lower end of the 95 % interval (Wilson).
        high: upper end.
        p: of a share of 0.5 (exact binomial test).
        n: decided judgements.
    """

    share: float
    low: float
    high: float
    p: float
    n: int


@dataclass(frozen=True)
class Preferences:
    """What the judgements say.

    Attributes:
        strengths: strongest first; empty where there is a reason.
        unclear: pairs of neighbours in that order whose difference has an interval that holds 0.
        n: judgements.
        ties: those that are ties.
        prior: judgements against an average system that each was given.
        position: bias for the first place; None where none was decided.
        notes: sentences that must stand beside the strengths.
        reason: why there are no strengths; "" where there are.
    """

    strengths: tuple[Strength, ...]
    unclear: tuple[tuple[str, str], ...]
    n: int
    ties: int
    prior: float
    position: Position | None
    notes: tuple[str, ...]
    reason: str = ""


def preferences(
    first: NDArray[np.integer],
    second: NDArray[np.integer],
    won: Array,
    unit: NDArray[np.integer],
    systems: Sequence[str],
    *,
    prior: float = PRIOR,
    replicates: int = 1000,
    seed: int = 0,
) -> Preferences:
    """Strengths of systems from judgements.

    Args:
        first: shape (n,), the system that stood first, a place in `systems`.
        second: shape (n,), the other.
        won: shape (n,), 1 where the first won, 0 where the second, 0.5 for a tie.
        unit: shape (n,), the prompt, from 0; intervals draw prompts.
        systems: names.
        prior: see `PRIOR`; 0 for plain maximum likelihood, which does not exist where a system never lost or never won.
        replicates: how often prompts are drawn anew; 0 for no intervals.
        seed: of the draws.
    """
    k, ties = len(systems), int((won == 0.5).sum())
    wins = np.zeros((int(unit.max(initial=-1)) + 1, k, k))
    np.add.at(wins, (unit, first, second), won)
    np.add.at(wins, (unit, second, first), 1 - won)
    total = wins.sum(axis=0)
    groups = components(total + total.T > 0)
    position = _position(won)
    if len(groups) > 1:
        named = "; ".join(", ".join(systems[s] for s in group) for group in groups)
        reason = f"the comparisons do not connect all systems, so their strengths have no common scale: {named}"
        return Preferences((), (), len(won), ties, prior, position, (), reason)
    value = bradley_terry(total[None], prior)[0]
    drawn = [
        bradley_terry((weights @ wins.reshape(len(wins), -1)).reshape(-1, k, k), prior)
        for weights in bootstrap_weights(len(wins), replicates, seed)
    ]
    replicated = np.concatenate(drawn) if drawn else np.empty((0, k))
    order = np.argsort(-value, kind="stable")
    strengths = tuple(_strength(systems[s], value[s], replicated[:, s], total[s], total[:, s]) for s in order)
    unclear = tuple(
        (systems[a], systems[b])
        for a, b in pairwise(order)
        if (ends := percentile(replicated[:, a] - replicated[:, b])) is None or ends[0] <= 0
    )
    notes = _extremes(systems, total, prior)
    return Preferences(strengths, unclear, len(won), ties, prior, position, notes)


def bradley_terry(wins: Array, prior: float = PRIOR) -> Array:
    """Log-strengths with mean 0, by minorisation and maximisation.

    >>> bradley_terry(np.array([[[0.0, 3.0], [1.0, 0.0]]]), prior=0).round(3).tolist()
    [[0.549, -0.549]]

    Args:
        wins: shape (replicates, k, k): how often the row's system won against the column's.
        prior: judgements against an average system, of strength 1, that each is given.

    Returns:
        shape (replicates, k).
    """
    games = wins + wins.transpose(0, 2, 1)
    won = wins.sum(axis=2) + prior / 2
    strength = np.ones(won.shape)
    for _ in range(MOST_STEPS):
        expected = (games / (strength[:, :, None] + strength[:, None, :])).sum(axis=2) + prior / (strength + 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            new = np.where(expected > 0, won / expected, strength)
            new = new if prior else new / np.exp(np.log(new).mean(axis=1, keepdims=True))
        moved = float(np.abs(np.log(new / strength)).max(initial=0))
        strength = new
        if moved < ENOUGH:
            break
    logs = np.log(strength)
    return np.asarray(logs - logs.mean(axis=1, keepdims=True))


def components(compared: NDArray[np.bool_]) -> list[list[int]]:
    """Systems that judgements connect, directly or through others; the largest group first.

    >>> components(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=bool))
    [[0, 1], [2]]
    """
    left, groups = set(range(len(compared))), []
    while left:
        group, edge = set(), {min(left)}
        while edge:
            group |= edge
            edge = {int(s) for s in np.flatnonzero(compared[sorted(edge)].any(axis=0))} - group
        left -= group
        groups.append(sorted(group))
    return sorted(groups, key=len, reverse=True)


def _strength(system: str, value: float, replicated: Array, won: Array, lost: Array) -> Strength:
    low, high = percentile(replicated) or (None, None)
    return Strength(system, float(value), low, high, float(won.sum()), round(float(won.sum() + lost.sum())))


def _extremes(systems: Sequence[str], total: Array, prior: float) -> tuple[str, ...]:
    """A sentence for each system whose strength only the prior bounds."""
    notes = []
    for what, none in (("lost", total.sum(axis=0) == 0), ("won", total.sum(axis=1) == 0)):
        for s in np.flatnonzero(none):
            notes.append(
                f"{systems[s]} never {what}: only the prior ({prior:g} judgements against an average system, half of "
                "them won) keeps its strength finite."
            )
    return tuple(notes)


def _position(won: Array) -> Position | None:
    decided = won[won != 0.5]
    if not len(decided):
        return None
    n, first = len(decided), int(decided.sum())
    p = min(1.0, 2 * float(bdtr(min(first, n - first), n, 0.5)))
    low, high = wilson(first, n)
    return Position(first / n, float(low), float(high), p, n)
