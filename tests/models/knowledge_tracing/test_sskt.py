import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")


@pytest.mark.parametrize("remembers", [False, True])
def test_all_steps_at_once_are_the_recurrence_step_by_step(remembers: bool) -> None:
    from attain.models.knowledge_tracing.sskt import _recur

    torch.manual_seed(0)
    questions, learners, heads, steps, classes, size = 2, 3, 2, 7, 4, 5
    kinds = torch.rand(questions, learners, heads, steps, classes).softmax(dim=-1)
    told, keep = torch.randn(learners, heads, steps, size), -torch.rand(learners, heads, steps)
    memory = torch.randn(learners, heads, classes, size) if remembers else None
    seen, after = _recur(kinds, told, keep, memory)
    state = torch.zeros(learners, heads, classes, size) if memory is None else memory
    for step in range(steps):
        expected = torch.einsum("qlhc,lhcs->qlhs", kinds[..., step, :], state)
        np.testing.assert_allclose(seen[..., step, :], expected, atol=1e-5)
        written = torch.einsum("lhc,lhs->lhcs", kinds[0, :, :, step], told[:, :, step])
        state = keep[:, :, step, None, None].exp() * state + written
    np.testing.assert_allclose(after, state, atol=1e-5)
