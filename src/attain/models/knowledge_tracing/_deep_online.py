"""Networks with a memory of one size, in use: they read on from it, one answer at a time. Needs torch."""

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from attain.data.interactions import Interactions
from attain.models.knowledge_tracing._deep_network import Batch, Question, State
from attain.models.knowledge_tracing._deep_tracer import DeepTracer
from attain.tasks.context import FitContext
from attain.tasks.online import Asked

ASKED_AT_ONCE = 1024
"""Of how many items the network is asked at once; it changes nothing but speed and memory."""


class RecurrentTracer(DeepTracer):
    """A tracer whose network remembers as much of a learner after the thousandth answer as after the first.

    The state is the network's memory, as 32-bit floats; before the first answer it is empty.
    """

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        for remembered in ("_codes", "_shapes"):
            vars(self).pop(remembered, None)
        super().fit(log, context)

    def start(self) -> bytes:
        """See `Online.start`."""
        return b""

    def update(self, state: bytes, asked: Asked, correct: int) -> bytes:
        """See `Online.update`."""
        return self.step(state, asked, correct)[1]

    def step(self, state: bytes, asked: Asked, correct: int) -> tuple[float, bytes]:
        """See `ExpectsAsItTakes.step`: a network reads the question before the answer, and both in one pass."""
        memory = self._memory(state)
        with torch.inference_mode():
            logits, after = self.network(self._batch([asked], correct), memory)
        expected = float(torch.sigmoid(logits[0].double())[0])
        return expected, b"".join(part.float().cpu().numpy().tobytes() for part in after)

    def expect(self, state: bytes, asked: Sequence[Asked]) -> NDArray[np.float64]:
        """See `Online.expect`."""
        memory = self._memory(state)
        parts = [self._expect(memory, some) for some in _portions(asked)]
        return np.concatenate([np.empty(0), *parts])

    def masteries(self, state: bytes, of: Asked | None = None) -> Mapping[str, float]:
        """See `Online.masteries`: the probability of a right answer to an unseen item of each skill of training."""
        skills = [str(name) for name in self.names.skills if name] if of is None else list(of.skills)
        chances = self.expect(state, [Asked("", (name,)) for name in skills])
        return dict(zip(skills, chances.tolist(), strict=True))

    def _expect(self, memory: State | None, asked: Sequence[Asked]) -> NDArray[np.float64]:
        n = len(asked)
        with torch.inference_mode():
            of_each = None if memory is None else tuple(part.expand(n, *part.shape[1:]) for part in memory)
            logits = self.network.expect(self._batch(asked, 0), of_each)
            return np.asarray(torch.sigmoid(logits[0].double()).cpu().numpy(), dtype=np.float64)

    def _batch(self, asked: Sequence[Asked], correct: int) -> Batch:
        """One step of as many learners as items are asked, all of whom answer alike."""
        codes, device = self._codes, next(self.network.parameters()).device
        skills = [codes[0].get(name, len(codes[0])) for one in asked for name in one.skills or ("",)]
        begins = np.cumsum([0, *(max(len(one.skills), 1) for one in asked)])[:-1]
        items = [codes[1].get(one.item, len(codes[1])) for one in asked]
        question = Question(*(torch.as_tensor(values, device=device) for values in (skills, begins, items)))
        cells = torch.arange(len(asked), device=device)
        return Batch((len(asked), 1), cells, (question,), torch.full_like(cells, correct))

    def _memory(self, state: bytes) -> State | None:
        if not state:
            return None
        device, parts, begin = next(self.network.parameters()).device, [], 0
        values = torch.frombuffer(bytearray(state), dtype=torch.float32)
        for shape in self._shapes:
            size = math.prod(shape)
            parts.append(values[begin : begin + size].reshape(shape).to(device))
            begin += size
        return tuple(parts)

    @cached_property
    def _codes(self) -> tuple[dict[str, int], dict[str, int]]:
        """The numbers of skills and of items."""
        skills, items = (
            {str(name): code for code, name in enumerate(of)} for of in (self.names.skills, self.names.items)
        )
        return skills, items

    @cached_property
    def _shapes(self) -> list[torch.Size]:
        """The shape of each part of the memory of one learner."""
        with torch.inference_mode():
            _, after = self.network(self._batch([Asked("")], 0), None)
        return [part.shape for part in after]


def _portions(asked: Sequence[Asked]) -> Iterator[Sequence[Asked]]:
    for begin in range(0, len(asked), ASKED_AT_ONCE):
        yield asked[begin : begin + ASKED_AT_ONCE]
