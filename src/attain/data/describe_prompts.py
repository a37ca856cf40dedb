"""What a set of prompts holds, in figures: counts, lengths, what is on record, how it was rated."""

from dataclasses import dataclass

import numpy as np

from attain.data.cohorts import shown, sizes
from attain.data.dataset import Change, Dataset
from attain.data.describe import Spread, spread
from attain.data.prompts import Prompts


@dataclass(frozen=True)
class PromptFacts:
    """A set of prompts at a glance.

    Attributes:
        fields: the texts that prompts have.
        with_reference: prompts with a reference.
        passage_chars: how long the passages are; None where the set has none.
        systems: whose outputs are on record.
        missing_pieces: pairs of a system and a prompt without an output.
        empty_pieces: outputs without a text.
        repeated_pieces: outputs whose text another system put out for the same prompt.
        ratings: how many values people and models gave.
        raters: who gave them.
        dimensions: what was rated to the mean of all values.
        at_the_top: the share of values that are the best of the scale; None without ratings.
        cohorts: prompts by attribute, a text in place of a count that may not be shown.
    """

    name: str
    fingerprint: str
    prompts: int
    fields: tuple[str, ...]
    with_reference: int
    passage_chars: Spread | None
    systems: tuple[str, ...]
    pieces: int
    missing_pieces: int
    empty_pieces: int
    repeated_pieces: int
    ratings: int
    raters: tuple[str, ...]
    dimensions: dict[str, float]
    at_the_top: float | None
    cohorts: dict[str, dict[str, int | str]]
    changes: tuple[Change, ...]


def describe_prompts(dataset: Dataset[Prompts]) -> PromptFacts:
    """The facts of a set of prompts."""
    prompts = dataset.log
    table, pieces, ratings = prompts.table, prompts.pieces, prompts.ratings
    there = len(pieces.drop_duplicates(["prompt", "system"]))
    best = max(prompts.scale, default=np.nan)
    return PromptFacts(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        prompts=len(prompts),
        fields=prompts.fields,
        with_reference=int((table["references"] != "[]").sum()),
        passage_chars=spread(table["passage"].str.len().to_numpy(float)) if "passage" in table else None,
        systems=tuple(prompts.systems),
        pieces=len(pieces),
        missing_pieces=len(prompts) * len(prompts.systems) - there,
        empty_pieces=int((pieces["text"] == "").sum()),
        repeated_pieces=int(pieces.duplicated(["prompt", "text"], keep=False).sum()),
        ratings=len(ratings),
        raters=tuple(sorted(ratings["rater"].unique())),
        dimensions={str(k): float(v) for k, v in ratings.groupby("dimension", sort=False)["value"].mean().items()},
        at_the_top=float((ratings["value"] == best).mean()) if len(ratings) else None,
        cohorts={} if dataset.cohorts is None else {k: shown(counts) for k, counts in sizes(dataset.cohorts).items()},
        changes=dataset.changes,
    )
