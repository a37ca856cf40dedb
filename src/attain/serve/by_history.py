"""Tracers that cannot take answers one by one: all of a learner's answers are kept, and read again each time."""

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from attain.data.answers import log_of
from attain.data.interactions import Interactions
from attain.tasks.knowledge_tracing import HasMastery, KnowledgeTracer
from attain.tasks.online import Asked

_Answer = tuple[str, list[str], int, float | None]


class ByHistory:
    """An `Online` face for any tracer; an answer takes a time that grows with those before it."""

    def __init__(self, tracer: KnowledgeTracer) -> None:
        self._tracer = tracer

    def start(self) -> bytes:
        """See `Online.start`."""
        return b"[]"

    def update(self, state: bytes, asked: Asked, correct: int) -> bytes:
        """See `Online.update`."""
        answers = [*_read(state), (asked.item, list(asked.skills), correct, asked.time_s)]
        return json.dumps(answers, separators=(",", ":"), ensure_ascii=False).encode()

    def expect(self, state: bytes, asked: Sequence[Asked]) -> NDArray[np.float64]:
        """See `Online.expect`."""
        answers = _read(state)
        rows = [row for one in asked for row in (*answers, (one.item, list(one.skills), 0, one.time_s))]
        learner = np.repeat(np.arange(len(asked)), len(answers) + 1)
        scores = np.asarray(self._tracer.predict(_log(learner, rows)), dtype=np.float64)
        return scores[len(answers) :: len(answers) + 1]

    def masteries(self, state: bytes, of: Asked | None = None) -> Mapping[str, float]:
        """See `Online.masteries`: of the skills that were practised, each after its last answer."""
        answers = _read(state)
        if not answers or not isinstance(self._tracer, HasMastery):
            return {}
        log = _log(np.zeros(len(answers), dtype=np.int32), answers)
        said = np.asarray(self._tracer.mastery(log), dtype=np.float64).tolist()
        known = {str(log.skills[code]): value for code, value in zip(log.skill, said, strict=True) if value == value}
        return known if of is None else {name: value for name, value in known.items() if name in of.skills}


def _read(state: bytes) -> list[_Answer]:
    return [(item, skills, correct, time_s) for item, skills, correct, time_s in json.loads(state)]


def _log(learner: NDArray[np.integer], rows: Sequence[_Answer]) -> Interactions:
    times = [time_s for *_, time_s in rows]
    known = None if all(time is None for time in times) else times
    items, skills, correct = [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
    return log_of(learner, items, skills, correct, known)
