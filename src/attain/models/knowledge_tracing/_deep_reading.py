"""How a log is read by a fitted network, in bounded memory. Needs torch."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.models.knowledge_tracing._deep_batches import Ints, Vocabulary, Window, Windows, one_more_row, skill_numbers
from attain.models.knowledge_tracing._deep_network import Batch, Network, Question, State

STEPS_TO_READ = 100
"""How many steps are read at once; it changes nothing but speed and memory."""
ASKED_AT_ONCE = 4
"""How many questions are asked beside a row's own."""

_log = logging.getLogger(__name__)
Asks = Callable[[Window, Batch], Iterator[Batch]]


def logits(network: Network, log: Interactions, names: Vocabulary) -> NDArray[np.float64]:
    """The logit of each row of a log."""
    return _with_room(network, lambda: _logits(network, log, names))


def known(network: Network, log: Interactions, names: Vocabulary) -> NDArray[np.float64]:
    """For each of `log.skill` the logit of a right answer to an unseen item of the skill, after the row's answer."""
    return _with_room(network, lambda: _known(network, log, names))


def _with_room(network: Network, read: Callable[[], NDArray[np.float64]]) -> NDArray[np.float64]:
    """What `read` gives, with half the learners at once, and half again, where the GPU has too little memory.

    Raises:
        UserError: it has too little for one.
    """
    while True:
        try:
            return read()
        except torch.OutOfMemoryError:
            learners = network.learners_to_read
        if learners == 1:
            raise UserError("The GPU has too little memory to read one learner. Read on the processor: `device: cpu`.")
        network.learners_to_read = learners // 2
        _log.warning("The GPU has too little memory to read %d learners at once; half of them are read.", learners)


def _logits(network: Network, log: Interactions, names: Vocabulary) -> NDArray[np.float64]:
    out = np.empty(len(log))
    for window, _, values in _read(network, log, names, lambda window, batch: iter((batch,))):
        out[window.rows] = values[0].cpu().numpy()
    return out


def _known(network: Network, log: Interactions, names: Vocabulary) -> NDArray[np.float64]:
    out = np.empty(len(log.skill))
    if not len(out):
        return out
    longer, after = one_more_row(log)
    begins, ends = np.zeros((2, len(longer)), dtype=np.int64)
    begins[after], ends[after] = log.skill_start[:-1], log.skill_start[1:]
    skills = skill_numbers(log, names)

    def pairs(window: Window, number: int) -> tuple[Ints, NDArray[np.bool_]]:
        """For each row the place of skill `number` of the row before in `log.skill`, and whether it has so many."""
        place = begins[window.rows] + number
        there = place < ends[window.rows]
        return np.where(there, place, 0), there

    def ask(window: Window, batch: Batch) -> Iterator[Batch]:
        most = int((ends - begins)[window.rows].max())
        for first in range(0, max(most, 1), ASKED_AT_ONCE):
            asked = [pairs(window, number)[0] for number in range(first, min(first + ASKED_AT_ONCE, most))]
            yield replace(batch, questions=(*batch.questions, *(_alone(skills[p], names, batch) for p in asked)))

    for window, first, values in _read(network, longer, names, ask):
        for number, of_rows in enumerate(values[1:].cpu().numpy(), start=first * ASKED_AT_ONCE):
            place, there = pairs(window, number)
            out[place[there]] = of_rows[there]
    return out


def _alone(skill: Ints, names: Vocabulary, batch: Batch) -> Question:
    """A question for each row: an unseen item of one skill."""
    numbers = torch.as_tensor(skill, device=batch.cell.device)
    return Question(
        numbers, torch.arange(len(numbers), device=numbers.device), torch.full_like(numbers, len(names.items))
    )


def _read(network: Network, log: Interactions, names: Vocabulary, ask: Asks) -> Iterator[tuple[Window, int, Tensor]]:
    """Each window, as often as `ask` asks of it, with the number of the time and the logits."""
    learners = network.learners_to_read
    windows = Windows(log, names, learners=learners, max_steps=STEPS_TO_READ)
    device = next(network.parameters()).device
    with torch.inference_mode():
        for number in range(len(windows)):
            state: State | None = None
            for window in windows.batch(number):
                batch = Batch.of(window, device)
                before = None if state is None else tuple(part[: batch.shape[0]] for part in state)
                for time, asked in enumerate(ask(window, batch)):
                    values, state = network(asked, before)
                    yield window, time, values
