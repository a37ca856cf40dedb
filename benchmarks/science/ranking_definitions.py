"""The same lists by the definitions of other libraries: which numbers of theirs are ours, and why others are not.

    python benchmarks/science/ranking_definitions.py

2,000 learners with 1 to 15 relevant items and lists of ten are simulated by seed. Each library's definition is written
down here in a line, as its documentation and source give it (RecTools 0.19, LensKit 2025.8, implicit 0.7.3, Cornac
3.0.1, recommenders 1.2.1), so none needs to be installed. The first row is attain's own metrics.
"""

import numpy as np
import pandas as pd

from attain.core.table import Predictions
from attain.metrics.discover import find

N, K = 2000, 10
DISCOUNT = 1 / np.log2(np.arange(2, K + 2))


def main() -> None:
    hit, relevant = simulated()
    hits, best = hit.sum(axis=1), np.minimum(relevant, K)
    gain, so_far = hit @ DISCOUNT, np.cumsum(hit, axis=1) / np.arange(1, K + 1)
    ideal, average = np.cumsum(DISCOUNT)[best - 1], (hit * so_far).sum(axis=1)
    alike = np.array([1, 1, *(1 / np.log2(np.arange(3, K + 1)))])  # ranks 1 and 2 alike
    rows = {
        "attain": own(hit, relevant),
        "recommenders": (hits / K, hits / relevant, gain / ideal, average / best),
        "Cornac": (hits / K, hits / relevant, gain / ideal, None),
        "RecTools": (hits / K, hits / relevant, gain / DISCOUNT.sum(), average / relevant),
        "LensKit": (hits / K, hits / best, (hit @ alike) / np.cumsum(alike)[best - 1], None),
        "implicit": (hits.sum() / best.sum(), None, gain / ideal, average / best),
    }
    print(f"| {N:,} lists of {K} | precision | recall | NDCG | MAP | what differs |\n|---|---|---|---|---|---|")
    for library, values in rows.items():
        cells = " | ".join("–" if value is None else f"{np.mean(value):.4f}" for value in values)
        print(f"| {library} | {cells} | {WHY[library]} |")


WHY = {
    "attain": "hits / k; hits / relevant; ideal and MAP over min(k, relevant)",
    "recommenders": "nothing (`map_at_k`)",
    "Cornac": "nothing",
    "RecTools": "the ideal list always has k items, so who has fewer relevant ones cannot reach 1; MAP over relevant",
    "LensKit": "recall over min(k, relevant); ranks 1 and 2 have the same discount",
    "implicit": "precision is all hits over all min(k, relevant), not a mean over learners",
}


def simulated() -> tuple[np.ndarray, np.ndarray]:
    """Which of the ten places hold a relevant item, shape (N, K), and how many relevant items each learner has."""
    generator = np.random.default_rng(0)
    relevant = generator.integers(1, 16, N)
    hit = np.zeros((N, K))
    for who, count in enumerate(relevant):
        found = min(generator.binomial(count, 0.3), K)
        places = generator.choice(K, found, replace=False, p=np.arange(K, 0, -1) / 55)
        hit[who, places] = 1
    return hit, relevant


def own(hit: np.ndarray, relevant: np.ndarray) -> tuple[float, ...]:
    """The same lists as a table of recommendation, by attain's metrics."""
    rows = []
    for who in range(N):
        listed = [(who, place + 1.0, hit[who, place]) for place in range(K)]
        missed = [(who, np.nan, 1.0)] * int(relevant[who] - hit[who].sum())
        rows += listed + missed
    frame = pd.DataFrame(rows, columns=["unit", "rank", "target"])
    frame = frame.assign(fold=0, score=0.0, depth=K, n_items=1000, example=np.arange(len(frame)))
    frame["unit"] = frame["unit"].astype(str)
    table = Predictions(frame)
    names = (f"list_precision@{K}", f"list_recall@{K}", f"ndcg@{K}", f"map@{K}")
    return tuple(float(find(name).statistic(table).at(np.ones((1, N)))[0]) for name in names)


if __name__ == "__main__":
    main()
