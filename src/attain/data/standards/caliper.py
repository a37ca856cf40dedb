"""IMS Caliper events (1.1 and 1.2) as answers: an item that was completed, joined with the score of its attempt.

See https://www.imsglobal.org/spec/caliper/v1p2.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from attain.core.table import SKILL_SEPARATOR
from attain.data.standards.iso8601 import duration, moment
from attain.data.standards.json_records import records
from attain.data.standards.tally import Answer, Answers, Tally, Unreadable

Json = Mapping[str, Any]

MOST = 1e9
"""Points; more are a mistake."""


class _Item(NamedTuple):
    """An item that a learner completed, and the attempt whose score says how."""

    line: int
    attempt: str
    learner: str
    item: str
    skill: str
    time_s: float
    duration_s: float | None


def read(path: Path) -> Answers:
    """The answers in a file of events, or of the envelopes in which sensors send them.

    An event whose id comes again is read once. An item's skills are its learning objectives, or else what it is part
    of. Scores of whole assessments say nothing of single items and are skipped.

    Raises:
        UserError: the file is not JSON at all.
    """
    tally = Tally()
    items: list[_Item] = []
    scores: dict[str, tuple[int, float]] = {}
    seen: set[str] = set()
    for line, event in records(path, "data"):
        tally.records += 1
        try:
            if isinstance(event, Unreadable):
                raise event
            parts = _entity(event, "the event")
            if "id" in parts:
                if (key := _id(parts, "the event")) in seen:
                    raise Unreadable("its id was there before")
                seen.add(key)
            match _kind(parts.get("type")):
                case "AssessmentItemEvent":
                    items.append(_item(parts, line))
                case "GradeEvent" | "OutcomeEvent":
                    attempt, share = _score(parts)
                    scores[attempt] = (line, share)
                case other:
                    raise Unreadable(f"is of type {other!r}, not AssessmentItemEvent or GradeEvent")
        except Unreadable as error:
            tally.skip(str(error), line)
    return Answers(_joined(items, scores, tally), tally)


def _joined(items: list[_Item], scores: dict[str, tuple[int, float]], tally: Tally) -> list[Answer]:
    answers = []
    for one in items:
        _, share = scores.get(one.attempt, (0, None))
        if share is None:
            tally.skip("no score came for its attempt", one.line)
        elif share not in (0, 1):
            tally.skip("its score is neither none nor all of the points", one.line)
        else:
            answers.append(Answer(one.learner, one.item, one.skill, int(share), one.time_s, one.duration_s))
    for attempt in scores.keys() - {one.attempt for one in items}:
        tally.skip("scores an attempt at something else than a completed item", scores[attempt][0])
    return answers


def _item(event: Json, line: int) -> _Item:
    if (action := _kind(event.get("action"))) not in ("Completed", "Submitted"):
        raise Unreadable(f"its action is {action!r}, not Completed")
    item = event.get("object")
    response = _entity(event.get("generated"), "what it generated (a response)")
    attempt = response.get("attempt", response if _kind(response.get("type")) == "Attempt" else None)
    spent = attempt if isinstance(attempt, dict) else {}
    return _Item(
        line,
        _id(attempt, "the attempt of its response"),
        _id(event.get("actor"), "its actor"),
        _id(item, "its object"),
        _skills(item if isinstance(item, dict) else {}),
        moment(event.get("eventTime")),
        duration(spent.get("duration")) or _between(spent) or duration(response.get("duration")) or _between(response),
    )


def _score(event: Json) -> tuple[str, float]:
    """The attempt that was graded, and the share of its points."""
    if (action := _kind(event.get("action"))) != "Graded":
        raise Unreadable(f"its action is {action!r}, not Graded")
    score = _entity(event.get("generated"), "what it generated (a score)")
    given, most = score.get("scoreGiven"), score.get("maxScore")
    if not (isinstance(given, int | float) and isinstance(most, int | float) and 0 < most < MOST and given < MOST):
        raise Unreadable("its score has no scoreGiven and maxScore")
    return _id(event.get("object") or score.get("attempt"), "the attempt it graded"), given / most


def _skills(item: Json) -> str:
    objectives = item.get("learningObjectives")
    named = objectives if isinstance(objectives, list) and objectives else [item.get("isPartOf")]
    ids = [one.get("id") if isinstance(one, dict) else one for one in named]
    return SKILL_SEPARATOR.join(one for one in ids if isinstance(one, str) and one)


def _between(entity: Json) -> float | None:
    try:
        spent = moment(entity.get("endedAtTime")) - moment(entity.get("startedAtTime"))
    except Unreadable:
        return None
    return spent if spent >= 0 else None


def _kind(value: object) -> str:
    """A type or action without the address that older sensors put before it."""
    text = value if isinstance(value, str) else ""
    return text.rpartition("/")[2].rpartition("#")[2]


def _id(value: object, what: str) -> str:
    """The id of an entity, which may be the bare id."""
    found = value.get("id") if isinstance(value, dict) else value
    if not isinstance(found, str) or not found:
        raise Unreadable(f"{what} has no id")
    return found


def _entity(value: object, what: str) -> Json:
    if not isinstance(value, dict):
        raise Unreadable(f"{what} is {'missing' if value is None else 'not an object'}")
    return value
