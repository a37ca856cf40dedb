"""An answer as a tutor sends it: read, and refused in a sentence where it is not right."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from attain.core.errors import unknown
from attain.core.moments import seconds_of
from attain.serve.refusals import Unknown

FIELDS = ("id", "item", "skill", "skills", "correct", "time")
LONGEST = 250
LATEST_S = 1e12
MOST_SKILLS = 100


@dataclass(frozen=True)
class Interaction:
    """An answer.

    Attributes:
        id: by which it is told from others of the learner; one that comes again is the same.
        item: what was asked.
        skills: of the item; None where they are to be looked up.
        correct: 0 or 1.
        time_s: seconds since 1970; None where it is not known.
    """

    id: str
    item: str
    skills: tuple[str, ...] | None
    correct: int
    time_s: float | None


def read(values: Mapping[str, object]) -> Interaction:
    """The answer in a JSON object.

    Raises:
        Unknown: a field is missing, unknown, or not right.
    """
    if others := [name for name in values if name not in FIELDS]:
        raise Unknown(str(unknown("field of an interaction", others[0], FIELDS)))
    if lacking := [name for name in ("item", "correct") if values.get(name) is None]:
        raise Unknown(f"The interaction lacks {lacking[0]!r}; 'item' and 'correct' (0 or 1) are needed.")
    correct = values["correct"]
    if not isinstance(correct, int | float) or correct not in (0, 1):
        raise Unknown(f"'correct' is {_shown(correct)}; expected 0 or 1.")
    given = values.get("id")
    return Interaction(
        uuid.uuid4().hex if given is None else checked_name("id", given),
        checked_name("item", values["item"]),
        _skills(values),
        int(correct),
        _time(values.get("time")),
    )


def checked_name(field: str, value: object) -> str:
    """A name or an id.

    Raises:
        Unknown: it is not text (or a whole number), is empty, or too long.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value or "\x00" in value or len(value) > LONGEST or not _writable(value):
        raise Unknown(f"{field!r} is {_shown(value)}; expected text of 1 to {LONGEST} characters.")
    return value


def _skills(values: Mapping[str, object]) -> tuple[str, ...] | None:
    given = values.get("skills", values.get("skill"))
    if given is None:
        return None
    several = given if isinstance(given, list) else [given]
    if len(several) > MOST_SKILLS:
        raise Unknown(f"'skills' has {len(several)} names; at most {MOST_SKILLS} are taken.")
    return tuple(checked_name("skills", one) for one in several)


def _time(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) < LATEST_S:  # which no infinity is, and no NaN
            return float(value)
    elif isinstance(value, str) and (moment := seconds_of(value)) is not None:
        return moment
    raise Unknown(f"'time' is {_shown(value)}; expected seconds since 1970, or such as '2026-03-01T09:30:00Z'.")


def _writable(text: str) -> bool:
    """Whether text has a form in UTF-8; a lone half of a pair from JSON has none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
