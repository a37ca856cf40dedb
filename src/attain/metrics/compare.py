"""Is one model better than another? Paired differences on the same answers, with the same resampled learners."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr

from attain.core.errors import UserError
from attain.core.metric import Metric, Statistic
from attain.core.table import Predictions
from attain.metrics.difference import Difference
from attain.metrics.evaluate import defined, interval_of
from attain.metrics.intervals import bootstrap_weights, holm


def compare(
    a: Predictions,
    b: Predictions,
    metrics: Sequence[Metric],
    *,
    names: tuple[str, str] = ("a", "b"),
    replicates: int = 1000,
    seed: int = 0,
) -> list[Difference]:
    """The difference a - b on each metric; see `compare_many`."""
    return compare_many(dict(zip(names, (a, b), strict=True)), metrics, replicates=replicates, seed=seed)


def compare_many(
    tables: Mapping[str, Predictions], metrics: Sequence[Metric], *, replicates: int = 1000, seed: int = 0
) -> list[Difference]:
    """Every pair of models on every metric, on the examples that all of them have.

    Args:
        tables: name to predictions.
        metrics: what to compare on.
        replicates: how often units are drawn anew.
        seed: seed of the draws.

    Raises:
        UserError: the tables share no example, an example occurs twice in one, or its unit or target differs.
    """
    names = list(tables)
    pairs = list(combinations(names, 2))
    common, dropped = on_common_examples(tables, pairs)
    lacking = {(m.id, n): m.lacks(common[n]) for m in metrics for n in names}
    statistics = {(m.id, n): m.statistic(common[n]) for m in metrics for n in names if not lacking[m.id, n]}
    drawn: dict[tuple[str, str], list[NDArray[np.float64]]] = {key: [] for key in statistics}
    n_units = len(common[names[0]].units)
    for weights in bootstrap_weights(n_units, replicates, seed, common[names[0]].strata):
        for key, statistic in statistics.items():
            drawn[key].append(statistic.at(weights))
    found = []
    for metric in metrics:
        for a, b in pairs:
            keys = ((metric.id, a), (metric.id, b))
            judged = n_units
            if len(common[a].parts) > 1 and all(key in statistics for key in keys):  # it rests on those of one part
                judged = int((statistics[keys[0]].counted | statistics[keys[1]].counted).sum())
            blank = Difference(metric.id, metric.direction, (a, b), judged, dropped[a, b])
            if any(lacking[key] for key in keys):
                found.append(replace(blank, reason="; ".join(f"{k[1]} {lacking[k]}" for k in keys if lacking[k])))
            else:
                found.append(_difference(blank, [statistics[k] for k in keys], [drawn[k] for k in keys]))
    return corrected(found)


def corrected(found: Sequence[Difference]) -> list[Difference]:
    """The differences, their p values adjusted by Holm among all of the same metric, on whatever data."""
    out = list(found)
    for metric in dict.fromkeys(d.metric for d in found):
        at = [place for place, d in enumerate(found) if d.metric == metric]
        adjusted = holm(np.array([found[place].p for place in at], dtype=np.float64))  # None becomes NaN
        for place, p in zip(at, adjusted, strict=True):
            out[place] = replace(found[place], p_holm=defined(p))
    return out


def _difference(
    blank: Difference, statistics: Sequence[Statistic], drawn: Sequence[list[NDArray[np.float64]]]
) -> Difference:
    weights = np.ones((1, len(statistics[0].counted)))
    a, b = (defined(statistic.at(weights)[0]) for statistic in statistics)
    if len(signatures := dict.fromkeys(statistic.signature for statistic in statistics)) > 1:
        return replace(blank, a=a, b=b, reason=f"made with different signatures: {' and '.join(signatures)}")
    if a is None or b is None:
        undefined = [s.why(weights[0]) for s, value in zip(statistics, (a, b), strict=True) if value is None]
        return replace(blank, a=a, b=b, reason=undefined[0])
    apart = [x - y for x, y in zip(*drawn, strict=True)]
    interval, reason = interval_of(apart, blank.n_units)
    low, high = interval or (None, None)
    p = p_value(a - b, np.concatenate(apart), blank.n_units) if interval else None
    spread = float(np.nanstd(np.concatenate(apart))) if interval else None
    return replace(blank, a=a, b=b, difference=a - b, low=low, high=high, p=p, reason=reason, spread=spread)


def p_value(difference: float, apart: NDArray[np.float64], n_units: int) -> float:
    """Two-sided, from the replicates of a difference; `Difference.p` says how."""
    known = apart[~np.isnan(apart)]
    fewer = min((known <= 0).sum(), (known >= 0).sum())
    counted = min(1.0, float(2 * (1 + fewer) / (1 + len(known))))
    spread = float(known.std())
    coins = 2.0 ** (1 - n_units)  # that all of so few units lie on one side happens by chance so often
    if fewer or spread == 0:
        return max(counted, coins)
    return max(coins, min(counted, float(2 * stdtr(n_units - 1, -abs(difference) / spread))))


def on_common_examples(
    tables: Mapping[str, Predictions], pairs: Sequence[tuple[str, str]]
) -> tuple[dict[str, Predictions], dict[tuple[str, str], int]]:
    """The tables cut to the examples that all have, and how many judged examples of each pair that leaves out.

    An example is judged where all tables judge it; the others that all have are history of the judged learners.
    """
    if all("rank" in table.frame for table in tables.values()):
        return _on_common_learners(tables, pairs)
    keyed = {name: table.frame.set_index("example") for name, table in tables.items()}
    for name, frame in keyed.items():
        if not frame.index.is_unique:
            raise UserError(f"{name!r} has several predictions for one example; compare runs of one seed at a time.")
    first, *others = keyed.values()
    shared = first.index
    for frame in others:
        shared = shared.intersection(frame.index, sort=False)
    judged = {name: frame.index[_scored(frame)] for name, frame in keyed.items()}
    common = shared[np.logical_and.reduce([shared.isin(own) for own in judged.values()])]
    if not len(common):
        raise UserError(
            f"{' and '.join(map(repr, tables))} were judged on different data: no answer is in all of them."
        )
    reference = first.loc[shared]
    for name, frame in keyed.items():
        for column, what in _OF_PIECES if "references" in reference else _OF_ANSWERS:
            own, theirs = frame.loc[shared, column], reference[column]
            differs = (own.astype(object) != theirs.astype(object)) & ~(own.isna() & theirs.isna())
            if differs.any():
                raise UserError(
                    f"{next(iter(tables))!r} and {name!r} were judged on different data sets: "
                    f"of {len(shared):,} answers of the same number, {int(differs.sum()):,} have another {what}. "
                    "Compare runs on the same data."
                )
    kept = shared[reference["unit"].isin(reference.loc[common, "unit"])]
    history = {} if len(kept) == len(common) else {"scored": kept.isin(common)}
    cut = {}
    for name, frame in keyed.items():
        own = frame.loc[kept].drop(columns="scored", errors="ignore").assign(**history)
        cut[name] = Predictions(own.reset_index(), tables[name].mastery, tables[name].facts)
    return cut, {(a, b): len(judged[a].union(judged[b])) - len(common) for a, b in pairs}


def _on_common_learners(
    tables: Mapping[str, Predictions], pairs: Sequence[tuple[str, str]]
) -> tuple[dict[str, Predictions], dict[tuple[str, str], int]]:
    """The lists of the learners of whom every table knows the same relevant items, and how many learners of each pair
    that leaves out. Lists hold different items, so learners are paired and rows are not.

    Raises:
        UserError: a learner is in several folds of a table, or no learner is in all tables.
    """
    relevant = {}
    for name, table in tables.items():
        frame = table.frame
        if frame.duplicated("example").any():
            raise UserError(f"{name!r} has several lists for one learner; compare runs of one seed at a time.")
        own = frame[frame["target"] == 1]
        relevant[name] = own.groupby(own["unit"].astype(str))["example"].apply(lambda e: tuple(sorted(e)))
    first, *others = relevant.values()
    same = first.index[[all(other.get(unit) == items for other in others) for unit, items in first.items()]]
    if not len(same):
        raise UserError(
            f"{' and '.join(map(repr, tables))} were judged on different data: no learner has the same relevant items "
            "in all of them."
        )
    cut = {}
    for name, table in tables.items():
        cut[name] = Predictions(table.frame[table.frame["unit"].astype(str).isin(same)].reset_index(drop=True))
    return cut, {(a, b): len(relevant[a].index.union(relevant[b].index)) - len(same) for a, b in pairs}


_OF_ANSWERS = (("unit", "learner"), ("target", "target"))
"""What rows of one number must have alike, and what it is called."""
_OF_PIECES = (("unit", "prompt"), ("references", "reference"))
"""As above, for generated pieces, whose targets are what people gave each of them."""


def _scored(frame: pd.DataFrame) -> NDArray[np.bool_]:
    return frame["scored"].to_numpy(dtype=bool) if "scored" in frame else np.ones(len(frame), dtype=bool)
