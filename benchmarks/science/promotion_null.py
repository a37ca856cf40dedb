"""How often does a gate promote a model that is no better? Simulated champions and challengers of equal worth.

    python benchmarks/science/promotion_null.py                   # 1,000 pairs of models, 30 nights: minutes
    python benchmarks/science/promotion_null.py --pairs 100       # a look

Both models know each learner's chance of a right answer but for errors of the same size, some of them shared by all
answers of a learner. *One look*: 200 learners, each with some thirty answers; the challenger is promoted if the test
says that it is better. *Thirty nights*: the data grow by twenty learners a night, and a challenger that is not promoted
is tried again the next night. The nominal rate of every rule is 5 %: where there is one look, the test is asked at a
one-sided 5 %; the gate spends 5 % on all looks together, and so 2.5 % on the first. Beside it, what other rules do: a
test that takes answers one by one, and the same test by learner without an account of looks.
"""

import argparse
import json
import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy.stats import binomtest, norm

from attain.core.table import Predictions
from attain.metrics.discover import find
from attain.metrics.superiority import gain, level_of

ALPHA, NIGHTS, FIRST, MORE = 0.05, 30, 200, 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pairs", type=int, default=1000, help="of models of equal worth")
    chosen = parser.parse_args()
    begun = time.process_time()
    rows = [one_look(chosen.pairs, name) for name in ("auc", "log_loss")]
    rows += nights(chosen.pairs)
    rows += [power(chosen.pairs // 5, better) for better in (0.1, 0.2)]
    print(json.dumps({"rows": rows, "cpu_s": round(time.process_time() - begun)}, indent=1))
    gate = [row for row in rows if row["rule"].startswith("the gate") and "better" not in row["world"]]
    return 0 if all(row["interval"][0] <= ALPHA for row in gate) else 1


def one_look(pairs: int, name: str) -> dict[str, object]:
    metric, at_five, by_gate, by_answer = find(name), 0, 0, 0
    for seed in range(pairs):
        frames = world(np.random.default_rng(seed), FIRST)
        p = gain(*map(Predictions, frames), metric).p
        at_five += p is not None and p <= ALPHA
        by_gate += p is not None and p <= level_of(1)
        by_answer += answer_by_answer(*frames) <= ALPHA
    return {
        "world": f"equal models, one look, {FIRST} learners, {name}",
        "rule": "the gate's test, asked once at 5 %",
        "promoted": at_five / pairs,
        "interval": interval(at_five, pairs),
        "at_the_level_of_the_first_look": by_gate / pairs,
        **({"answer_by_answer_at_5_percent": by_answer / pairs} if name == "log_loss" else {}),
    }


def nights(pairs: int) -> list[dict[str, object]]:
    metric, rules = find("log_loss"), {"the gate, looks accounted for": 0, "the same test, each night at 5 %": 0}
    for seed in range(pairs):
        frames = world(np.random.default_rng(10_000 + seed), FIRST + MORE * (NIGHTS - 1))
        fired = dict.fromkeys(rules, False)
        for night in range(NIGHTS):
            there = [frame[frame["unit"] < FIRST + MORE * night].reset_index(drop=True) for frame in frames]
            p = gain(*map(Predictions, there), metric, replicates=200).p
            levels = (level_of(night + 1), ALPHA)
            for rule, level in zip(rules, levels, strict=True):
                fired[rule] |= p is not None and p <= level
        for rule in rules:
            rules[rule] += fired[rule]
    start = f"equal models, {NIGHTS} nights, {FIRST} to {FIRST + MORE * (NIGHTS - 1)} learners, log_loss"
    return [
        {"world": start, "rule": rule, "promoted": count / pairs, "interval": interval(count, pairs)}
        for rule, count in rules.items()
    ]


def power(pairs: int, better: float) -> dict[str, object]:
    won = 0
    for seed in range(pairs):
        frames = world(np.random.default_rng(50_000 + seed), FIRST, better)
        p = gain(*map(Predictions, frames), find("log_loss")).p
        won += p is not None and p <= level_of(1)
    return {
        "world": f"a challenger whose errors are {better:.0%} smaller, one look, {FIRST} learners, log_loss",
        "rule": "the gate, first look",
        "promoted": won / pairs,
        "interval": interval(won, pairs),
    }


def world(rng: np.random.Generator, learners: int, better: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predictions of a challenger and of a champion, whose errors on a learner's answers belong together."""
    counts = rng.poisson(30, learners) + 1
    unit = np.repeat(np.arange(learners), counts)
    truth = rng.normal(0.3, 0.8, learners)[unit] + rng.normal(0, 0.6, len(unit))
    target = (rng.random(len(unit)) < 1 / (1 + np.exp(-truth))).astype(float)
    keys = pd.DataFrame({"fold": 0, "example": np.arange(len(unit)), "unit": unit, "target": target})
    frames = []
    for size in (1 - better, 1.0):
        errors = rng.normal(0, 0.6, learners)[unit] + rng.normal(0, 0.3, len(unit))
        frames.append(keys.assign(score=1 / (1 + np.exp(-truth - size * errors))))
    return frames[0], frames[1]


def answer_by_answer(challenger: pd.DataFrame, champion: pd.DataFrame) -> float:
    """The p value of a test that takes each answer as if it were alone."""
    loss = [-np.log(np.where(f["target"] == 1, f["score"], 1 - f["score"])) for f in (champion, challenger)]
    won = loss[0] - loss[1]
    return float(norm.sf(won.mean() / (won.std(ddof=1) / np.sqrt(len(won)))))


def interval(count: int, n: int) -> list[float]:
    ends = binomtest(count, n).proportion_ci()
    return [round(float(ends.low), 4), round(float(ends.high), 4)]


if __name__ == "__main__":
    sys.exit(main())
