"""How fast are our recommenders, and do they list the same? Beside implicit, Cornac and LensKit, in one run.

    python benchmarks/speed/recommenders.py                              # beside implicit (attain[cf])
    python benchmarks/speed/recommenders.py --small                      # a quick look
    ... --cornac cornac/bin/python --lenskit lenskit/bin/python          # beside these, each in a Python of its own

    python3.11 -m venv cornac && cornac/bin/pip install cornac==3.0.1
    python3.11 -m venv lenskit && lenskit/bin/pip install lenskit==2025.8.1 torch==2.13.0

100,000 learners, 5,000 items and 5 million events are simulated: items of a taste and popular ones. All sides start
from the same columns, work on one thread, and end with the ten best items that each learner has not taken. Where two
sides compute the same model, their lists must agree; the exit status is 1 if they do not. Cornac and LensKit list for
some learners only, and are scaled up, for they list one learner at a time.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from attain.data.choices import Choices
from attain.models.recommendation.als import ALS
from attain.models.recommendation.ease import EASE
from attain.models.recommendation.item_knn import ItemKNN
from attain.tasks._lists import first_places
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender
from attain.testing.small_choices import small_choices

Lists = NDArray[np.int32]
SIDE = Path(__file__).with_name("recommend_side.py")
K, BLOCK, RIDGE, NEIGHBOURS = 10, 3000, 200.0, 50
AGREE = 0.99
"""Two sides of one model must share so much of their lists: the rest is rounding among near ties."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--small", action="store_true", help="a tenth of everything")
    parser.add_argument("--cornac", metavar="PYTHON")
    parser.add_argument("--lenskit", metavar="PYTHON")
    given = parser.parse_args()
    with threadpool_limits(1):
        return compared(given)


def compared(given: argparse.Namespace) -> int:
    log = simulated(*((10_000, 1_000, 500_000) if given.small else (100_000, 5_000, 5_000_000)))
    warm_up()
    print(
        f"{len(log):,} events, {len(log.learners):,} learners, {len(log.items):,} items; load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'':34}{'fit':>9}{'lists':>9}   CPU seconds, one thread")
    fine = True
    knn = ours(ItemKNN.create(neighbours=NEIGHBOURS, shrink=0), log)
    fine &= beside_implicit("CosineRecommender", knn, log)
    als = ours(ALS.create(factors=64, iterations=15), log)
    fine &= beside_implicit("AlternatingLeastSquares", als, log)
    ease = ours(EASE.create(ridge=RIDGE), log)
    for library, python in (("cornac", given.cornac), ("lenskit", given.lenskit)):
        if python:
            fine &= beside(library, python, log, {"ease": ease, "item_knn": knn})
    return 0 if fine else 1


def simulated(learners: int, items: int, events: int) -> Choices:
    """Half of what a learner takes is popular with all, half is of the learner's own taste of twenty."""
    generator = np.random.default_rng(0)
    liked = generator.zipf(1.3, items).clip(max=10_000) ** 0.5
    taste, own = generator.integers(20, size=items), generator.integers(20, size=learners)
    length = generator.gamma(1.5, 1, learners)
    length = np.maximum(1, length / length.sum() * events).astype(int)
    learner = np.repeat(np.arange(learners, dtype=np.int32), length)
    item = generator.choice(items, len(learner), p=liked / liked.sum()).astype(np.int32)
    by_taste = generator.random(len(learner)) < 0.5
    for one in range(20):
        at, there = np.flatnonzero(by_taste & (own[learner] == one)), np.flatnonzero(taste == one)
        item[at] = generator.choice(there, len(at), p=liked[there] / liked[there].sum())
    none = np.empty(0, dtype=np.int32)
    names = [np.arange(size).astype(str).astype(object) for size in (learners, items, 0)]
    return Choices(learner, item, np.arange(len(item)), none, np.zeros(items + 1, np.int64), none, none, *names)


def warm_up() -> None:
    """Compile, or load what is compiled, before anything is timed."""
    small = small_choices(0)
    for model in (ItemKNN(), EASE(), ALS.create(factors=4)):
        model.fit(small, FitContext())
        lists_of(model, small)


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    before = time.process_time()
    made = work()
    return time.process_time() - before, made


def ours(model: Recommender, log: Choices) -> tuple[float, float, Lists]:
    fit, _ = timed(lambda: model.fit(log, FitContext()))
    listing, lists = timed(lambda: lists_of(model, log))
    print(f"{'attain ' + model.name:34}{fit:9.2f}{listing:9.2f}")
    return fit, listing, lists


def lists_of(model: Recommender, log: Choices) -> Lists:
    """As the framework lists: block by block, what was taken hidden."""
    order, out = np.arange(len(log.items), dtype=np.int32), []
    for begin in range(0, len(log.present), BLOCK):
        learners = log.present[begin : begin + BLOCK]
        own = log.take(slice_of(log, learners))
        scores = np.ascontiguousarray(model.score(own, learners), dtype=np.float32)
        allowed = np.ones(scores.shape, dtype=bool)
        allowed[np.searchsorted(learners, own.learner), own.item] = False
        out.append(first_places(scores, allowed, order, K))
    return np.concatenate(out)


def slice_of(log: Choices, learners: NDArray[np.int32]) -> NDArray[np.int64]:
    begin, end = np.searchsorted(log.learner, [learners[0], learners[-1] + 1])
    return np.arange(begin, end)


def beside_implicit(name: str, us: tuple[float, float, Lists], log: Choices) -> bool:
    try:
        from implicit.als import AlternatingLeastSquares
        from implicit.nearest_neighbours import CosineRecommender
    except ImportError:
        print(f"  implicit {name}: not installed (attain[cf])")
        return True
    from attain.models.recommendation._implicit import matrix

    warnings.filterwarnings("ignore", message="Method expects CSR input")
    model = (
        CosineRecommender(K=NEIGHBOURS + 1, num_threads=1)
        if name == "CosineRecommender"
        else AlternatingLeastSquares(
            factors=64, iterations=15, alpha=10, regularization=0.05, num_threads=1, random_state=0
        )
    )
    table = matrix(log)
    fit, _ = timed(lambda: model.fit(table, show_progress=False))
    listing, lists = timed(lambda: model.recommend(np.arange(table.shape[0]), table, N=K)[0])
    print(
        f"{'implicit ' + name:34}{fit:9.2f}{listing:9.2f}   ours / theirs {us[0] / fit:.2f}, {us[1] / listing:.2f}",
        end="",
    )
    if name != "CosineRecommender":
        print("   (factors differ by their seed)")
        return True
    return agree(us[2], np.asarray(lists))


def beside(library: str, python: str, log: Choices, us: dict[str, tuple[float, float, Lists]]) -> bool:
    """Time a library in its own Python, on the same columns."""
    with tempfile.TemporaryDirectory() as folder:
        np.savez(
            Path(folder) / "log.npz", learner=log.learner, item=log.item, shape=[len(log.learners), len(log.items)]
        )
        done = subprocess.run(
            [python, str(SIDE), library, folder, str(RIDGE), str(NEIGHBOURS)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            print(f"  {library}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'failed'}")
            return False
        fine = True
        for one in json.loads(done.stdout.strip().splitlines()[-1]):
            fit, listing, mine = one["fit"], one["list"] * len(log.learners) / one["listed"], us[one["model"]]
            label = f"{library} {one['model']}"
            print(
                f"{label:34}{fit:9.2f}{listing:9.1f}   ours / theirs {mine[0] / fit:.2f}, {mine[1] / listing:.3f}",
                end="",
            )
            lists = np.load(Path(folder) / f"{one['model']}.npy")
            fine &= (
                agree(mine[2][: len(lists)], lists) if one["same"] else bool(print("   (another definition)") is None)
            )
        return fine


def agree(a: Lists, b: Lists) -> bool:
    shared = float(np.mean([len(set(x) & set(y)) / K for x, y in zip(a[:20_000], b[:20_000], strict=True)]))
    print(f"   lists agree {shared:.4f}")
    return shared >= AGREE


if __name__ == "__main__":
    sys.exit(main())
