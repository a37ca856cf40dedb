"""OneRoster 1.1 and 1.2 CSV, a zip of tables, as enrolments: who was in which class from when to when, and how it went.

See https://www.imsglobal.org/spec/oneroster/v1p2/bind/csv.
"""

import zipfile
from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from attain.core.errors import UserError
from attain.data.standards.csv_rows import decoded, rows
from attain.data.standards.tally import Courses, Tally

Row = Mapping[str, str]

ENROLMENTS = "enrolments.csv"
STUDENT = "student"
GONE = "tobedeleted"
GRADED = "fully graded"
PASS = 50.0
"""A mean of results below it, in percent of what can be reached, is a low one."""
LARGEST = 4 << 30
"""Bytes of a table, unpacked, above which a zip is held to be a trap."""

NEEDED: Mapping[str, Collection[str]] = {
    "users": ("sourcedId",),
    "classes": ("sourcedId", "title", "termSourcedIds"),
    "enrollments": ("sourcedId", "classSourcedId", "userSourcedId", "role", "beginDate", "endDate"),
    "academicSessions": ("sourcedId", "startDate", "endDate"),
    "demographics": ("sourcedId",),
    "lineItems": ("sourcedId", "classSourcedId", "resultValueMax"),
    "results": ("sourcedId", "lineItemSourcedId", "studentSourcedId", "scoreStatus", "score"),
}
"""The tables that are read, and the columns that each must have."""
ALWAYS = ("users", "classes", "enrollments", "academicSessions")

COHORTS = {
    "sex": "sex",
    "american_indian_or_alaska_native": "americanIndianOrAlaskaNative",
    "asian": "asian",
    "black_or_african_american": "blackOrAfricanAmerican",
    "native_hawaiian_or_other_pacific_islander": "nativeHawaiianOrOtherPacificIslander",
    "white": "white",
    "two_or_more_races": "demographicRaceTwoOrMoreRaces",
    "hispanic_or_latino": "hispanicOrLatinoEthnicity",
}
"""Cohort attributes to the columns of `demographics.csv`."""


def read(path: Path) -> Courses:
    """The enrolments of students in a zip of bulk tables; other files of it than those named here are left alone.

    It needs `users`, `classes`, `enrollments` and `academicSessions`; with `demographics` there are cohorts, and with
    `results` and `lineItems` there is a mean result. Days count from the start of the class's (first) term.

    Raises:
        UserError: the file is no zip of OneRoster, lacks a table, or holds changes only.
    """
    tally = Tally()
    try:
        with zipfile.ZipFile(path) as archive:
            tables = _tables(path, archive, tally)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        raise UserError(f"{path}: not a zip file, as OneRoster's CSV is, or it cannot be unpacked.") from None
    graded = _means(tables.get("results", {}), tables.get("lineItems", {}), tally)
    found = _enrolments(tables, graded, tally)
    if not found:
        raise UserError(f"{path}: no student is enrolled in a class whose term is known.")
    table = pd.DataFrame(found)
    again = table.duplicated(["learner", "course", "term"], keep="last")
    for line in table.pop("line")[again]:
        tally.skip("enrollments.csv: a later row enrols the same student in the same class", int(line))
    table = table[~again]
    return Courses(
        {ENROLMENTS: table}, _card(table), tally, ("OneRoster says neither activity nor assessments' days.",)
    )


def _tables(path: Path, archive: zipfile.ZipFile, tally: Tally) -> dict[str, dict[str, Row]]:
    """The tables by name, each row by its `sourcedId`."""
    names = {Path(name).name: name for name in archive.namelist()}
    modes = _modes(path, archive, names)
    tables = {}
    for name, needed in NEEDED.items():
        file, mode = f"{name}.csv", modes.get(f"file.{name}", "")
        if mode == "delta":
            raise UserError(f"{path}: {file} is a delta, which holds changes only; export it as bulk.")
        if file in names and mode != "absent":
            tables[name] = _by_id(path, archive, names[file], needed, tally)
        elif name in ALWAYS:
            raise UserError(f"{path}: there is no table {file!r}, which enrolments need.")
    return tables


def _modes(path: Path, archive: zipfile.ZipFile, names: Mapping[str, str]) -> dict[str, str]:
    """What the manifest says of each file: bulk, delta or absent."""
    if "manifest.csv" not in names:
        raise UserError(f"{path}: there is no 'manifest.csv', which a zip of OneRoster has.")
    text = decoded(archive.read(names["manifest.csv"]), "manifest.csv")
    return {
        row["propertyName"]: row["value"].lower()
        for _, row in rows(text, f"{path}, manifest.csv", ("propertyName", "value"))
    }


def _by_id(path: Path, archive: zipfile.ZipFile, name: str, needed: Collection[str], tally: Tally) -> dict[str, Row]:
    if archive.getinfo(name).file_size > LARGEST:
        raise UserError(f"{path}: {name} has more than {LARGEST >> 30} GB unpacked.")
    file, found = Path(name).name, dict[str, Row]()
    for line, row in rows(decoded(archive.read(name), name), f"{path}, {file}", needed):
        tally.records += 1
        if row.get("status", "").lower() == GONE:
            tally.skip(f"{file}: to be deleted", line)
        elif not row["sourcedId"]:
            tally.skip(f"{file}: no sourcedId", line)
        elif row["sourcedId"] in found:
            tally.skip(f"{file}: its sourcedId was there before", line)
        else:
            found[row["sourcedId"]] = {**row, "": str(line)}
    return found


def _enrolments(
    tables: Mapping[str, Mapping[str, Row]], graded: Mapping[tuple[str, str], float], tally: Tally
) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    titles = Counter(about["title"] for about in tables["classes"].values())
    for row in tables["enrollments"].values():
        line = int(row[""])
        if row["role"].lower() != STUDENT:
            tally.skip(f"enrollments.csv: the role is {row['role']!r}, not student", line)
            continue
        user, about = tables["users"].get(row["userSourcedId"]), tables["classes"].get(row["classSourcedId"])
        if user is None or about is None:
            tally.skip(f"enrollments.csv: its {'user' if user is None else 'class'} is not there", line)
            continue
        if (term := _term(about, tables["academicSessions"])) is None:
            tally.skip("enrollments.csv: its class has no term with dates", line)
            continue
        name, first, last = term
        begins, ends = _day(row["beginDate"]), _day(row["endDate"])
        person = tables.get("demographics", {}).get(row["userSourcedId"], {})
        mean = graded.get((row["userSourcedId"], row["classSourcedId"]))
        found.append(
            {
                "line": line,
                "learner": row["userSourcedId"],
                "course": _course(about, titles),
                "term": name,
                "result": None if mean is None else round(mean, 2),
                "begins": None if begins is None else (begins - first).days,
                "ends": None if ends is None or ends >= last else (ends - first).days,
                **{ours: person.get(column, "") for ours, column in COHORTS.items()},
            }
        )
    return found


def _course(about: Row, titles: Mapping[str, int]) -> str:
    """The title of a class, with its id where other classes have the same title."""
    title = about["title"]
    return title if title and titles[title] == 1 else f"{title} ({about['sourcedId']})".strip()


def _term(about: Row, sessions: Mapping[str, Row]) -> tuple[str, date, date] | None:
    """The first term of a class: its id, start and end."""
    dated = []
    for name in about["termSourcedIds"].split(","):
        session = sessions.get(name.strip(), {})
        first, last = _day(session.get("startDate", "")), _day(session.get("endDate", ""))
        if first is not None and last is not None:
            dated.append((first, last, session.get("title") or name.strip()))
    if not dated:
        return None
    first, last, title = min(dated)
    return title, first, last


def _means(results: Mapping[str, Row], items: Mapping[str, Row], tally: Tally) -> dict[tuple[str, str], float]:
    """The mean result of each student in each class, in percent of what can be reached."""
    shares: dict[tuple[str, str], list[float]] = {}
    for row in results.values():
        item = items.get(row["lineItemSourcedId"])
        if item is None:
            tally.skip("results.csv: its line item is not there", int(row[""]))
        elif row["scoreStatus"].lower() != GRADED:
            tally.skip(f"results.csv: it is {row['scoreStatus']!r}, not fully graded", int(row[""]))
        elif (share := _share(row["score"], item["resultValueMax"])) is None:
            tally.skip("results.csv: its score or the most that can be reached is not a number", int(row[""]))
        else:
            shares.setdefault((row["studentSourcedId"], item["classSourcedId"]), []).append(share)
    return {who: 100 * sum(own) / len(own) for who, own in shares.items()}


def _share(score: str, most: str) -> float | None:
    try:
        given, reachable = float(score), float(most)
    except ValueError:
        return None
    return given / reachable if reachable > 0 and given == given else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _card(table: pd.DataFrame) -> dict[str, object]:
    """How the table is read: what is predicted is who leaves, and where there are results, whose are low."""
    left = {"leaves_within": True, "had": "left soon after", "had_not": "stayed"}
    low = {"below": PASS, "had": "had a low mean result", "had_not": "had none"}
    outcomes = {"left": left} | ({"low_result": low} if table["result"].notna().any() else {})
    known = {name: name for name in COHORTS if (table[name] != "").any()}
    return {
        "file": ENROLMENTS,
        "learner": "learner",
        "course": "course",
        "term": "term",
        "result": "result",
        "outcomes": outcomes,
        "groups": {},
        "cohorts": known,
        "registration": {
            "file": ENROLMENTS,
            "learner": "learner",
            "course": "course",
            "term": "term",
            "begins": "begins",
            "ends": "ends",
        },
    }
