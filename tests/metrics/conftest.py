"""Small predictions tables: at random, and by hand."""

import json
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import pytest

from attain.core.facts import Facts
from attain.core.table import Predictions
from attain.metrics.discover import find

Simulate = Callable[..., Predictions]
ByHand = Callable[..., Predictions]
Pieces = Callable[..., Predictions]
ValueOf = Callable[[str, Predictions], float]


@pytest.fixture(scope="session")
def simulate() -> Simulate:
    """Answers at random, with ties among the scores, learners of several lengths, and answers with two skills."""

    def make(*, learners: int = 25, seed: int = 0, digits: int = 1, skills: int = 4) -> Predictions:
        rng = np.random.default_rng(seed)
        lengths = rng.integers(1, 16, learners)
        unit = np.repeat(np.arange(learners), lengths)
        n = len(unit)
        score = rng.random(n)
        names = [f"s{k}" for k in range(skills)]
        frame = pd.DataFrame(
            {
                "fold": unit % 3,
                "example": np.arange(n) * 7,
                "unit": [f"learner {u:03}" for u in unit],
                "target": (rng.random(n) < 0.2 + 0.6 * score).astype(float),
                "score": score.round(digits),
                "skill": ["~~".join(sorted(rng.choice(names, rng.integers(1, 3), replace=False))) for _ in range(n)],
                "step": np.arange(n) - np.repeat(np.cumsum(lengths) - lengths, lengths),
                "time_s": rng.integers(0, 200_000, n).astype(float),
                "duration_s": rng.exponential(200, n).round(),
            }
        )
        return Predictions(frame.sample(frac=1, random_state=seed).reset_index(drop=True))

    return make


@pytest.fixture(scope="session")
def by_hand() -> ByHand:
    """Answers of each learner on each skill as text: `{"ann": {"add": "0111"}}`, one skill after the other."""

    def make(
        answers: Mapping[str, Mapping[str, str]],
        *,
        seconds: Mapping[str, Mapping[str, list[float]]] | None = None,
        mastery: Mapping[str, Mapping[str, list[float]]] | None = None,
        known_at: Mapping[str, Mapping[str, int]] | None = None,
        needs: Sequence[tuple[str, str]] = (),
        order: str = "",
    ) -> Predictions:
        """Skills come one after the other, or in the order of their first letters for each learner: "aasa"."""
        rows, known = [], []
        for learner, skills in answers.items():
            step = 0
            for skill, text in skills.items():
                for place, answer in enumerate(text):
                    row = {"fold": 0, "example": len(rows), "unit": learner, "skill": skill, "step": step}
                    row |= {"target": float(answer), "score": 0.5}
                    if seconds:
                        row["duration_s"] = seconds[learner][skill][place]
                    if mastery:
                        known.append({"example": len(rows), "skill": skill, "mastery": mastery[learner][skill][place]})
                    rows.append(row)
                    step += 1
        frame = pd.DataFrame(rows)
        if order:
            frame["step"] = [_step(order, row["skill"], k) for row, k in zip(rows, _places(frame), strict=True)]
        facts = Facts(_truth(known_at), pd.DataFrame(needs, columns=["skill", "needs"]) if needs else None)
        return Predictions(frame, pd.DataFrame(known) if mastery else None, facts)

    return make


def _truth(known_at: Mapping[str, Mapping[str, int]] | None) -> pd.DataFrame | None:
    if known_at is None:
        return None
    rows = [(learner, skill, at) for learner, own in known_at.items() for skill, at in own.items()]
    return pd.DataFrame(rows, columns=["learner", "skill", "known_at"])


def _places(frame: pd.DataFrame) -> list[int]:
    return frame.groupby(["unit", "skill"]).cumcount().tolist()


def _step(order: str, skill: str, place: int) -> int:
    """Where in the order the skill's first letter stands for the how-manieth time."""
    return [step for step, letter in enumerate(order) if letter == skill[0]][place]


@pytest.fixture(scope="session")
def pieces() -> Pieces:
    """Generated pieces, each a prompt of its own unless `unit` says otherwise; other columns by name.

    `references` and `options` are given as lists; a text of None was not delivered.
    """

    def make(texts: Sequence[str | None], **columns: Sequence[object]) -> Predictions:
        written = {
            name: [json.dumps(v, ensure_ascii=False) for v in values] if name in ("references", "options") else values
            for name, values in columns.items()
        }
        frame = pd.DataFrame(
            {
                "fold": 0,
                "example": np.arange(len(texts)),
                "unit": [f"p{k}" for k in range(len(texts))],
                "target": np.nan,
                "score": [float(bool(text)) for text in texts],
                "text": [text or "" for text in texts],
            }
        )
        frame["text"] = frame["text"].astype(object)
        return Predictions(frame.assign(**{name: list(values) for name, values in written.items()}))

    return make


@pytest.fixture(scope="session")
def value_of() -> ValueOf:
    """A metric's value on all units; NaN where undefined."""

    def value(identity: str, table: Predictions) -> float:
        return float(find(identity).statistic(table).at(np.ones((1, len(table.units))))[0])

    return value
