"""Learners in use: their answers, in the order in which they came, and what a model knows of each."""

import json
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd
from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from attain.core.errors import UserError
from attain.core.table import SKILL_SEPARATOR
from attain.data import pseudonym
from attain.serve.interaction import Interaction
from attain.serve.refusals import Conflict
from attain.serve.served import Served
from attain.serve.tables import ANSWERS, LEARNERS, make
from attain.tasks.online import Asked, step
from attain.tracking.errors import NotFound
from attain.tracking.liveness import now_ms
from attain.tracking.sql.engine import open_engine, reading, together, writing

Who = dict[str, object]


def _of(table: Table) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The rows of one learner of one model."""
    return table.c.model == bindparam("of_model"), table.c.learner == bindparam("of_learner")


_LEARNER = select(LEARNERS.c.key, LEARNERS.c.answers, LEARNERS.c.time_s, LEARNERS.c.state).where(*_of(LEARNERS))
_TAKING = _LEARNER.with_for_update()  # by which PostgreSQL keeps others from the same learner; SQLite has one writer
_SAME = select(ANSWERS.c.item, ANSWERS.c.correct, ANSWERS.c.reply).where(
    *_of(ANSWERS), ANSWERS.c.interaction == bindparam("id")
)
_ITEMS = select(ANSWERS.c.item).where(*_of(ANSWERS)).distinct()
_ALL = (
    select(ANSWERS.c.item, ANSWERS.c.skills, ANSWERS.c.correct, ANSWERS.c.time_s)
    .where(*_of(ANSWERS))
    .order_by(ANSWERS.c.number)
)
_EXPECTED = ("learner", "number", "item", "skills", "correct", "time_s", "expected", "kept_ms")
_KEEP = insert(ANSWERS)
_KNOW = (
    update(LEARNERS)
    .where(*_of(LEARNERS))
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
    come meanwhile, it reads all the learner's answers again. Learners are kept under pseudonyms.

    Args:
        uri: address of the database.
        secret: the key of pseudonyms.
    """

    def __init__(self, uri: str, secret: bytes) -> None:
        self._engine, self._secret = open_engine(uri), secret
        try:
            make(self._engine, pseudonym.key_mark(secret))
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
            The reply as JSON, without the learner: the same one where the same answer comes again.

        Raises:
            Unknown: its item, or a skill, is not one that the model knows.
            Conflict: it is older than the learner's last, or its id was another answer's.
        """
        asked, who = served.asked(given.item, given.skills, given.time_s), self._who(served, learner)
        with writing(self._engine) as c:
            row = self._own(c, served, who)
            if (same := c.execute(_SAME, who | {"id": given.id}).first()) is not None:
                return _again(*same, given)
            if given.time_s is not None and row.time_s is not None and given.time_s < row.time_s:
                raise Conflict(
                    f"Interaction {given.id!r} is older than the learner's last one ({given.time_s:.3f} s against "
                    f"{row.time_s:.3f} s); answers must be sent in the order of time."
                )
            state = self._state(c, served, who, row)
            expected, state = step(served.online, state, asked, given.correct)
            number = row.answers + 1
            reply = _reply(served, given, asked, number, expected, state)
            c.execute(_KEEP, _answer(served, who, given, asked, number, expected, reply))
            c.execute(_KNOW, who | _new(served, given, row, number, state))
        return reply

    def known(self, served: Served, learner: str) -> Known:
        """What is known of a learner.

        Raises:
            NotFound: there is no such learner.
        """
        who = self._who(served, learner)
        with reading(self._engine) as c:
            found = c.execute(_LEARNER, who).first()
            if found is None or not (row := _Line(*found)).answers:
                raise NotFound(f"There is no learner {learner!r} of {served.name!r}; the first answer makes one.")
            return Known(row.answers, row.time_s, self._state(c, served, who, row))

    def items_of(self, served: Served, learner: str) -> set[str]:
        """The items that a learner answered."""
        with reading(self._engine) as c:
            return set(c.execute(_ITEMS, self._who(served, learner)).scalars())

    def expectations(self, model: str, version: str) -> pd.DataFrame:
        """The answers to one version, as they came.

        Returns:
            `learner` (a pseudonym), `number`, `item`, `skill` (joined by `~~`), `correct`, `time_s`, `expected`,
            `kept_ms`.
        """
        kept = select(*(ANSWERS.c[name] for name in _EXPECTED)).where(
            ANSWERS.c.model == model, ANSWERS.c.version == version
        )
        with reading(self._engine) as c:
            rows = c.execute(kept.order_by(ANSWERS.c.kept_ms, ANSWERS.c.learner, ANSWERS.c.number)).all()
        table = pd.DataFrame([tuple(row) for row in rows], columns=list(_EXPECTED))
        table["skill"] = [SKILL_SEPARATOR.join(json.loads(skills)) for skills in table.pop("skills")]
        return table

    def forget(self, served: Served, learner: str) -> None:
        """Take a learner away, with all answers.

        Raises:
            NotFound: there is no such learner.
        """
        who = self._who(served, learner)
        with writing(self._engine) as c:
            gone = [c.execute(delete(table).where(*_of(table)), who).rowcount for table in (ANSWERS, LEARNERS)]
        if not any(gone):
            raise NotFound(f"There is no learner {learner!r} of {served.name!r}.")

    def _who(self, served: Served, learner: str) -> Who:
        name = str(pseudonym.pseudonyms([learner], self._secret)[0])
        return {"of_model": served.name, "of_learner": name}

    def _own(self, c: Connection, served: Served, who: Who) -> _Line:
        """The learner's line, made where there is none, and nobody else's until the transaction ends."""
        if (row := c.execute(_TAKING, who).first()) is not None:
            return _Line(*row)
        first = {
            "model": who["of_model"],
            "learner": who["of_learner"],
            "key": served.key,
            "answers": 0,
            "time_s": None,
        }
        dialect = sqlite if c.dialect.name == "sqlite" else postgresql
        new = dialect.insert(LEARNERS).values(**first, state=served.online.start()).on_conflict_do_nothing()
        c.execute(new)
        return _Line(*c.execute(_TAKING, who).one())

    def _state(self, c: Connection, served: Served, who: Who, row: _Line) -> bytes:
        """What the model knows; where another one wrote it, from all answers."""
        if row.key == served.key:
            return bytes(row.state)
        state = served.online.start()
        for item, skills, correct, time_s in c.execute(_ALL, who):
            state = served.online.update(state, Asked(item, tuple(json.loads(skills)), time_s), correct)
        return state


def _again(item: str, correct: int, reply: str, given: Interaction) -> str:
    if (item, correct) != (given.item, given.correct):
        raise Conflict(f"Interaction {given.id!r} was sent before with another item or answer; give each its own id.")
    return reply


def _reply(served: Served, given: Interaction, asked: Asked, number: int, expected: float, state: bytes) -> str:
    reply = {
        "interaction": given.id,
        "number": number,
        "expected": expected,
        "mastery": dict(served.online.masteries(state, asked)),
        "model": {"name": served.name, "version": served.version},
    }
    return json.dumps(reply, ensure_ascii=False, separators=(",", ":"))


def _answer(
    served: Served, who: Who, given: Interaction, asked: Asked, number: int, expected: float, reply: str
) -> dict[str, object]:
    return {
        "model": who["of_model"],
        "learner": who["of_learner"],
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
