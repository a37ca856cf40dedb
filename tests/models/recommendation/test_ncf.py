from typing import ClassVar

import pytest

pytest.importorskip("torch", reason="needs attain[torch]")

from attain.models.recommendation.ncf import NCF
from attain.testing.recommender import RecommenderTests


class TestNCF(RecommenderTests):
    model = NCF
    params: ClassVar = {"epochs": 30, "batch": 128, "learning_rate": 0.01}
    tolerance = 1e-4
    at_least_hits: ClassVar = 0.55
