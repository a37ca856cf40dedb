"""Moodle's standard log as enrolments with daily activity: as its database keeps it, or as its report writes it.

See https://docs.moodle.org/dev/Logging_2 (table `logstore_standard_log`), and Reports > Logs in a course.
"""

import gzip
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from attain.core.errors import UserError
from attain.data.standards.csv_rows import decoded, rows
from attain.data.standards.tally import Courses, Tally, Unreadable

ENROLMENTS, ACTIVITY, KINDS = "enrolments.csv", "activity.csv", "kinds.csv"
OF_DATABASE = ("component", "userid", "courseid", "timecreated")
OF_REPORT = ("Time", "Event context", "Component", "Event name", "Description")
TIMES = (
    "%d/%m/%y, %H:%M:%S",
    "%d/%m/%Y, %H:%M:%S",
    "%d %B %Y, %I:%M:%S %p",
    "%d %B %Y, %H:%M:%S",
    "%d %b %Y, %H:%M:%S",
)
"""How a report may write its times, in English; the day comes first."""
SILENT_DAYS = 14
"""A learner of whom the log says nothing for so long before its last day has left on the last day it says something."""
_USER = re.compile(r"The user with id '(\d+)'")
_COURSE = re.compile(r"course with id '(\d+)'")


class _Event(NamedTuple):
    learner: str
    course: str
    kind: str
    day: int  # since 1970


def read(path: Path, time_format: str = "") -> Courses:
    """The activity of learners by course, day and component, and when each was first and last seen.

    Teachers are not told from learners by the log; take them out of it before. A report's names are not read: who it
    was stands in its descriptions, by number. Days count from the first day of the course's log.

    Args:
        path: CSV, plain or gzipped.
        time_format: how a report writes times, as `strptime` has it; one of `TIMES` that fits if not given.

    Raises:
        UserError: the file is neither of the two, or its times cannot be read.
    """
    try:
        content = path.read_bytes()
        text = decoded(gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content, str(path))
    except FileNotFoundError:
        raise UserError(f"There is no file {str(path)!r}.") from None
    except (OSError, EOFError) as error:
        raise UserError(f"{path}: cannot be read: {error}.") from None
    header = text.partition("\n")[0]
    tally, found = Tally(), []
    by_report = "Event context" in header
    one = _of_report(_times(path, text, time_format)) if by_report else _of_database
    for line, row in rows(text, str(path), OF_REPORT if by_report else OF_DATABASE):
        tally.records += 1
        try:
            found.append(one(row))
        except Unreadable as error:
            tally.skip(str(error), line)
    if not found:
        why = "; ".join(f"{reason}: {skipped.count:,}" for reason, skipped in tally.skipped.items())
        raise UserError(f"{path}: no event of a learner in a course is left ({why or 'the file has no rows'}).")
    return _courses(pd.DataFrame(found), tally)


def _of_database(row: dict[str, str]) -> _Event:
    if row.get("anonymous", "0") not in ("0", ""):
        raise Unreadable("is anonymous")
    if not row["userid"].isdecimal() or row["userid"] == "0":
        raise Unreadable("has no user (the system, or somebody who had not signed in)")
    if not row["courseid"].isdecimal() or row["courseid"] in ("0", "1"):
        raise Unreadable("is of no course (the site itself)")
    if not row["timecreated"].isdecimal() or len(row["timecreated"]) > 11:
        raise Unreadable("its time is not a count of seconds")
    return _Event(row["userid"], row["courseid"], row["component"], int(row["timecreated"]) // 86_400)


def _of_report(moment: Callable[[str], datetime]) -> Callable[[dict[str, str]], _Event]:
    def event(row: dict[str, str]) -> _Event:
        user, course = _USER.search(row["Description"]), _COURSE.search(row["Description"])
        if user is None or user[1] in ("0", "-1"):
            raise Unreadable("its description names no user by number")
        context = row["Event context"]
        name = course[1] if course else context.removeprefix("Course: ") if context.startswith("Course: ") else ""
        try:
            day = int(moment(row["Time"]).timestamp()) // 86_400
        except ValueError:
            raise Unreadable("its time is written otherwise than that of others") from None
        return _Event(user[1], name or "course", row["Component"], day)

    return event


def _times(path: Path, text: str, time_format: str) -> Callable[[str], datetime]:
    """Reads the times of a report: by the one format that fits its first rows.

    Raises:
        UserError: none does.
    """
    first = [row["Time"] for _, (_, row) in zip(range(50), rows(text, str(path), OF_REPORT), strict=False)]
    for one in (time_format,) if time_format else TIMES:
        try:
            for value in first:
                datetime.strptime(value, one)
        except ValueError:
            continue
        return lambda value: datetime.strptime(value, one).replace(tzinfo=UTC)
    shown = f"{first[0]!r}" if first else "nothing"
    asked = f"does not fit {time_format!r}" if time_format else "fits none of the usual forms"
    raise UserError(f"{path}: the time {shown} {asked}; say how it is written by --time-format '%d/%m/%y, %H:%M:%S'.")


def _courses(events: pd.DataFrame, tally: Tally) -> Courses:
    events["day"] -= events.groupby("course")["day"].transform("min")
    activity = events.groupby(["learner", "course", "day", "kind"], sort=True).size().rename("events").reset_index()
    seen = events.groupby(["learner", "course"])["day"].agg(begins="min", last="max").reset_index()
    over = seen["course"].map(events.groupby("course")["day"].max())
    seen["ends"] = seen["last"].where(seen["last"] + SILENT_DAYS < over)
    seen["result"] = seen["ends"].notna().map({True: "left", False: "stayed"})
    kinds = pd.DataFrame({"kind": sorted(set(activity["kind"]))}).assign(name=lambda table: table["kind"])
    tables = {ENROLMENTS: seen.drop(columns="last"), ACTIVITY: activity, KINDS: kinds}
    return Courses(tables, _card(), tally, tuple(_faults()))


def _faults() -> Iterator[str]:
    yield "The log says who was active, not who was enrolled: learners who never came are not there."
    yield f"Who left is not said: an end is the last active day, followed by {SILENT_DAYS} silent days or more."
    yield "The log does not tell teachers from learners."


def _card() -> dict[str, object]:
    keys = {"learner": "learner", "course": "course"}
    return {
        "file": ENROLMENTS,
        **keys,
        "result": "result",
        "outcomes": {
            "left": {"leaves_within": True, "had": "fell silent soon after", "had_not": "stayed active"},
            "left_at_all": {"yes": ["left"], "no": ["stayed"], "had": "fell silent", "had_not": "stayed active"},
        },
        "groups": {},
        "registration": {"file": ENROLMENTS, **keys, "begins": "begins", "ends": "ends"},
        "activity": {
            "file": ACTIVITY,
            **keys,
            "day": "day",
            "about": "kind",
            "amount": "events",
            "kinds": {"file": KINDS, "key": "kind", "kind": "name"},
        },
    }
