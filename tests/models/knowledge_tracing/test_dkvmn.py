import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")


def test_each_answer_erases_and_then_adds_where_its_weights_are() -> None:
    from attain.models.knowledge_tracing.dkvmn import DKVMNParams, MemoryNetwork

    torch.manual_seed(0)
    network = MemoryNetwork(4, 5, DKVMNParams(hidden=3, slots=2))
    weights, answers = torch.rand(2, 4, 2).softmax(dim=-1), torch.randn(2, 4, 3)
    memory = network.memory.expand(2, -1, -1)
    with torch.no_grad():
        before, after = network._write(memory, weights, answers)
        erase, add = torch.sigmoid(network.erase(answers)), torch.tanh(network.add(answers))
        expected = memory.clone()
        for step in range(4):
            np.testing.assert_allclose(before[:, step], expected, atol=1e-6)
            for slot in range(2):
                weight = weights[:, step, slot, None]
                expected[:, slot] = expected[:, slot] * (1 - weight * erase[:, step]) + weight * add[:, step]
        np.testing.assert_allclose(after, expected, atol=1e-6)
