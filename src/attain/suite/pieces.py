"""The pieces of a generator as files for people: all of them, and a few worth reading first."""

import json
from collections.abc import Hashable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.rng import rng
from attain.core.table import Predictions

SAMPLES, REVIEW = "samples.jsonl", "review.csv"
"""Artifacts of a generator's run: every piece, one a line; and some of them with the reason why each was chosen."""
EACH = 10
"""How many pieces are chosen for each reason."""
_SHOWN = ("unit", "sample", "text", "target", "state", "error", "references", "passage", "answer", "concept", "options")
_LISTS = ("references", "options")


def write_pieces(table: Predictions, folder: Path) -> None:
    """Write both files, where the table holds pieces."""
    if "references" not in table.frame:
        return
    frame = table.frame.rename(columns={"unit": "prompt"})
    (folder / SAMPLES).write_text("".join(_line(row) for row in frame.to_dict("records")), encoding="utf-8")
    review(table).to_csv(folder / REVIEW, index=False)


def review(table: Predictions) -> pd.DataFrame:
    """Pieces to read first, each once: the worst and best by people's ratings, the most disputed, some that were not
    delivered, and some at random, with `why` it was chosen in front.

    Where nobody rated, only the last two.
    """
    frame = table.frame.reset_index(drop=True)
    rating = frame["target"].to_numpy(float)
    spread = frame["rating_spread"].to_numpy(float) if "rating_spread" in frame else np.full(len(frame), np.nan)
    drawn = rng(0, "review").permutation(len(frame))
    missed = np.where((frame["state"] != "ok").to_numpy(), 0.0, np.nan)
    chosen: dict[int, str] = {}
    _choose(chosen, "worst rated", rating, drawn)
    _choose(chosen, "best rated", -rating, drawn)
    _choose(chosen, "most disputed", -spread, drawn)
    _choose(chosen, "not delivered", missed, drawn)
    _choose(chosen, "at random", np.zeros(len(frame)), drawn)
    shown = frame.loc[list(chosen), [name for name in _SHOWN if name in frame]].rename(columns={"unit": "prompt"})
    shown.insert(0, "why", list(chosen.values()))
    return shown


def _choose(chosen: dict[int, str], why: str, place: NDArray[np.float64], drawn: NDArray[np.integer]) -> None:
    """Add the pieces of the first places, ties in the order drawn; none whose place is not known."""
    order = drawn[np.argsort(place[drawn], kind="stable")]
    fresh = [int(at) for at in order if not np.isnan(place[at]) and int(at) not in chosen]
    chosen.update(dict.fromkeys(fresh[:EACH], why))


def _line(row: Mapping[Hashable, object]) -> str:
    """A piece as one line of JSON, without what is not known."""
    known = {name: value for name, value in row.items() if not (isinstance(value, float) and np.isnan(value))}
    read = {name: json.loads(str(value)) if name in _LISTS else _plain(value) for name, value in known.items()}
    return json.dumps(read, ensure_ascii=False) + "\n"


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value
