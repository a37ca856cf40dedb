"""The pieces of a suite of generators: what each system put out for each prompt."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.data.cache import open_prepared
from attain.data.prompts import RATING_COLUMNS
from attain.suite.record import DATASET, KIND, LABEL, SEED, SUITE
from attain.suite.report import last_suite_run, model_runs
from attain.suite.results import PREPARED, predictions_of
from attain.tasks import content_generation
from attain.tracking.entities import Run
from attain.tracking.find_run import find_run
from attain.tracking.store import Store

KEY = ["prompt", "sample", "system"]
"""What names a piece."""
SHOWN = ("passage", "answer", "concept")
"""Texts of a prompt that a rater must see."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """What the systems of a suite put out.

    Attributes:
        suite_run: id of the suite's run.
        suite: its name.
        tables: system to its predictions.
        runs: system to its run.
    """

    suite_run: str
    suite: str
    tables: Mapping[str, Predictions]
    runs: Mapping[str, Run]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row a piece: `prompt`, `sample`, `system`, `text`, `references`, and what is known of the prompt."""
        own = []
        for system, table in self.tables.items():
            wanted = [name for name in ("unit", "sample", "text", "references", *SHOWN) if name in table.columns]
            part = table.frame[wanted].astype({name: object for name in wanted if name != "sample"})
            own.append(part.rename(columns={"unit": "prompt"}).assign(system=system))
        return pd.concat(own, ignore_index=True)

    @property
    def systems(self) -> list[str]:
        """Their names."""
        return list(self.tables)

    @cached_property
    def prompts(self) -> list[str]:
        """Ids of the prompts, in the order of the data."""
        return list(dict.fromkeys(str(prompt) for prompt in self.frame["prompt"]))

    @cached_property
    def references(self) -> list[str]:
        """Systems all of whose pieces equal a reference: metrics against references are trivially perfect there."""
        pieces = self.frame
        if "references" not in pieces:
            return []
        given = np.array([isinstance(t, str) and t != "" for t in pieces["text"]])
        same = np.array([_among(t, r) for t, r in zip(pieces["text"], pieces["references"], strict=True)]) & given
        return [name for name in self.systems if same[(pieces["system"] == name).to_numpy()].all()]

    def short(self) -> dict[str, str]:
        """Names without the beginning that all share, for tables and figures."""
        return shortened(self.systems)


def pieces_of(store: Store, text: str) -> Pieces:
    """The pieces of a suite, named by its run or its own name.

    Raises:
        UserError: there is no such run, it is no suite of generators, or no model of it is finished.
    """
    run = last_suite_run(store, text) or find_run(store, text)
    if run.tags.get(KIND) != "suite":
        parent = run.parent_run_id
        hint = f" Its suite is {parent[:8]}." if parent else ""
        raise UserError(f"{run.name!r} is not the run of a suite; ratings belong to a suite as a whole.{hint}")
    if run.params.get("task") != content_generation.NAME:
        raise UserError(
            f"Suite {run.name!r} is of {run.params.get('task')}; ratings are of what generators put out "
            f"({content_generation.NAME})."
        )
    runs = [own for own in model_runs(store, run) if own.status == "FINISHED"]
    if not runs:
        raise UserError(f"Suite {run.name!r} has no finished model, so there is nothing to rate.")
    named = _named(runs)
    tables = {name: predictions_of(store, own.run_id) for name, own in named.items()}
    return Pieces(run.run_id, run.tags.get(SUITE, run.name), tables, named)


def recorded_ratings(pieces: Pieces) -> tuple[pd.DataFrame, tuple[float, ...]]:
    """The ratings that came with the data, of the systems that the suite ran, and their scale; empty for none."""
    found, scale = [pd.DataFrame(columns=list(RATING_COLUMNS))], tuple[float, ...]()
    for system, run in pieces.runs.items():
        written, folder = run.params.get("model.system", ""), run.tags.get(PREPARED, "")
        if not written or not folder:
            continue
        prompts = open_prepared(Path(folder)).log
        own = prompts.ratings[prompts.ratings["system"] == written]
        if len(own):
            found.append(own.assign(system=system))
            scale = prompts.scale
    frame = pd.concat([f for f in found if len(f)] or found, ignore_index=True)
    return frame[list(RATING_COLUMNS)], scale


def shortened(names: list[str]) -> dict[str, str]:
    """Each name without the words that most of them begin with.

    >>> shortened(["recorded system=a", "recorded system=b", "template"])
    {'recorded system=a': 'a', 'recorded system=b': 'b', 'template': 'template'}
    """
    heads = Counter(name[: name.rfind("=") + 1] for name in names)
    head, count = heads.most_common(1)[0]
    if not head or count < 2:
        return {name: name for name in names}
    short = {name: name.removeprefix(head) for name in names}
    return short if len(set(short.values())) == len(names) else {name: name for name in names}


def matrix(frame: pd.DataFrame, values: str, systems: list[str], prompts: list[str]) -> NDArray[np.float64]:
    """Means by system and prompt; shape (n_systems, n_prompts), NaN where there is none."""
    table = frame.pivot_table(index="system", columns="prompt", values=values, aggfunc="mean")
    return table.reindex(index=systems, columns=prompts).to_numpy(dtype=np.float64)


def _named(runs: list[Run]) -> dict[str, Run]:
    """Each run by its label, with the data set and the seed where the label alone does not tell."""
    parts = [[run.tags[LABEL], run.tags[DATASET], f"seed {run.tags.get(SEED, '')}"] for run in runs]
    varying = [len({part[i] for part in parts}) > 1 for i in range(3)]
    names = [" · ".join(p for i, p in enumerate(part) if i == 0 or varying[i]) for part in parts]
    return dict(zip(names, runs, strict=True))


def _among(text: object, references: object) -> bool:
    return isinstance(references, str) and text in json.loads(references)
