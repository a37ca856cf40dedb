"""The pieces that generators put out, as their runs keep them, and what people rated them. Imported with the page."""

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from statistics import fmean, pstdev

from attain.core.errors import UserError
from attain.server.ui.tables import PREDICTIONS, Coded, columns_of, names_of
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store

RATINGS = "ratings.csv"
"""Artifact of a suite's run: what raters gave, one line a value."""
RATING = "rating."
LABEL = "attain.label"
MOST_RUNS, MOST_PIECES = 200, 200_000
TEXTS = ("unit", "text", "state", "error", "passage", "answer", "concept", "references", "options")


@dataclass(frozen=True)
class Piece:
    """One output for one prompt.

    Attributes:
        prompt: id of the prompt.
        sample: the how-manieth output of the system for it.
        system: the label of the model's run.
        run: that run's id.
        state: `ok`, `empty`, `refused` or `failed`.
        ratings: dimension to the mean of its raters.
        raters: how many people rated it.
        spread: standard deviation of the values of its raters, the mean over dimensions; NaN where fewer than two
            rated the same.
    """

    prompt: str
    sample: int
    system: str
    run: str
    text: str
    state: str
    error: str
    ratings: Mapping[str, float] = field(default_factory=dict)
    raters: int = 0
    spread: float = math.nan

    def rating(self, dimension: str) -> float:
        """Its mean rating in a dimension, or over all where none is named; NaN without any."""
        if dimension:
            return self.ratings.get(dimension, math.nan)
        return fmean(self.ratings.values()) if self.ratings else math.nan


@dataclass(frozen=True)
class Prompt:
    """What was asked for, and what a good output would have been."""

    id: str
    passage: str = ""
    answer: str = ""
    concept: str = ""
    options: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kept:
    """All pieces of a run or of a suite's runs.

    Attributes:
        prompts: by id, in the order of the data.
        pieces: by prompt, then by system.
        dimensions: in which any was rated.
    """

    prompts: Mapping[str, Prompt]
    pieces: tuple[Piece, ...]
    dimensions: tuple[str, ...]


def runs_of(store: Store, run: Run) -> list[Run]:
    """The runs whose pieces belong to a run: those of the models, for a suite; else itself. None without a table."""
    if run.tags.get("attain.kind") != "suite":
        return [run] if store.artifacts_under(run.run_id, PREDICTIONS) else []
    mine = f"tags.`mlflow.parentRunId` = '{run.run_id}' AND tags.`attain.kind` = 'model'"
    order = ["attributes.start_time ASC"]
    found = store.search_runs([run.experiment_id], mine, order_by=order, max_results=MOST_RUNS).items
    return [one for one in found if store.artifacts_under(one.run_id, PREDICTIONS)]


def kept_by(store: Store, run: Run) -> Kept:
    """Everything that generators put out in a run or suite.

    Raises:
        UserError: a table is broken, is none of generated texts, or there are too many pieces for a page.
    """
    prompts: dict[str, Prompt] = {}
    pieces: list[Piece] = []
    for one in runs_of(store, run):
        for prompt, piece in _read(store, one):
            prompts.setdefault(prompt.id, prompt)
            pieces.append(piece)
        if len(pieces) > MOST_PIECES:
            raise UserError(f"More than {MOST_PIECES:,} pieces; look at one system's run at a time.")
    place = {prompt: n for n, prompt in enumerate(prompts)}
    pieces.sort(key=lambda piece: place[piece.prompt])  # stable: systems stay in the order of the suite
    rated = _rated(store, run, pieces)
    dimensions = dict.fromkeys(name for piece in rated for name in piece.ratings)
    return Kept(prompts, tuple(rated), tuple(dimensions))


def ordered(kept: Kept, order: str, dimension: str, seed: str) -> list[Piece]:
    """The pieces in an order: `best`, `worst`, `disputed`, `random`, or as they are."""
    if order == "random":
        return sorted(kept.pieces, key=lambda piece: _drawn(piece, seed))
    if order == "disputed":
        torn = [piece for piece in kept.pieces if not math.isnan(piece.spread)]
        return sorted(torn, key=lambda piece: -piece.spread)
    if order in ("best", "worst"):
        sign = -1 if order == "best" else 1
        rated = [piece for piece in kept.pieces if not math.isnan(piece.rating(dimension))]
        return sorted(rated, key=lambda piece: sign * piece.rating(dimension))
    return list(kept.pieces)


def _drawn(piece: Piece, seed: str) -> bytes:
    return hashlib.sha256(f"{seed}\0{piece.prompt}\0{piece.sample}\0{piece.system}".encode()).digest()


def _read(store: Store, run: Run) -> Iterator[tuple[Prompt, Piece]]:
    """Each piece of a model's run with its prompt, in the order of the table."""
    there = names_of(store, run.run_id, PREDICTIONS)
    if not {"unit", "text", "state"} <= set(there):
        raise UserError("This run generated no texts; what it has stands on the run's own page.")
    rated = [name for name in there if name.startswith(RATING)]
    wanted = [name for name in TEXTS if name in there]
    numbers, texts = columns_of(store, run.run_id, PREDICTIONS, numbers=["example", "sample", *rated], texts=wanted)
    said = {name: _strings(texts[name]) for name in wanted}
    system = run.tags.get(LABEL) or run.name
    for row in numbers["example"].argsort(kind="stable").tolist():
        own = {name: values[row] for name, values in said.items()}
        means = {name.removeprefix(RATING): float(numbers[name][row]) for name in rated}
        yield (
            Prompt(
                id=own["unit"],
                passage=own.get("passage", ""),
                answer=own.get("answer", ""),
                concept=own.get("concept", ""),
                options=_listed(own.get("options")),
                references=_listed(own.get("references")),
            ),
            Piece(
                prompt=own["unit"],
                sample=int(numbers["sample"][row]) if "sample" in numbers else 0,
                system=system,
                run=run.run_id,
                text=own["text"],
                state=own["state"],
                error=own.get("error", ""),
                ratings={name: value for name, value in means.items() if not math.isnan(value)},
            ),
        )


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(map(str, json.loads(text or "[]")))


def _strings(coded: Coded) -> list[str]:
    names = [*coded.names, ""]  # -1, for a missing text, is the last
    return [names[code] for code in coded.codes.tolist()]


def _rated(store: Store, run: Run, pieces: list[Piece]) -> list[Piece]:
    """The pieces with what people gave, where the suite's run keeps it rater by rater."""
    whole = run if run.tags.get("attain.kind") == "suite" else store.get_run(run.parent_run_id or run.run_id)
    if not store.artifacts_under(whole.run_id, RATINGS):
        return pieces
    given: dict[tuple[str, int, str], dict[str, dict[str, float]]] = {}
    text = artifacts.read_bytes(store, whole.run_id, RATINGS).decode()
    for line in csv.DictReader(io.StringIO(text)):
        if line["kind"] == "person":
            key = (line["prompt"], int(line["sample"]), line["system"])
            given.setdefault(key, {}).setdefault(line["dimension"], {})[line["rater"]] = float(line["value"])
    return [_with(piece, given.get((piece.prompt, piece.sample, piece.system), {})) for piece in pieces]


def _with(piece: Piece, given: Mapping[str, Mapping[str, float]]) -> Piece:
    if not given:
        return piece
    spreads = [pstdev(values.values()) for values in given.values() if len(values) > 1]
    return replace(
        piece,
        ratings={name: fmean(values.values()) for name, values in given.items()},
        raters=len({rater for values in given.values() for rater in values}),
        spread=fmean(spreads) if spreads else math.nan,
    )
