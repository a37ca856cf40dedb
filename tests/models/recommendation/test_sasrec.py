from typing import ClassVar

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs attain[torch]")

import torch

from attain.models.recommendation.sasrec import SASRec
from attain.testing.recommender import RecommenderTests


class TestSASRec(RecommenderTests):
    model = SASRec
    params: ClassVar = {"batch": 16, "hidden": 32}
    tolerance = 1e-4


def test_a_state_depends_on_no_later_token_and_on_no_empty_one() -> None:
    model = SASRec.create(hidden=16, dropout=0)
    network = model.build(9).eval()
    tokens = torch.tensor([[0, 0, 3, 4, 5]])
    states = network.states(tokens).detach().numpy()
    later = network.states(torch.tensor([[0, 0, 3, 4, 9]])).detach().numpy()
    np.testing.assert_allclose(later[0, :4], states[0, :4], atol=1e-6)
    assert np.abs(later[0, 4] - states[0, 4]).max() > 1e-3
    shorter = network.states(tokens[:, 2:]).detach().numpy()
    np.testing.assert_allclose(shorter[0], states[0, 2:], atol=1e-6)
