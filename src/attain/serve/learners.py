"""Learners in use: their answers, in the order in which they came, and what a model knows of each."""

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from attain.core.errors import UserError
from attain.serve.interaction import Interaction
from attain.serve.refusals import Conflict
from attain.serve.served import Served
from attain.serve.tables import ANSWERS, LEARNERS, make
from attain.tasks.online import Asked
from attain.tracking.errors import NotFound
from attain.tracking.liveness import now_ms
from attain.tracking.sql.engine import open_engine, reading, together, writing

_LEARNER = select(LEARNERS.c.key, LEARNERS.c.answers, LEARNERS.c.time_s, LEARNERS.c.state).where(
    LEARNERS.c.model == bindparam("of_model"), LEARNERS.c.learner == bindparam("of_learner")
)
_TAKING = _LEARNER.with_for_update()  # by which PostgreSQL keeps others from the same learner; SQLite has one writer
_SAME = select(ANSWERS.c.item, ANSWERS.c.correct, ANSWERS.c.reply).where(
    ANSWERS.c.model == bindparam("of_model"),
    ANSWERS.c.learner == bindparam("of_learner"),
    ANSWERS.c.interaction == bindparam("id"),
)
_ALL = (
    select(ANSWERS.c.item, ANSWERS.c.skills, ANSWERS.c.correct, ANSWERS.c.time_s)
    .where(ANSWERS.c.model == bindparam("of_model"), ANSWERS.c.learner == bindparam("of_learner"))
    .order_by(ANSWERS.c.number)
)
_KEEP = insert(ANSWERS)
_KNOW = (
    update(LEARNERS)
    .where(LEARNERS.c.model == bindparam("of_model"), LEARNERS.c.learner == bindparam("of_learner"))
    .values({name: bindparam(f"new_{name}") for name in ("key", "answers", "time_s", "state")})
)


class _Line(NamedTuple):
    """What is kept of a learner."""

    key: str
    answers: int
    time_s: float | None
    state: bytes


@dataclass(frozen=True)
class Known:
    """What is known of a learner.

    Attributes:
        answers: how many there were.
        time_s: of the last one that has a time.
        state: as the model reads it.
    """

    answers: int
    time_s: float | None
    state: bytes


class Learners:
    """The learners of all models in one database; methods may be called from several threads and processes.

    What is known of a learner is kept in the transaction of the answer, and belongs to one model: where another has
    come meanwhile, it reads all the learner's answers again.

    Args:
        uri: address of the database.
    """

    def __init__(self, uri: str) -> None:
        self._engine = open_engine(uri)
        try:
            make(self._engine)
        except UserError:
            self._engine.dispose()
            raise

    @property
    def single_writer(self) -> bool:
        """See `attain.server.worker.Writes`."""
        return self._engine.dialect.name == "sqlite"

    def together(self) -> AbstractContextManager[None]:
        """See `attain.server.worker.Writes`."""
        return together(self._engine)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def take(self, served: Served, learner: str, given: Interaction) -> str:
        """Keep an answer; a learner who is not known yet begins with it.

        Returns:
            The reply as JSON: the same one where the same answer comes again.

        Raises:
            Unknown: its item, or a skill, is not one that the model knows.
            Conflict: it is older than the learner's last, or its id was another answer's.
        """
        asked = served.asked(given.item, given.skills, given.time_s)
        with writing(self._engine) as c:
            row = self._own(c, served, learner)
            if (same := c.execute(_SAME, _who(served, learner) | {"id": given.id}).first()) is not None:
                return _again(*same, given)
            if given.time_s is not None and row.time_s is not None and given.time_s < row.time_s:
                raise Conflict(
                    f"Interaction {given.id!r} is older than the learner's last one ({given.time_s:.3f} s against "
                    f"{row.time_s:.3f} s); answers must be sent in the order of time."
                )
            state = self._state(c, served, learner, row)
            expected = float(served.online.expect(state, [asked])[0])
            state = served.online.update(state, asked, given.correct)
            number = row.answers + 1
            reply = _reply(served, learner, given, asked, number, expected, state)
            c.execute(_KEEP, _answer(served, learner, given, asked, number, expected, reply))
            c.execute(_KNOW, _who(served, learner) | _new(served, given, row, number, state))
        return reply

    def known(self, served: Served, learner: str) -> Known:
        """What is known of a learner.

        Raises:
            NotFound: there is no such learner.
        """
        with reading(self._engine) as c:
            found = c.execute(_LEARNER, _who(served, learner)).first()
            if found is None or not (row := _Line(*found)).answers:
                raise NotFound(f"There is no learner {learner!r} of {served.name!r}; the first answer makes one.")
            return Known(row.answers, row.time_s, self._state(c, served, learner, row))

    def items_of(self, served: Served, learner: str) -> set[str]:
        """The items that a learner answered."""
        found = select(ANSWERS.c.item).where(ANSWERS.c.model == served.name, ANSWERS.c.learner == learner).distinct()
        with reading(self._engine) as c:
            return set(c.execute(found).scalars())

    def forget(self, served: Served, learner: str) -> None:
        """Take a learner away, with all answers.

        Raises:
            NotFound: there is no such learner.
        """
        with writing(self._engine) as c:
            gone = [
                c.execute(delete(table).where(table.c.model == served.name, table.c.learner == learner)).rowcount
                for table in (ANSWERS, LEARNERS)
            ]
        if not any(gone):
            raise NotFound(f"There is no learner {learner!r} of {served.name!r}.")

    def _own(self, c: Connection, served: Served, learner: str) -> _Line:
        """The learner's line, made where there is none, and nobody else's until the transaction ends."""
        if (row := c.execute(_TAKING, _who(served, learner)).first()) is not None:
            return _Line(*row)
        first = {"model": served.name, "learner": learner, "key": served.key, "answers": 0, "time_s": None}
        dialect = sqlite if c.dialect.name == "sqlite" else postgresql
        new = dialect.insert(LEARNERS).values(**first, state=served.online.start()).on_conflict_do_nothing()
        c.execute(new)
        return _Line(*c.execute(_TAKING, _who(served, learner)).one())

    def _state(self, c: Connection, served: Served, learner: str, row: _Line) -> bytes:
        """What the model knows; where another one wrote it, from all answers."""
        if row.key == served.key:
            return bytes(row.state)
        state = served.online.start()
        for item, skills, correct, time_s in c.execute(_ALL, _who(served, learner)):
            state = served.online.update(state, Asked(item, tuple(json.loads(skills)), time_s), correct)
        return state


def _who(served: Served, learner: str) -> dict[str, object]:
    return {"of_model": served.name, "of_learner": learner}


def _again(item: str, correct: int, reply: str, given: Interaction) -> str:
    if (item, correct) != (given.item, given.correct):
        raise Conflict(f"Interaction {given.id!r} was sent before with another item or answer; give each its own id.")
    return reply


def _reply(
    served: Served, learner: str, given: Interaction, asked: Asked, number: int, expected: float, state: bytes
) -> str:
    reply = {
        "learner": learner,
        "interaction": given.id,
        "number": number,
        "expected": expected,
        "mastery": dict(served.online.masteries(state, asked)),
        "model": {"name": served.name, "version": served.version},
    }
    return json.dumps(reply, ensure_ascii=False, separators=(",", ":"))


def _answer(
    served: Served, learner: str, given: Interaction, asked: Asked, number: int, expected: float, reply: str
) -> dict[str, object]:
    return {
        "model": served.name,
        "learner": learner,
        "number": number,
        "interaction": given.id,
        "item": asked.item,
        "skills": json.dumps(asked.skills, ensure_ascii=False),
        "correct": given.correct,
        "time_s": given.time_s,
        "expected": expected,
        "version": served.version,
        "reply": reply,
        "kept_ms": now_ms(),
    }


def _new(served: Served, given: Interaction, row: _Line, number: int, state: bytes) -> dict[str, object]:
    time_s = row.time_s if given.time_s is None else given.time_s
    return {"new_key": served.key, "new_answers": number, "new_time_s": time_s, "new_state": state}
