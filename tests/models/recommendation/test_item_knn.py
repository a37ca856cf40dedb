import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from attain.models.recommendation.item_knn import ItemKNN
from attain.tasks.context import FitContext
from attain.testing.recommender import RecommenderTests
from attain.testing.small_choices import small_choices


class TestItemKNN(RecommenderTests):
    model = ItemKNN


def similarities(kind: str, shrink: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Who took what, and how alike items are, straight from the definition."""
    log = small_choices(0)
    took = np.zeros((len(log.learners), len(log.items)))
    took[log.learner, log.item] = 1
    both, n = took.T @ took, took.sum(axis=0)
    apart = np.sqrt(np.outer(n, n)) if kind == "cosine" else n[:, None] + n - both
    alike = both / (apart + shrink)
    np.fill_diagonal(alike, 0)
    return took, alike


@pytest.mark.parametrize("neighbours", [1, 5, 100])
@pytest.mark.parametrize(("kind", "shrink"), [("cosine", 0), ("cosine", 10), ("jaccard", 3)])
def test_scores_sum_the_similarities_of_the_nearest(kind: str, shrink: float, neighbours: int) -> None:
    log = small_choices(0)
    model = ItemKNN.create(similarity=kind, shrink=shrink, neighbours=neighbours)
    model.fit(log, FitContext())
    took, alike = similarities(kind, shrink)
    near = np.zeros_like(alike)
    for item, row in enumerate(alike.astype(np.float32)):
        best = np.argsort(-row, kind="stable")[:neighbours]
        near[item, best] = row[best]
    np.testing.assert_allclose(model.score(log, log.present), took @ near, rtol=1e-5, atol=1e-6)


@pytest.mark.filterwarnings("ignore:Method expects CSR input")
def test_they_are_the_neighbours_of_the_library_implicit() -> None:
    nearest = pytest.importorskip("implicit.nearest_neighbours", reason="needs attain[cf]")
    log = small_choices(0)
    took, _ = similarities("cosine", 0)
    theirs = nearest.CosineRecommender(K=len(log.items), num_threads=1)
    theirs.fit(csr_matrix(took), show_progress=False)
    model = ItemKNN.create(shrink=0, neighbours=len(log.items))
    model.fit(log, FitContext())
    expected = took @ (theirs.similarity.toarray() - np.diag(theirs.similarity.diagonal()))
    np.testing.assert_allclose(model.score(log, log.present), expected, rtol=1e-5, atol=1e-6)
