"""Zips of OneRoster's tables become enrolments."""

import zipfile
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.standards import oneroster

TABLES = {
    "manifest.csv": "propertyName,value\noneroster.version,1.2\n"
    + "".join(f"file.{name},bulk\n" for name in oneroster.NEEDED),
    "users.csv": "sourcedId,status,dateLastModified,givenName\nu1,,,Ann\nu2,,,Bob\nu3,tobedeleted,,Cy\nt1,,,Dee\n",
    "classes.csv": "sourcedId,status,title,termSourcedIds\nc1,,Algebra,s1\nc2,,Music,\n",
    "academicSessions.csv": "sourcedId,status,title,startDate,endDate\ns1,,Spring,2026-02-01,2026-06-30\n",
    "enrollments.csv": "sourcedId,status,classSourcedId,userSourcedId,role,beginDate,endDate\n"
    "e1,,c1,u1,student,2026-02-03,2026-06-30\n"
    "e2,,c1,u2,student,,2026-03-13\n"
    "e3,,c1,u3,student,,\n"
    "e4,,c1,t1,teacher,,\n"
    "e5,,c2,u1,student,,\n",
    "demographics.csv": "sourcedId,status,sex,asian\nu1,,female,true\nu2,,male,false\n",
    "lineItems.csv": "sourcedId,status,classSourcedId,resultValueMax\nl1,,c1,20\nl2,,c1,10\n",
    "results.csv": "sourcedId,status,lineItemSourcedId,studentSourcedId,scoreStatus,score\n"
    "r1,,l1,u1,fully graded,10\nr2,,l2,u1,fully graded,10\nr3,,l1,u2,fully graded,5\nr4,,l2,u2,not submitted,\n",
}


def zipped(path: Path, **changes: str) -> Path:
    """A zip of the tables, some of them changed or (as "") left out."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in TABLES.items():
            text = changes.get(name.removesuffix(".csv"), text)
            if text:
                archive.writestr(name, "\ufeff" + text)
    return path


def test_students_are_enrolled_with_days_results_and_cohorts(tmp_path: Path) -> None:
    found = oneroster.read(zipped(tmp_path / "a.zip"))
    table = found.tables["enrolments.csv"]
    assert table[["learner", "course", "term"]].values.tolist() == [
        ["u1", "Algebra", "Spring"],
        ["u2", "Algebra", "Spring"],
    ]
    assert table["result"].tolist() == [75, 25]
    assert table["sex"].tolist() == ["female", "male"]
    first, second = table.to_dict("records")
    assert first["begins"] == 2
    assert first["ends"] != first["ends"]  # to the end of the term
    assert second["ends"] == 40
    assert {why: one.lines for why, one in found.tally.skipped.items()} == {
        "users.csv: to be deleted": [4],
        "enrollments.csv: its user is not there": [4],
        "enrollments.csv: the role is 'teacher', not student": [5],
        "enrollments.csv: its class has no term with dates": [6],
        "results.csv: it is 'not submitted', not fully graded": [5],
    }


def test_classes_of_one_title_are_told_apart_and_a_second_enrolment_is_counted(tmp_path: Path) -> None:
    classes = "sourcedId,status,title,termSourcedIds\nc1,,Algebra,s1\nc2,,Algebra,s1\n"
    twice = TABLES["enrollments.csv"] + "e6,,c1,u1,student,2026-02-09,2026-06-30\n"
    found = oneroster.read(zipped(tmp_path / "a.zip", classes=classes, enrollments=twice))
    table = found.tables["enrolments.csv"].sort_values(["learner", "course"])
    assert table[["learner", "course"]].values.tolist() == [
        ["u1", "Algebra (c1)"],
        ["u1", "Algebra (c2)"],
        ["u2", "Algebra (c1)"],
    ]
    assert table["begins"].tolist()[0] == 8
    again = found.tally.skipped["enrollments.csv: a later row enrols the same student in the same class"]
    assert again.lines == [2]


def test_without_results_and_demographics_there_are_enrolments_all_the_same(tmp_path: Path) -> None:
    found = oneroster.read(zipped(tmp_path / "a.zip", results="", demographics="", lineItems=""))
    assert list(found.card["outcomes"]) == ["left"]  # type: ignore[call-overload]  # a mapping
    assert found.card["cohorts"] == {}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"manifest": ""}, r"there is no 'manifest\.csv'"),
        ({"classes": ""}, r"there is no table 'classes\.csv', which enrolments need"),
        ({"users": "id\nu1\n"}, r"users\.csv: there is no column 'sourcedId'; the columns are id"),
        (
            {"manifest": "propertyName,value\nfile.enrollments,delta\n"},
            r"enrollments\.csv is a delta, which holds changes only; export it as bulk",
        ),
        ({"enrollments": TABLES["enrollments.csv"].split("e1", maxsplit=1)[0]}, "no student is enrolled in a class"),
    ],
)
def test_a_zip_that_is_not_whole_is_refused(tmp_path: Path, changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        oneroster.read(zipped(tmp_path / "a.zip", **changes))


def test_a_file_that_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("no zip")
    with pytest.raises(UserError, match="not a zip file, as OneRoster's CSV is"):
        oneroster.read(tmp_path / "a.zip")
