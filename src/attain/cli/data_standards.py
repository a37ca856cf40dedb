"""`attain data import NAME FILE --from STANDARD`: files of learning standards become data sets."""

from dataclasses import asdict
from pathlib import Path
from typing import get_args

from attain.cli.output import out, print_json, print_table
from attain.core.errors import UserError, unknown
from attain.data.enrolments import Enrolments
from attain.data.standards import caliper, moodle, oneroster, xapi
from attain.data.standards.keep import keep_answers, keep_courses, loaded
from attain.data.standards.tally import Answers, Courses, Tally

STANDARDS = {
    "xapi": "xAPI statements",
    "caliper": "IMS Caliper events",
    "oneroster": "OneRoster tables",
    "moodle": "Moodle's log",
}


def import_standard(
    standard: str, name: str, file: Path, skills_from: str | None, time_format: str | None, title: str, *, as_json: bool
) -> None:
    """Read a file, keep what it holds, and say what was skipped and why.

    Raises:
        UserError: there is no such standard, an option is another standard's, or the file cannot be read.
    """
    read = _read(standard, file, skills_from, time_format)
    keep = {"folder": Path.cwd(), "title": title}
    if isinstance(read, Answers):
        card = keep_answers(name, read, file, STANDARDS[standard], **keep)  # type: ignore[arg-type]  # of both types
    else:
        card = keep_courses(name, read, file, STANDARDS[standard], **keep)  # type: ignore[arg-type]  # as above
    log = loaded(name, card).log
    what = "enrolments" if isinstance(log, Enrolments) else "answers"
    if as_json:
        skipped = {why: asdict(one) for why, one in read.tally.skipped.items()}
        print_json({"name": name, "records": read.tally.records, what: len(log), "skipped": skipped})
        return
    place = card.relative_to(Path.cwd())
    out.print(f"Wrote {place}. Name it in a suite: `datasets: [{name}]`.", markup=False, soft_wrap=True)
    out.print(f"{read.tally.records:,} records of {STANDARDS[standard]}: {len(log):,} {what}.", markup=False)
    _print_skipped(read.tally)


def _read(standard: str, file: Path, skills_from: str | None, time_format: str | None) -> Answers | Courses:
    if standard not in STANDARDS:
        raise unknown("standard", standard, STANDARDS)
    if skills_from is not None and standard != "xapi":
        raise UserError("--skills-from is for --from xapi.")
    if time_format is not None and standard != "moodle":
        raise UserError("--time-format is for --from moodle.")
    if standard == "xapi":
        chosen = skills_from or "parent"
        for one in get_args(xapi.SkillsFrom):
            if one == chosen:
                return xapi.read(file, one)
        raise unknown("place of skills", chosen, get_args(xapi.SkillsFrom))
    if standard == "moodle":
        return moodle.read(file, time_format or "")
    return caliper.read(file) if standard == "caliper" else oneroster.read(file)


def _print_skipped(tally: Tally) -> None:
    rows = [
        [f"{one.count:,}", why, ", ".join(map(str, one.lines)) + (", …" if one.count > len(one.lines) else "")]
        for why, one in sorted(tally.skipped.items(), key=lambda pair: -pair[1].count)
    ]
    if rows:
        print_table(["skipped", "why", "lines"], rows)
    else:
        out.print("Nothing was skipped.")
