"""Sheets that were filled in on the suite's page: which of them are whole and not yet brought in."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from attain.core.errors import UserError
from attain.core.review_sheet import FILLED, NAMED, said_of
from attain.suite.people.key import read_key
from attain.suite.people.report import imported
from attain.tracking import artifacts
from attain.tracking.store import Store


@dataclass(frozen=True)
class OnTheWeb:
    """What was filled in on the web.

    Attributes:
        files: whole sheets that were not brought in yet, copied to files.
        notes: a sentence about each of the others.
    """

    files: tuple[Path, ...]
    notes: tuple[str, ...]


def filled_on_the_web(store: Store, suite_run: str, to: Path) -> OnTheWeb:
    """The sheets filled in on the web; nobody is to look at half of one, so only whole ones count.

    Args:
        store: where the suite is.
        suite_run: id of its run.
        to: folder for the files.

    Raises:
        UserError: there is none that is whole and new.
    """
    before = {file["file"] for file in imported(store, suite_run)["files"]}
    files, notes = list[Path](), list[str]()
    for path in sorted(file.path for file in store.artifacts_under(suite_run, FILLED)):
        name = path.removeprefix(f"{FILLED}/")
        match = NAMED.fullmatch(name.removesuffix(".csv"))
        if match is None:
            continue
        sheet = f"Sheet {said_of(match['key'], int(match['number']))}"
        content = artifacts.read_bytes(store, suite_run, path)
        done = sum(1 for _ in csv.reader(io.StringIO(content.decode("utf-8-sig")))) - 1
        wanted = len(read_key(store, suite_run, match["key"]).sheets[int(match["number"]) - 1])
        if name in before:
            notes.append(f"{sheet} was brought in before.")
        elif done < wanted:
            notes.append(f"{sheet}: {done} of {wanted} rows are rated; it is brought in when it is whole.")
        else:
            files.append(to / name)
            files[-1].write_bytes(content)
    if not files:
        why = " ".join(notes) or f"Nobody has begun one; the page /content/{suite_run} leads to them."
        raise UserError(f"No sheet filled in on the web is whole and new. {why}")
    return OnTheWeb(tuple(files), tuple(notes))
