"""Moodle's log becomes activity by day, and enrolments of those who were seen."""

from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.standards import moodle

DAY = 86_400
REPORT = "Time,User full name,Affected user,Event context,Component,Event name,Description,Origin,IP address\n"


def database(path: Path, *rows: tuple[object, ...]) -> Path:
    header = "id,eventname,component,userid,courseid,anonymous,timecreated\n"
    lines = [f"{number},e,{','.join(map(str, row))}" for number, row in enumerate(rows)]
    path.write_text(header + "\n".join(lines) + "\n")
    return path


def report(path: Path, *rows: tuple[str, str]) -> Path:
    lines = [
        f'"{time}","Ann Lee",-,"Course: Algebra",Quiz,viewed,"The user with id \'{user}\' viewed it.",web,10.0.0.1'
        for time, user in rows
    ]
    path.write_text(REPORT + "\n".join(lines) + "\n")
    return path


def test_events_of_the_database_are_counted_by_learner_day_and_component(tmp_path: Path) -> None:
    rows = [("mod_quiz", 5, 3, 0, 10 * DAY), ("mod_quiz", 5, 3, 0, 10 * DAY + 9), ("mod_forum", 5, 3, 0, 12 * DAY)]
    file = database(tmp_path / "log.csv", *rows, ("core", 6, 3, 0, 40 * DAY))
    found = moodle.read(file)
    activity = found.tables["activity.csv"]
    assert activity.values.tolist() == [
        ["5", "3", 0, "mod_quiz", 2],
        ["5", "3", 2, "mod_forum", 1],
        ["6", "3", 30, "core", 1],
    ]
    seen = found.tables["enrolments.csv"].set_index("learner")
    assert (seen.loc["5", "ends"], seen.loc["5", "result"]) == (2, "left")
    assert seen.loc["6", "ends"] != seen.loc["6", "ends"]
    assert seen.loc["6", "result"] == "stayed"


def test_events_of_nobody_and_of_no_course_are_counted_by_reason(tmp_path: Path) -> None:
    file = database(
        tmp_path / "log.csv",
        ("core", 0, 3, 0, DAY),
        ("core", 5, 1, 0, DAY),
        ("core", 5, 3, 1, DAY),
        ("core", 5, 3, 0, "noon"),
        ("core", 5, 3, 0, DAY),
    )
    assert {why: one.lines for why, one in moodle.read(file).tally.skipped.items()} == {
        "has no user (the system, or somebody who had not signed in)": [2],
        "is of no course (the site itself)": [3],
        "is anonymous": [4],
        "its time is not a count of seconds": [5],
    }


@pytest.mark.parametrize("time", ["3/09/24, 10:15:32", "3 September 2024, 10:15:32 AM", "03/09/2024, 10:15:32"])
def test_a_report_is_read_by_the_numbers_in_its_descriptions(tmp_path: Path, time: str) -> None:
    found = moodle.read(report(tmp_path / "log.csv", (time, "5"), (time, "5"), (time, "x")))
    assert found.tables["activity.csv"].values.tolist() == [["5", "Algebra", 0, "Quiz", 2]]
    assert found.tally.skipped["its description names no user by number"].lines == [4]


def test_times_of_a_report_that_fit_nothing_ask_for_their_form(tmp_path: Path) -> None:
    file = report(tmp_path / "log.csv", ("2024.09.03 10:15", "5"))
    with pytest.raises(UserError, match=r"the time '2024\.09\.03 10:15' fits none of the usual forms; say how"):
        moodle.read(file)
    assert moodle.read(file, "%Y.%m.%d %H:%M").tables["enrolments.csv"]["learner"].tolist() == ["5"]
    with pytest.raises(UserError, match="does not fit '%Y'"):
        moodle.read(file, "%Y")


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="there is no column 'component'; the columns are a, b"):
        moodle.read(tmp_path / "a.csv")
    with pytest.raises(UserError, match="no event of a learner in a course is left"):
        moodle.read(database(tmp_path / "b.csv", ("core", 0, 3, 0, DAY)))
