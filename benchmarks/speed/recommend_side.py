"""The side of a peer in `recommenders.py`, in a Python that has it: fit, list, and say how long it took."""

import json
import sys
import time
from pathlib import Path

import numpy as np

K, LISTED = 10, 2000


def main(library: str, folder: str, ridge: str, neighbours: str) -> None:
    with np.load(Path(folder) / "log.npz") as stored:
        learner, item, shape = stored["learner"], stored["item"], stored["shape"]
    pairs = np.unique(np.stack([learner, item]), axis=1)
    found = {"cornac": cornac, "lenskit": lenskit}[library](pairs, shape, folder, float(ridge), int(neighbours))
    print(json.dumps(found))


def timed(work):
    before = time.process_time()
    made = work()
    return time.process_time() - before, made


def cornac(pairs, shape, folder, ridge, neighbours):
    from cornac.data import Dataset
    from cornac.models import EASE

    data = Dataset.from_uir(((str(u), str(i), 1.0) for u, i in pairs.T), seed=0)
    model = EASE(lamb=ridge, posB=False, verbose=False)
    fit, _ = timed(lambda: model.fit(data))
    names = np.array(list(data.iid_map), dtype=np.int64)
    lists = np.full((LISTED, K), -1)

    def listing():
        for u in range(LISTED):
            number = data.uid_map[str(u)]
            taken = set(data.user_data[number][0])
            ranked, _ = model.rank(number)
            lists[u] = names[[i for i in ranked if i not in taken][:K]]

    listed, _ = timed(listing)
    np.save(Path(folder) / "ease.npy", lists)
    return [{"model": "ease", "fit": fit, "list": listed, "listed": LISTED, "same": True}]


def lenskit(pairs, shape, folder, ridge, neighbours):
    import pandas as pd
    from lenskit.batch import recommend
    from lenskit.data import from_interactions_df
    from lenskit.knn import ItemKNNScorer
    from lenskit.pipeline import topn_pipeline
    from lenskit.training import TrainingOptions

    data = from_interactions_df(pd.DataFrame({"user_id": pairs[0], "item_id": pairs[1]}))
    pipe = topn_pipeline(ItemKNNScorer(max_nbrs=neighbours, save_nbrs=neighbours, feedback="implicit"), n=K)
    fit, _ = timed(lambda: pipe.train(data, TrainingOptions()))
    listed, made = timed(lambda: recommend(pipe, list(range(LISTED)), n=K, n_jobs=1))
    lists = np.full((LISTED, K), -1)
    for key, own in made.items():
        ids = own.ids()
        lists[int(key[0]), : len(ids)] = ids
    np.save(Path(folder) / "item_knn.npy", lists)
    return [{"model": "item_knn", "fit": fit, "list": listed, "listed": LISTED, "same": False}]


if __name__ == "__main__":
    main(*sys.argv[1:])
