"""Are the data that a model was judged on still those that there are?"""

import json
from pathlib import Path
from typing import Any

from attain.core.errors import UserError
from attain.core.fingerprint import of_file
from attain.data.card import find_card
from attain.data.find import named, present
from attain.suite.gates.check import Check
from attain.suite.record import DATASET, KIND
from attain.tracking.entities import DatasetInput, Run
from attain.tracking.search.tokens import quoted
from attain.tracking.sql.store import Store as Database


def fresh(store: Database, run: Run) -> Check:
    """Whether a run's data are stale: a file has other bytes now, or a later run of the experiment read other files.

    What cannot be looked at (a file that is not here, or that no card names) is said, and does not stop anybody.
    """
    stale, said = [], []
    for data in run.inputs:
        for file, digest in _files(data).items():
            found = _now(data.name, file)
            if found is None:
                said.append(f"{data.name}: the file {file!r} was not found here, so its bytes were not looked at.")
            elif found != digest:
                stale.append(f"{data.name}: the file {file!r} has changed since the run read it.")
        stale += _read_later(store, run, data)
    if stale:
        mend = "Run the suite again on the data as they are."
        return Check("data", "failed", f"The data are stale. {stale[0]} {mend}", (*stale, *said))
    if not run.inputs:
        return Check("data", "unknown", "The run does not say which data it read: nobody can tell if they are stale.")
    kept = [f"{data.name}: nothing shows that it changed since the run." for data in run.inputs]
    return Check("data", "passed", f"The data are not stale. {said[0] if said else kept[0]}", (*kept, *said))


def _files(data: DatasetInput) -> dict[str, str]:
    """File name to the SHA-256 of the bytes that were read; nothing for simulated data."""
    read: Any = json.loads(data.source or "{}")  # JSON
    return {str(file): str(digest) for file, digest in read.items()} if isinstance(read, dict) else {}


def _now(name: str, file: str) -> str | None:
    """The SHA-256 of a file of a data set as it lies here; None where it does not, or no card here knows it."""
    try:
        card = find_card(name)
    except UserError:
        return None
    places = [present(card, one) for one in named(card) if Path(one).name == file]
    return next((of_file(path) for path in places if path is not None), None)


def _read_later(store: Database, run: Run, data: DatasetInput) -> list[str]:
    """What a later run of a model, in the same experiment and on the same data set, says of its files."""
    own = _files(data)
    if not own:
        return []
    asked = f"tags.`{DATASET}` = {quoted(data.name)} AND tags.`{KIND}` = 'model' AND status = 'FINISHED'"
    newest = store.search_runs([run.experiment_id], asked, max_results=1).items
    for other in newest[0].inputs if newest and newest[0].run_id != run.run_id else ():
        read = _files(other)
        if other.name == data.name and any(read[file] != own[file] for file in read.keys() & own.keys()):
            return [f"{data.name}: run {newest[0].run_id[:8]} read other files of it later."]
    return []
