"""xAPI statements (1.0.3, and 2.0 as IEEE 9274.1.1) as answers: who `answered` what, and with what success.

See https://github.com/adlnet/xAPI-Spec and https://opensource.ieee.org/xapi.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from attain.core.table import SKILL_SEPARATOR
from attain.data.standards.iso8601 import duration, moment
from attain.data.standards.json_records import records
from attain.data.standards.tally import Answer, Answers, Tally, Unreadable

Json = Mapping[str, Any]

ANSWERED = "http://adlnet.gov/expapi/verbs/answered"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"

SkillsFrom = Literal["parent", "grouping", "category", "other", "none"]
"""Which context activities of a statement are the skills of its item."""


def read(path: Path, skills_from: SkillsFrom = "parent") -> Answers:
    """The answers in a file of statements: JSON Lines, an array, or results of a query (`statements`).

    A statement that was voided is none, and one whose id comes again is read once.

    Raises:
        UserError: the file is not JSON at all.
    """
    tally = Tally()
    found: dict[str, tuple[int, Answer]] = {}
    voided: set[str] = set()
    for line, statement in records(path, "statements"):
        tally.records += 1
        try:
            if isinstance(statement, Unreadable):
                raise statement
            parts = _object(statement, "the statement")
            key = _text(parts["id"], "its id") if "id" in parts else f"record {tally.records}"
            if _verb(parts) == VOIDED:
                voided.add(str(_object(parts.get("object"), "its object").get("id")))
                raise Unreadable("voids another statement")
            if key in found:
                raise Unreadable("its id was there before")
            found[key] = (line, _answer(parts, skills_from))
        except Unreadable as error:
            tally.skip(str(error), line)
    for key in voided & found.keys():
        tally.skip("was voided", found.pop(key)[0])
    return Answers([answer for _, answer in found.values()], tally)


def _answer(statement: Json, skills_from: SkillsFrom) -> Answer:
    verb = _verb(statement)
    learner = actor(statement.get("actor"))
    target = _object(statement.get("object"), "its object")
    if target.get("objectType", "Activity") != "Activity":
        raise Unreadable("its object is not an activity")
    item = _text(target.get("id"), "its object's id")
    if verb != ANSWERED:
        raise Unreadable(f"its verb is {verb!r}, not answered")
    result = _object(statement.get("result"), "its result")
    when = statement.get("timestamp") or statement.get("stored")
    if when is None:
        raise Unreadable("it has no time")
    return Answer(
        learner,
        item,
        _skills(statement.get("context"), skills_from),
        _correct(result),
        moment(when),
        duration(result.get("duration")),
    )


def actor(value: object) -> str:
    """What identifies an agent, by its one inverse functional identifier.

    Raises:
        Unreadable: it is a group, or is not identified.
    """
    agent = _object(value, "its actor")
    if agent.get("objectType", "Agent") != "Agent":
        raise Unreadable("its actor is a group")
    account = agent.get("account")
    if isinstance(account, dict) and account.get("homePage") and account.get("name"):
        return f"{account['homePage']}|{account['name']}"
    for kind in ("mbox", "mbox_sha1sum", "openid"):
        if isinstance(agent.get(kind), str) and agent[kind]:
            return str(agent[kind])
    raise Unreadable("its actor is not identified (account, mbox, mbox_sha1sum or openid)")


def _correct(result: Json) -> int:
    success = result.get("success")
    if isinstance(success, bool):
        return int(success)
    score = result.get("score")
    scaled = score.get("scaled") if isinstance(score, dict) else None
    if isinstance(scaled, int | float) and scaled in (0, 1):
        return int(scaled)
    raise Unreadable("its result says neither success nor a scaled score of 0 or 1")


def _skills(context: object, skills_from: SkillsFrom) -> str:
    activities = context.get("contextActivities") if isinstance(context, dict) else None
    named = activities.get(skills_from) if isinstance(activities, dict) else None
    several = [named] if isinstance(named, dict) else named if isinstance(named, list) else []
    return SKILL_SEPARATOR.join(str(one["id"]) for one in several if isinstance(one, dict) and one.get("id"))


def _verb(statement: Json) -> str:
    return _text(_object(statement.get("verb"), "its verb").get("id"), "its verb's id")


def _object(value: object, what: str) -> Json:
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is {'missing' if value is None else 'not an object'}")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str) or not value:
        raise Unreadable(f"{what} is {'missing' if value is None else 'not text'}")
    return value
