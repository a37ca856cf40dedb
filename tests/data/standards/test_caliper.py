"""Caliper events become answers, each joined with the score that came for its attempt."""

import json
from pathlib import Path
from typing import Any

from attain.data.standards import caliper

ANN = "https://example.edu/users/554433"
ITEM = "https://example.edu/assess/1/items/3"


def item_event(number: int = 1, **changes: Any) -> dict[str, Any]:
    attempt = {
        "id": f"{ITEM}/users/554433/attempts/{number}",
        "type": "Attempt",
        "assignee": ANN,
        "assignable": ITEM,
        "startedAtTime": "2026-03-01T10:15:00.000Z",
        "endedAtTime": "2026-03-01T10:15:20.000Z",
    }
    return {
        "@context": "http://purl.imsglobal.org/ctx/caliper/v1p2",
        "id": f"urn:uuid:item-{number}",
        "type": "AssessmentItemEvent",
        "actor": {"id": ANN, "type": "Person"},
        "action": "Completed",
        "object": {"id": ITEM, "type": "AssessmentItem", "isPartOf": {"id": "https://example.edu/assess/1"}},
        "generated": {"id": f"{ITEM}/responses/{number}", "type": "FillinBlankResponse", "attempt": attempt},
        "eventTime": "2026-03-01T10:15:20.000Z",
    } | changes


def grade_event(number: int = 1, given: float = 1, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"urn:uuid:grade-{number}",
        "type": "GradeEvent",
        "actor": {"id": "https://example.edu/autograder", "type": "SoftwareApplication"},
        "action": "Graded",
        "object": {"id": f"{ITEM}/users/554433/attempts/{number}", "type": "Attempt"},
        "generated": {"type": "Score", "scoreGiven": given, "maxScore": 5},
        "eventTime": "2026-03-01T10:16:00.000Z",
    } | changes


def write(path: Path, *events: object) -> Path:
    envelope = {"sensor": "s", "sendTime": "2026-03-01T11:00:00Z", "dataVersion": "v1p2", "data": list(events)}
    path.write_text(json.dumps(envelope) + "\n")
    return path


def test_an_item_is_joined_with_the_score_of_its_attempt(tmp_path: Path) -> None:
    found = caliper.read(
        write(tmp_path / "a.json", grade_event(given=5), item_event(), item_event(2), grade_event(2, 0))
    )
    assert found.rows == [
        (ANN, ITEM, "https://example.edu/assess/1", 1, 1772360120.0, 20.0),
        (ANN, ITEM, "https://example.edu/assess/1", 0, 1772360120.0, 20.0),
    ]
    assert not found.tally.skipped


def test_bare_addresses_of_entities_and_of_types_are_read(tmp_path: Path) -> None:
    event = item_event(
        type="http://purl.imsglobal.org/caliper/v1/AssessmentItemEvent",
        action="http://purl.imsglobal.org/vocab/caliper/v1/action#Completed",
        actor=ANN,
        object=ITEM,
        generated={"attempt": "urn:attempt"},
    )
    (answer,) = caliper.read(write(tmp_path / "a.json", event, grade_event(given=5, object="urn:attempt"))).rows
    assert answer == (ANN, ITEM, "", 1, 1772360120.0, None)


def test_learning_objectives_are_the_skills(tmp_path: Path) -> None:
    about = {"id": ITEM, "learningObjectives": [{"id": "lo:1"}, "lo:2"], "isPartOf": "quiz"}
    (answer,) = caliper.read(write(tmp_path / "a.json", item_event(object=about), grade_event(given=5))).rows
    assert answer.skill == "lo:1~~lo:2"


def test_what_is_no_answer_is_counted_by_reason(tmp_path: Path) -> None:
    found = caliper.read(
        write(
            tmp_path / "a.json",
            item_event(1),
            item_event(1),
            item_event(2),
            grade_event(2, 2.5),
            grade_event(3, object={"id": "whole assessment", "type": "Attempt"}),
            item_event(4, action="Started"),
            {"id": "n", "type": "NavigationEvent"},
            item_event(5, generated=None),
            item_event(6, eventTime="soon"),
            grade_event(7, generated={"scoreGiven": 1}),
            "no event",
        )
    )
    assert found.rows == []
    assert {why: one.count for why, one in found.tally.skipped.items()} == {
        "no score came for its attempt": 1,
        "its id was there before": 1,
        "its score is neither none nor all of the points": 1,
        "scores an attempt at something else than a completed item": 1,
        "its action is 'Started', not Completed": 1,
        "is of type 'NavigationEvent', not AssessmentItemEvent or GradeEvent": 1,
        "what it generated (a response) is missing": 1,
        "its time is not one of ISO 8601": 1,
        "its score has no scoreGiven and maxScore": 1,
        "the event is not an object": 1,
    }
