from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
STEPS, SIZE, CONTEXT = 9, 6, 4


def block(weighs: str) -> Any:  # its class needs torch
    from attain.models.knowledge_tracing._deep_attention import AttentionParams, PastBlock

    torch.manual_seed(0)
    made = PastBlock(AttentionParams(hidden=SIZE, heads=2, context=CONTEXT), weighs).eval()
    torch.nn.init.normal_(made.rate)
    return made


def seen_one_by_one(made: Any, asks: Any, keys: Any, values: Any) -> Any:
    """What each step sees, worked out step by step and head by head, after the papers' formulas."""
    query, key, value = made.query(asks), made.key(keys), made.value(values)
    rate, width = torch.nn.functional.softplus(made.rate).flatten(), SIZE // made.heads
    out = torch.zeros(STEPS, SIZE)
    for head in range(made.heads):
        part = slice(head * width, (head + 1) * width)
        for step in range(1, STEPS):
            past = torch.arange(max(0, step - CONTEXT), step)
            distance = step - past
            score = key[past, part] @ query[step, part] / width**0.5
            if made.weighs == "power":
                score = score - rate[head] * distance.log()
            else:
                first = score.softmax(0)
                between = torch.stack([first[place + 1 :].sum() for place in range(len(past))])
                score = score * torch.exp(-rate[head] * (between * distance).sqrt()).clamp(min=1e-5)
            weight = score.exp() / (1 + score.exp().sum())
            out[step, part] = weight @ value[past, part]
    return made.pass_on(asks, out)


@pytest.mark.parametrize("weighs", ["power", "monotonic"])
@pytest.mark.parametrize("cut", [0, 2, 7])
def test_each_step_sees_what_the_formula_says_wherever_windows_are_cut(weighs: str, cut: int) -> None:
    made = block(weighs)
    asks, keys, values = torch.randn(3, STEPS, SIZE)
    parts, past = [], None
    with torch.no_grad():
        for window in (slice(0, cut), slice(cut, STEPS)) if cut else (slice(0, STEPS),):
            out, past = made(asks[None, None, window], keys[None, window], values[None, window], past)
            parts.append(out[0, 0])
        expected = seen_one_by_one(made, asks, keys, values)
    np.testing.assert_allclose(torch.cat(parts), expected, atol=1e-5)
