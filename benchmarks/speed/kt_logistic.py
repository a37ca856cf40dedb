"""How fast is Best-LR, from answers to weights? Our fit against scikit-learn's on the same matrix, in one run.

    ATTAIN_DATA=... python benchmarks/speed/kt_logistic.py                      # half a minute, most of it theirs
    python benchmarks/speed/kt_logistic.py --dataset simulated                  # no data needed
    ATTAIN_DATA=... python benchmarks/speed/kt_logistic.py --solvers lbfgs saga newton-cg

Both sides minimise the same sum, log loss + |w|^2 / 2 (scikit-learn's default, which the paper's code has), so that
both should end with the same weights; the scores of both sets of weights are made by one function. Times are CPU-s of
one thread. The exit status is 1 if ours ends above the loss of any solver, or at another AUC than one that settled.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy reads it: one thread a side

import argparse
import json
import platform
import sys
import time
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from attain.data.load import load
from attain.data.split import ByLearner, Fold, Published, make
from attain.models._logistic import fit_logistic
from attain.models._saved import Learned
from attain.models.knowledge_tracing._design import Block, Design, design
from attain.models.knowledge_tracing.best_lr import BestLR
from attain.tasks.context import FitContext

Floats = NDArray[np.float64]
T = TypeVar("T")
RUNS = 3
"""Our side is so short that the median of this many runs is taken."""
MOST_STEPS = {"lbfgs": 1000, "saga": 100, "newton-cg": 100}
"""Of each solver of scikit-learn."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--dataset", default="assistments2009_split")
    parser.add_argument("--solvers", nargs="+", default=["lbfgs", "saga"], choices=list(MOST_STEPS))
    parser.add_argument("--counts", default="right and wrong", choices=["right and wrong", "right and all"])
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()

    fold, model = fold_of(chosen.dataset), BestLR.create(counts=chosen.counts)
    model.fit(fold.train.take(np.arange(len(fold.train)) < 1000), FitContext())  # loads the compiled code
    features_s, (blocks, made) = timed(lambda: matrix_of(model, fold), RUNS)
    shipped_s, _ = timed(lambda: model.fit(fold.train, FitContext()), RUNS)
    penalty = np.ones_like(made.penalty)
    fit_s, weights = timed(
        lambda: fit_logistic(made.columns, fold.train.correct, penalty, single=made.single, loose=made.loose), RUNS
    )
    sides = {"ours": {"cpu_s": fit_s, "settled": True} | judged(model, blocks, made, weights, fold)}
    for solver in chosen.solvers:
        cpu_s, (weights, settled) = timed(lambda s=solver: fit_theirs(s, made, fold), 1)
        sides[solver] = {"cpu_s": cpu_s, "settled": settled} | judged(model, blocks, made, weights, fold)
    result = {"dataset": chosen.dataset, "counts": chosen.counts, "answers": len(fold.train)}
    result |= {"columns": made.columns.shape[1], "entries": int(made.columns.nnz)}
    result |= {"features_s": features_s, "model_fit_s": shipped_s, "sides": sides} | machine()
    print(json.dumps(result) if chosen.json else as_text(result))
    return 0 if agree(sides) else 1


def fold_of(dataset: str) -> Fold:
    data = load(dataset)
    return make(ByLearner() if data.published is None else Published(), data.log, data.published, 0)


def matrix_of(model: BestLR, fold: Fold) -> tuple[list[Block], Design]:
    blocks = [block.seen() for block in model.blocks(fold.train)]
    return blocks, design(blocks, len(fold.train))


def timed(work: Callable[[], T], runs: int) -> tuple[float, T]:
    """Median CPU-s, and the last result."""
    spent = []
    for _ in range(runs):
        before = time.process_time()
        result = work()
        spent.append(time.process_time() - before)
    return float(np.median(spent)), result


def fit_theirs(solver: str, made: Design, fold: Fold) -> tuple[Floats, bool]:
    """The weights, and whether the solver says that it settled."""
    peer = LogisticRegression(solver=solver, fit_intercept=False, max_iter=MOST_STEPS[solver], random_state=0)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        peer.fit(made.columns, fold.train.correct)
    return peer.coef_[0], not said


def judged(model: BestLR, blocks: list[Block], made: Design, weights: Floats, fold: Fold) -> dict[str, float]:
    """The loss that was minimised, and the AUC of all held-out answers."""
    logit = made.columns @ weights
    loss = np.logaddexp(0, logit).sum() - logit @ fold.train.correct + weights @ weights / 2
    names = {block.name: block.names for block in blocks}
    arrays = dict(zip(names, made.unpack(weights, blocks), strict=True))
    model.learned = Learned(arrays, names)
    return {"loss": float(loss), "auc": float(roc_auc_score(fold.test.correct, model.predict(fold.test)))}


def agree(sides: dict[str, dict]) -> bool:
    ours = sides["ours"]
    lower = all(ours["loss"] <= side["loss"] + 1e-6 for side in sides.values())
    return lower and all(abs(side["auc"] - ours["auc"]) < 5e-4 for side in sides.values() if side["settled"])


def machine() -> dict[str, object]:
    versions = {name: version(name) for name in ("numpy", "numba", "scipy", "scikit-learn")}
    return {
        "versions": {"python": platform.python_version()} | versions,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }


def as_text(r: dict) -> str:
    ours = r["sides"]["ours"]
    lines = [
        f"{r['dataset']}, {r['counts']}: {r['answers']:,} answers, {r['columns']:,} columns, {r['entries']:,} entries",
        f"From answers to the matrix: {r['features_s']:.2f} CPU-s; "
        f"all of `best_lr`'s fit, with its own penalties: {r['model_fit_s']:.2f} CPU-s.",
        "",
        f"{'fit':12}{'CPU-s':>9}{'times ours':>12}{'loss':>14}{'test AUC':>10}",
    ]
    for name, side in r["sides"].items():
        lines.append(
            f"{name:12}{side['cpu_s']:9.2f}{side['cpu_s'] / ours['cpu_s']:12.1f}{side['loss']:14.3f}{side['auc']:10.4f}"
            + ("" if side["settled"] else "  (did not settle)")
        )
    lines += ["", f"{r['machine']}.", ", ".join(f"{name} {number}" for name, number in r["versions"].items())]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
