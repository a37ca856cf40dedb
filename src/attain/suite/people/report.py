"""The ratings of a suite: kept with its run, and what follows from them made anew each time some are added."""

import hashlib
import io
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from attain.core.errors import UserError
from attain.data.prompts import RATING_COLUMNS
from attain.metrics.correlation import Coefficient
from attain.metrics.discover import find
from attain.suite.figures import FOLDER
from attain.suite.people.facts import Array, Facts, agreements_of, dimensions_of, notes_of, preferred_of
from attain.suite.people.figures import draw_people
from attain.suite.people.pieces import Pieces, pieces_of, recorded_ratings
from attain.suite.people.read import PREFERENCE_COLUMNS, Read, no_preferences, no_ratings
from attain.suite.people.scale import Scale
from attain.suite.record import KIND, METRICS_FILE
from attain.tasks import content_generation
from attain.tracking import artifacts
from attain.tracking.store import Store

RATINGS, PREFERENCES, PEOPLE = "ratings.csv", "preferences.csv", "people.json"
IMPORTS = "ratings_imported.json"
"""Artifact: the scale, and each file that was imported."""
DRAWN = "agreement.svg"
SCHEMA = 1
COEFFICIENTS: tuple[Coefficient, ...] = ("pearson", "spearman")
"""What a report gives; Kendall's takes longer and is asked for."""
LOOKED_AT = 50
"""Runs of a suite that are looked through for earlier ratings."""
AT_ONCE = 500
"""Prompts whose values are computed at a time."""


def kept(store: Store, suite_run: str) -> Read:
    """The ratings and preferences that a suite's run keeps; none where there are none."""
    files = {file.path for file in store.artifacts_under(suite_run)}
    ratings, pairs = no_ratings(), no_preferences()
    if RATINGS in files:
        ratings = _frame(artifacts.read_bytes(store, suite_run, RATINGS), RATING_COLUMNS)
        ratings["value"] = ratings["value"].astype(float)
    if PREFERENCES in files:
        pairs = _frame(artifacts.read_bytes(store, suite_run, PREFERENCES), PREFERENCE_COLUMNS)
    return Read(ratings, pairs)


def imported(store: Store, suite_run: str) -> dict[str, Any]:
    """The scale of a suite's ratings and the files they came from, as JSON has it."""
    if IMPORTS not in {file.path for file in store.artifacts_under(suite_run, IMPORTS)}:
        return {"scale": None, "files": []}
    found: dict[str, Any] = json.loads(artifacts.read_bytes(store, suite_run, IMPORTS))
    return found


def rated_before(store: Store, pieces: Pieces) -> tuple[str, ...]:
    """Ids of other runs of the same suite that people's files were imported into, the newest first.

    A suite that is run again, as with one more model, has a new run; what people said stays with the run they rated.
    """
    own = store.get_run(pieces.suite_run)
    runs = store.search_runs([own.experiment_id], f"tags.`{KIND}` = 'suite'", max_results=LOOKED_AT).items
    others = [run.run_id for run in runs if run.run_id != own.run_id]
    return tuple(run for run in others if any("by" in file for file in imported(store, run)["files"]))


def scale_of(store: Store, suite_run: str) -> Scale | None:
    """The scale that the ratings of a suite are on; None before any were imported."""
    scale = imported(store, suite_run)["scale"]
    return None if scale is None else Scale(*scale)


def keep(store: Store, pieces: Pieces, new: Read, scale: Scale | None, sources: list[dict[str, Any]]) -> None:
    """Add ratings to those a suite's run keeps, all of them in one step.

    Args:
        store: where the run is.
        pieces: of the suite.
        new: checked ratings, none of which is kept already.
        scale: of the new ratings; None for preferences alone.
        sources: the files, as they are remembered; `notes` of them stand in every report.

    Raises:
        UserError: earlier ratings are on another scale.
    """
    run_id = pieces.suite_run
    before, was = imported(store, run_id), kept(store, run_id)
    if scale is not None and before["scale"] not in (None, [scale.low, scale.high]):
        raise UserError(
            f"The ratings of {pieces.suite!r} are on the scale {Scale(*before['scale'])} and these on {scale}; a suite "
            "has one scale. Bring them onto it before importing. Nothing was imported."
        )
    now = before["scale"] if scale is None else [scale.low, scale.high]
    said = {"scale": now, "files": [*before["files"], *sources]}
    files = {IMPORTS: json.dumps(said, indent=1).encode()}
    if len(new.ratings):
        files[RATINGS] = _csv(pd.concat([f for f in (was.ratings, new.ratings) if len(f)]))
    if len(new.preferences):
        files[PREFERENCES] = _csv(pd.concat([f for f in (was.preferences, new.preferences) if len(f)]))
    artifacts.log_files(store, run_id, files)


def keep_recorded(store: Store, pieces: Pieces) -> bool:
    """Keep the ratings that came with the data, once; whether there are ratings now."""
    if imported(store, pieces.suite_run)["files"]:
        return True
    ratings, scale = recorded_ratings(pieces)
    if not len(ratings):
        return False
    digest = hashlib.sha256(_csv(ratings)).hexdigest()
    source = {"file": "recorded with the data", "sha256": digest, "rows": len(ratings)}
    keep(store, pieces, Read(ratings, no_preferences()), Scale(*scale), [source])
    return True


def report_recorded(store: Store, suite_run: str) -> Facts | None:
    """The report of a suite that has just ended and whose data came with ratings; None where they did not."""
    if store.get_run(suite_run).params.get("task") != content_generation.NAME:
        return None
    pieces = pieces_of(store, suite_run)
    return make_report(store, pieces) if keep_recorded(store, pieces) else None


def has_figures(store: Store, pieces: Pieces) -> bool:
    """Whether the figures of the kept ratings are drawn: each import draws them anew."""
    return f"{FOLDER}/{DRAWN}" in {file.path for file in store.artifacts_under(pieces.suite_run, FOLDER)}


def make_report(
    store: Store, pieces: Pieces, coefficients: Sequence[Coefficient] = COEFFICIENTS, *, draw: bool = True
) -> Facts:
    """Everything that follows from the kept ratings, kept as `people.json`, and as figures if they are to be drawn.

    Raises:
        UserError: there are no ratings by people.
    """
    read, scale = kept(store, pieces.suite_run), scale_of(store, pieces.suite_run)
    values = values_of(store, pieces)
    said = [note for file in imported(store, pieces.suite_run)["files"] for note in file.get("notes", ())]
    found = facts_of(read, pieces, values, scale, coefficients, said)
    files = {PEOPLE: json.dumps({"schema": SCHEMA, **asdict(found)}, indent=1, allow_nan=False).encode()}
    artifacts.log_files(store, pieces.suite_run, files)
    if not draw:
        return found
    with tempfile.TemporaryDirectory() as scratch:
        human = read.ratings[read.ratings["kind"] == "person"]
        if draw_people(found, human, values, pieces, Path(scratch)):
            artifacts.log_artifacts(store, pieces.suite_run, scratch, FOLDER)
    return found


def facts_of(
    read: Read,
    pieces: Pieces,
    values: dict[str, Array],
    scale: Scale | None,
    coefficients: Sequence[Coefficient] = COEFFICIENTS,
    said: Sequence[str] = (),
) -> Facts:
    """Everything that follows from ratings and preferences.

    Args:
        read: all of them.
        pieces: of the suite.
        values: metric to its values, shape (n_systems, n_prompts).
        scale: of the ratings.
        coefficients: correlations to give.
        said: sentences about the files that the ratings came from.

    Raises:
        UserError: none of them is by a person.
    """
    people = read.ratings[read.ratings["kind"] == "person"]
    pairs = read.preferences[read.preferences["kind"] == "person"]
    if not len(people) and not len(pairs):
        only = " by people; a model's alone say nothing of people" if len(read.ratings) + len(read.preferences) else ""
        raise UserError(f"Suite {pieces.suite!r} has no ratings{only}. Import some: attain ratings import SUITE FILE.")
    judged = set(people["system"]) | set(pairs["a"]) | set(pairs["b"])
    systems = [name for name in pieces.systems if name in set(people["system"])]
    rows = [pieces.systems.index(name) for name in systems]
    references = [name for name in pieces.references if name in systems]
    own = {name: array[rows] for name, array in values.items()}
    seen = {*people["prompt"], *pairs["prompt"]}
    return Facts(
        scale=None if scale is None else (scale.low, scale.high),
        systems=tuple(systems),
        unrated=tuple(name for name in pieces.systems if name not in judged),
        references=tuple(references),
        n_prompts=(len(seen), len(pieces.prompts)),
        dimensions=dimensions_of(read.ratings, systems, pieces.prompts),
        agreements=agreements_of(read.ratings, own, systems, pieces.prompts, references, coefficients),
        preferred=preferred_of(read.preferences, pieces.prompts),
        notes=tuple(dict.fromkeys([*notes_of(read.ratings, scale), *said])),
    )


def values_of(store: Store, pieces: Pieces) -> dict[str, Array]:
    """Each metric of the suite on each prompt of each system, shape (n_systems, n_prompts); flat ones are left out."""
    declared = json.loads(artifacts.read_bytes(store, pieces.suite_run, METRICS_FILE))
    found = {}
    for identity in declared:
        try:
            metric = find(identity)
        except UserError:  # one of the suite's own folder, which a later report need not have
            continue
        values = np.full((len(pieces.systems), len(pieces.prompts)), np.nan)
        for row, table in enumerate(pieces.tables.values()):
            if metric.lacks(table):
                continue
            places = pd.Index(pieces.prompts).get_indexer(pd.Index(table.units))
            values[row, places] = _by_unit(metric.statistic(table), len(table.units))
        known = values[~np.isnan(values)]
        if len(known) and np.ptp(known) > 0:
            found[identity] = values
    return found


def _by_unit(statistic: Any, n_units: int) -> Array:  # a Statistic
    """A metric's value on each prompt alone."""
    parts = [np.empty(0)]
    for start in range(0, n_units, AT_ONCE):
        own = np.arange(start, min(start + AT_ONCE, n_units))
        alone = np.zeros((len(own), n_units))
        alone[np.arange(len(own)), own] = 1
        parts.append(statistic.at(alone))
    return np.concatenate(parts)


def _frame(content: bytes, columns: Sequence[str]) -> pd.DataFrame:
    frame = pd.read_csv(io.BytesIO(content), dtype=object, keep_default_na=False)
    return frame[list(columns)].assign(sample=frame["sample"].astype(int))


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, lineterminator="\n").encode()
