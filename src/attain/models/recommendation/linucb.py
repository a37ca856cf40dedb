"""A linear bandit: what an item is worth to a learner by what is known of both, plus a bonus for what is not."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.choices import Choices
from attain.models._saved import Learned, Saved
from attain.models.recommendation._taken import taken
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender

FEATURES = ("one", "taken by", "same skills", "new skills", "startable", "next in line")
"""What a pair of learner and item is told by: 1; the share of learners who took the item; how much the item's skills
are those of what was taken; the share of its skills that are new; whether all its direct prerequisites were taken; and
how near it stands behind the learner's latest item in the usual order."""
DRAWN = 4
"""Items drawn for each that was taken, to learn what is not."""
AT_ONCE = 200
"""Learners whose features are in memory at once."""
DECISIONS = 200_000
"""Choices that are learned from, at most."""


class LinUCBParams(Params):
    """Parameters of `linucb`."""

    bonus: float = Field(default=0.5, ge=0)
    """How many standard deviations of its estimate are added to it; 0 takes the best guess."""
    ridge: float = Field(default=1, gt=0)
    """How strongly weights are drawn to 0."""


class LinUCB(Saved, Recommender):
    """Linear upper confidence bounds with weights that all items share (Li et al. 2010, the shared part of alg. 2).

    The reward is whether an item was taken next, learned from the log: each choice against items drawn at random. On a
    log the bonus cannot pay; it is there for use.

    References:
        Li, L., Chu, W., Langford, J., & Schapire, R. E. (2010). A contextual-bandit approach to personalized news
        article recommendation. WWW, 661-670.
    """

    name = "linucb"
    params: LinUCBParams
    learned: Learned
    """Arrays `weight`, shape (n_features,), `inverse`, shape (n_features, n_features), and of the items `share` and
    `place`, shape (n_items,)."""

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        events = np.bincount(log.item, minlength=len(log.items))
        share = np.bincount(log.item[~log.repeated], minlength=len(log.items)) / max(len(log.present), 1)
        along = np.bincount(log.item, log.step, len(log.items)) / np.maximum(events, 1)
        arrays = {"share": share, "place": np.argsort(np.argsort(along, kind="stable")).astype(np.float64)}
        self.learned = Learned(arrays, {"items": log.items})
        gram, reward = self.params.ridge * np.eye(len(FEATURES)), np.zeros(len(FEATURES))
        drawn = context.rng.permutation(len(log.present))
        done = 0
        for at in np.array_split(drawn, max(1, len(drawn) // 500)):
            learners = np.sort(log.present[at])
            x, y = self._decisions(log.of_learners(learners), learners, context.rng)
            gram += x.T @ x
            reward += x.T @ y
            done += int(y.sum())
            if done >= DECISIONS:
                break
        inverse = np.linalg.inv(gram)
        self.learned = Learned({**arrays, "inverse": inverse, "weight": inverse @ reward}, {"items": log.items})

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        arrays = self.learned.arrays
        weight, inverse = arrays["weight"].astype(np.float64), arrays["inverse"].astype(np.float64)
        out = np.empty((len(learners), len(history.items)), dtype=np.float32)
        for begin in range(0, len(learners), AT_ONCE):
            part = learners[begin : begin + AT_ONCE]
            x = self._features(history.of_learners(part), part)
            unsure = np.sqrt(((x @ inverse) * x).sum(axis=-1))
            out[begin : begin + AT_ONCE] = x @ weight + self.params.bonus * unsure
        return out

    def _decisions(
        self, log: Choices, learners: NDArray[np.int32], generator: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The last choice of each learner after at least one other, against items drawn; features and rewards."""
        last = log.learner_start[1:] - 1
        several = np.diff(log.learner_start) > 1
        before = np.ones(len(log), dtype=bool)
        before[last] = False
        x = self._features(log.take(before), learners)[several]
        item = log.item[last][several]
        other = generator.integers(len(log.items), size=(DRAWN, len(item)))
        row = np.arange(len(item))
        told = np.concatenate([x[row, item], *(x[row, drawn] for drawn in other)])
        return told, np.concatenate([np.ones(len(item)), np.zeros(DRAWN * len(item))])

    def _features(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.float64]:
        """Shape (n_learners, n_items, n_features)."""
        arrays, n, m = self.learned.arrays, len(learners), len(history.items)
        x = np.zeros((n, m, len(FEATURES)))
        x[..., 0] = 1
        x[..., 1] = arrays["share"].astype(np.float64)
        x[..., 2], x[..., 3] = _skills(history, learners)
        took = np.zeros((n, m), dtype=bool)
        row = np.searchsorted(learners, history.learner)
        took[row, history.item] = True
        x[..., 4] = 1
        for before, after in zip(history.before, history.after, strict=True):
            x[:, after, 4] *= took[:, before]
        if len(history):
            place = arrays["place"].astype(np.float64)
            last = history.learner_start[1:] - 1
            ahead = place - place[history.item[last]][:, None]
            x[row[last], :, 5] = np.where(ahead > 0, np.exp(-ahead / 10), 0)
        return x


def _skills(history: Choices, learners: NDArray[np.int32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much of what each learner took was about each item's skills, and the share of its skills that are new."""
    from scipy.sparse import csr_matrix

    own, counts = taken(history, learners), np.diff(history.skill_start)
    shape = (len(counts), max(len(history.skills), 1))
    about = csr_matrix((np.ones(len(history.skill)), history.skill, history.skill_start), shape=shape)
    took = csr_matrix((np.ones(len(own.item)), own.item, own.start), shape=(len(learners), len(counts)))
    met = took @ about
    each = 1 / np.maximum(counts, 1)
    share = met.multiply(1 / np.maximum(met.sum(axis=1), 1)) @ about.T
    known = met.sign() @ about.T
    return share.toarray() * each, np.where(counts > 0, 1 - known.toarray() * each, 0)
