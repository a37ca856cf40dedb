"""A file of a standard becomes a data set: its rows are kept under pseudonyms in attain's home, and a card is written.

Nothing of the file's own ids of learners reaches the disk.
"""

import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from attain.core.errors import UserError
from attain.core.places import home
from attain.data import pseudonym
from attain.data.card import dataset_names, read_card
from attain.data.dataset import Dataset
from attain.data.load import load
from attain.data.standards.tally import Answer, Answers, Courses

ANSWERS = "answers.csv"


def keep_answers(name: str, answers: Answers, file: Path, standard: str, *, folder: Path, title: str = "") -> Path:
    """Keep answers as the data set `name`; the path of its card.

    Raises:
        UserError: the name is taken or not usable, there is no answer, or a file cannot be written.
    """
    table = pd.DataFrame(answers.rows, columns=list(Answer._fields))
    if table.empty:
        raise UserError(f"{file}: no answer is left of {answers.tally.records:,} records ({_why(answers)}).")
    table = table.sort_values("time_s", kind="stable")
    columns = {"learner": "learner", "item": "item", "correct": "correct", "skill": "skill", "time": "time_s"}
    source = {"file": ANSWERS, "columns": columns | {"duration": "duration_s"}, "time_unit": "s"}
    parts = {"tasks": ["knowledge_tracing"], "variants": {"answers": source}}
    return _keep(name, {ANSWERS: table}, parts, answers, file, standard, folder, title)


def keep_courses(name: str, courses: Courses, file: Path, standard: str, *, folder: Path, title: str = "") -> Path:
    """Keep enrolments and what belongs to them as the data set `name`; the path of its card.

    Raises:
        UserError: as `keep_answers`.
    """
    parts: dict[str, object] = {"tasks": ["dropout_prediction"], "courses": courses.card}
    if courses.faults:
        parts["faults"] = list(courses.faults)
    return _keep(name, courses.tables, parts, courses, file, standard, folder, title)


def loaded(name: str, card: Path) -> Dataset[Any]:  # of answers or enrolments
    """The data set, read once to see that it can be; the card is taken away where it cannot.

    Raises:
        UserError: it cannot be read.
    """
    try:
        return load(name)
    except UserError:
        shutil.rmtree(card.parent)
        shutil.rmtree(home() / "data" / name, ignore_errors=True)
        raise


def _keep(
    name: str,
    tables: Mapping[str, pd.DataFrame],
    parts: Mapping[str, object],
    read: Answers | Courses,
    file: Path,
    standard: str,
    folder: Path,
    title: str,
) -> Path:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UserError(f"{name!r} cannot name a dataset: use small letters, digits and '_', starting with a letter.")
    place, card = home() / "data" / name, folder / "datasets" / name / "card.yaml"
    if name in dataset_names() or place.exists():
        raise UserError(f"There is a dataset {name!r} already; choose another name.")
    secret = pseudonym.key()
    about = {
        "title": title or file.name,
        "description": f"{standard}, read from {file.name}. {_said(read)}",
        "licence": {"name": "not stated", "redistribution": False},
        "pseudonymous": True,
    }
    try:
        place.mkdir(parents=True)
        for name_of_file, table in tables.items():
            if "learner" in table:
                table = table.assign(learner=pseudonym.pseudonyms(table["learner"], secret))
            table.to_csv(place / name_of_file, index=False)
        card.parent.mkdir(parents=True, exist_ok=True)
        card.write_text(yaml.safe_dump({**about, **parts}, sort_keys=False, allow_unicode=True), encoding="utf-8")
    except OSError as error:
        shutil.rmtree(place, ignore_errors=True)
        raise UserError(f"Cannot write {str(error.filename or place)!r}: {error.strerror}.") from None
    read_card(card)
    return card


def _said(read: Answers | Courses) -> str:
    skipped = sum(one.count for one in read.tally.skipped.values())
    return f"{read.tally.records:,} records, {skipped:,} of them skipped" + (f" ({_why(read)})." if skipped else ".")


def _why(read: Answers | Courses) -> str:
    return "; ".join(f"{why}: {one.count:,}" for why, one in read.tally.skipped.items()) or "the file is empty"
