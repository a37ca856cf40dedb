from typing import ClassVar

import pytest

pytest.importorskip("torch", reason="needs attain[torch]")

from attain.models.recommendation.gru4rec import GRU4Rec
from attain.testing.recommender import RecommenderTests


class TestGRU4Rec(RecommenderTests):
    model = GRU4Rec
    params: ClassVar = {"batch": 16, "learning_rate": 0.01}
    tolerance = 1e-4
