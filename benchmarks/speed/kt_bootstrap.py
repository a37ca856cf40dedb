"""How fast are our intervals? 1,000 bootstrap replicates of two models' AUC over learners, against a plain loop.

    python benchmarks/speed/kt_bootstrap.py           # the size of the test part of ASSISTments 2009
    python benchmarks/speed/kt_bootstrap.py --rows 500000

The loop is what people write: draw learners, gather their rows, ask scikit-learn's `roc_auc_score`, once for each
model. Ours sorts the scores once and passes over them with the learners' multiplicities as weights. Both get the same
draws; the exit status is 1 if any replicate differs by more than 1e-9. The loop is timed on the first of the replicates
(`--loop`), and its time counted up. CPU seconds of one thread.
"""

import argparse
import sys
import time

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from attain.core.table import Rows
from attain.metrics._auc import SortedAnswers
from attain.metrics.intervals import bootstrap_weights

Floats = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=57_643)
    parser.add_argument("--learners", type=int, default=623)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--loop", type=int, default=50, help="replicates that the loop is timed on")
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    unit = np.sort(rng.integers(0, asked.learners, asked.rows)).astype(np.int32)
    target = (rng.random(asked.rows) < 0.65).astype(float)
    scores = [np.clip(rng.normal(0.55 + shift * target, 0.2), 0, 1) for shift in (0.15, 0.2)]
    ours(unit, target, scores, asked.learners, 2)  # compiles
    found, seconds = ours(unit, target, scores, asked.learners, asked.replicates)
    expected, loop_seconds = loop(unit, target, scores, asked.learners, asked.replicates, asked.loop)
    worst = float(np.abs(found[:, : asked.loop] - expected).max())
    whole = loop_seconds * asked.replicates / asked.loop
    print(f"{asked.replicates:,} replicates x 2 models x {asked.rows:,} answers of {asked.learners:,} learners")
    print(f"ours                      {seconds:8.3f} CPU-s")
    print(
        f"loop over roc_auc_score   {whole:8.1f} CPU-s, from {asked.loop} replicates: {whole / seconds:,.0f} times ours"
    )
    print(f"greatest difference of a replicate: {worst:.1e}")
    if worst > 1e-9:
        sys.exit("The replicates differ.")


def ours(
    unit: NDArray[np.int32], target: Floats, scores: list[Floats], learners: int, replicates: int
) -> tuple[Floats, float]:
    """Replicates of each model, shape (2, replicates), and CPU seconds, draws and sorting included."""
    start = time.process_time()
    names = np.arange(learners).astype(object)
    ranked = [SortedAnswers.of(Rows({"target": target, "score": score}, unit, names)) for score in scores]
    drawn = [[one.mean(weights) for one in ranked] for weights in bootstrap_weights(learners, replicates, seed=0)]
    return np.concatenate(drawn, axis=1), time.process_time() - start


def loop(
    unit: NDArray[np.int32], target: Floats, scores: list[Floats], learners: int, replicates: int, some: int
) -> tuple[Floats, float]:
    """The first `some` replicates on rows drawn anew, and CPU seconds."""
    weights = np.concatenate(list(bootstrap_weights(learners, replicates, seed=0)))[:some].astype(int)
    rows = [np.flatnonzero(unit == u) for u in range(learners)]
    out = np.empty((2, some))
    start = time.process_time()
    for r, times in enumerate(weights):
        drawn = np.concatenate([rows[u] for u in np.repeat(np.arange(learners), times)])
        for m, score in enumerate(scores):
            out[m, r] = roc_auc_score(target[drawn], score[drawn])
    return out, time.process_time() - start


if __name__ == "__main__":
    main()
