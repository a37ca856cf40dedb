"""What ratings say: means, agreement, judges, metrics against people, preferences; facts only, no drawing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.metrics.correlation import Coefficient, correlate
from attain.metrics.krippendorff import Alpha, Level, krippendorff_alpha
from attain.metrics.metric_to_human import Correlation, correlations, draws
from attain.metrics.preferences import Preferences, preferences
from attain.metrics.rater_means import RatedMeans, Severity, few_raters, rater_means, severities
from attain.suite.people.pieces import KEY, matrix
from attain.suite.people.scale import Scale

LEVELS: tuple[Level, ...] = ("nominal", "ordinal", "interval")
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Judge:
    """A model that rated too: beside the people, never among them.

    Attributes:
        rater: its name.
        n: pieces that it and people rated.
        bias: its mean rating minus the people's mean of the same pieces.
        pearson: correlation with the people's mean over those pieces; None where undefined.
        alpha: Krippendorff's (interval) of the two: the judge, and the people's mean.
        reason: why a number is missing; "" where none is.
    """

    rater: str
    n: int
    bias: float | None
    pearson: float | None
    alpha: float | None
    reason: str = ""


@dataclass(frozen=True)
class Dimension:
    """One dimension that was rated.

    Attributes:
        name: of the dimension.
        raters: people who rated it.
        n_pieces: pieces that people rated.
        alphas: of the people, at each level of measurement.
        rated: the systems' means, by people, and their differences.
        severities: of the people.
        judges: models that rated.
        note: what must stand beside the intervals.
    """

    name: str
    raters: tuple[str, ...]
    n_pieces: int
    alphas: tuple[Alpha, ...]
    rated: RatedMeans
    severities: tuple[Severity, ...]
    judges: tuple[Judge, ...]
    note: str


@dataclass(frozen=True)
class Agreement:
    """A metric against people's mean ratings in one dimension.

    Attributes:
        metric: id.
        dimension: what was rated.
        without: systems that are left out, such as the references themselves.
        correlation: at which level, how strong.
    """

    metric: str
    dimension: str
    without: tuple[str, ...]
    correlation: Correlation


@dataclass(frozen=True)
class Preferred:
    """What pairs of pieces say in one dimension."""

    dimension: str
    found: Preferences
    raters: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """All that follows from the ratings of a suite.

    Attributes:
        scale: of ratings; None where there are only preferences.
        systems: with a rating, in the order of the suite.
        unrated: systems of the suite without one.
        references: systems whose pieces are the references themselves.
        n_prompts: prompts with a rating, and how many there are.
        dimensions: those that people rated.
        agreements: metrics against people.
        preferred: pairs, by dimension.
        notes: sentences that must stand beside all of it.
    """

    scale: tuple[float, float] | None
    systems: tuple[str, ...]
    unrated: tuple[str, ...]
    references: tuple[str, ...]
    n_prompts: tuple[int, int]
    dimensions: tuple[Dimension, ...]
    agreements: tuple[Agreement, ...]
    preferred: tuple[Preferred, ...]
    notes: tuple[str, ...]


def dimensions_of(ratings: pd.DataFrame, systems: Sequence[str], prompts: Sequence[str]) -> tuple[Dimension, ...]:
    """Means, agreement and judges of each dimension that people rated, in the order of the ratings."""
    out = []
    for name in dict.fromkeys(ratings["dimension"]):
        own = ratings[ratings["dimension"] == name]
        people = own[own["kind"] == "person"]
        if len(people):
            out.append(_dimension(str(name), people, own[own["kind"] == "model"], systems, prompts))
    return tuple(out)


def agreements_of(
    ratings: pd.DataFrame,
    values: Mapping[str, Array],
    systems: Sequence[str],
    prompts: Sequence[str],
    references: Sequence[str],
    coefficients: Sequence[Coefficient],
) -> tuple[Agreement, ...]:
    """Each metric against people's means in each dimension, with and without the references among the systems.

    Args:
        ratings: all, of which those by people count.
        values: metric to its values, shape (n_systems, n_prompts), NaN where there is none.
        systems: names of the rows.
        prompts: names of the columns.
        references: systems whose pieces are the references.
        coefficients: which correlations.
    """
    people = ratings[ratings["kind"] == "person"]
    weights = draws(len(prompts))
    kept = np.array([system not in references for system in systems], dtype=bool)
    subsets = [((), np.ones(len(systems), dtype=bool)), *([(tuple(references), kept)] if not kept.all() else [])]
    found = []
    for dimension in dict.fromkeys(people["dimension"]):
        human = matrix(people[people["dimension"] == dimension], "value", list(systems), list(prompts))
        for metric, own in values.items():
            for without, rows in subsets:
                for one in correlations(own[rows], human[rows], weights, coefficients):
                    found.append(Agreement(metric, str(dimension), without, one))
    return tuple(found)


def preferred_of(pairs: pd.DataFrame, prompts: Sequence[str]) -> tuple[Preferred, ...]:
    """Strengths of systems by people's preferences, dimension by dimension."""
    people = pairs[pairs["kind"] == "person"]
    out = []
    for dimension in dict.fromkeys(people["dimension"]):
        own = people[people["dimension"] == dimension]
        systems = list(dict.fromkeys([*own["a"], *own["b"]]))
        place = {name: i for i, name in enumerate(systems)}
        first, second = (own[name].map(place).to_numpy(np.int64) for name in ("a", "b"))
        won = own["winner"].map({"a": 1.0, "b": 0.0, "tie": 0.5}).to_numpy(float)
        unit = pd.Index(prompts).get_indexer(pd.Index(own["prompt"]))
        found = preferences(first, second, won, unit, systems)
        out.append(Preferred(str(dimension), found, tuple(sorted(set(own["rater"])))))
    return tuple(out)


def notes_of(ratings: pd.DataFrame, scale: Scale | None) -> tuple[str, ...]:
    """What a reader must know of ratings as a whole: most of them at one end of the scale."""
    people = ratings[ratings["kind"] == "person"]
    if scale is None or not len(people):
        return ()
    values = people["value"].to_numpy(float)
    said = []
    for end, words in ((scale.high, "highest"), (scale.low, "lowest")):
        share = float((values == end).mean())
        if share == 1:
            said.append(f"All ratings are the {words} value, so they tell no system from another.")
        elif share >= 0.8:
            said.append(
                f"{share:.0%} of all ratings are the {words} value: agreement and correlations rest on the few others."
            )
    return tuple(said)


def cells(frame: pd.DataFrame, systems: Sequence[str], prompts: Sequence[str], raters: Sequence[str]) -> Array:
    """Ratings as an array (n_systems, n_prompts, n_raters); several samples of a prompt count by their mean."""
    out = np.full((len(systems), len(prompts), len(raters)), np.nan)
    means = frame.groupby(["system", "prompt", "rater"], sort=False, observed=True)["value"].mean()
    places = [
        pd.Index(names).get_indexer(pd.Index(means.index.get_level_values(level)))
        for level, names in (("system", systems), ("prompt", prompts), ("rater", raters))
    ]
    out[tuple(places)] = means.to_numpy(float)
    return out


def _dimension(
    name: str, people: pd.DataFrame, models: pd.DataFrame, systems: Sequence[str], prompts: Sequence[str]
) -> Dimension:
    raters = sorted(set(people["rater"]))
    by_piece = people.pivot_table(index=KEY, columns="rater", values="value", aggfunc="mean").reindex(columns=raters)
    pieces = by_piece.to_numpy(float)
    rated = rater_means(cells(people, systems, prompts, raters), systems, name)
    prompt = pd.factorize(by_piece.index.get_level_values("prompt"))[0]
    alphas = tuple(krippendorff_alpha(pieces, level, drawn=prompt) for level in LEVELS)
    judges = tuple(_judge(str(rater), own, by_piece.mean(axis=1)) for rater, own in models.groupby("rater"))
    note = few_raters(len(raters))
    return Dimension(name, tuple(raters), len(pieces), alphas, rated, severities(pieces, raters), judges, note)


def _judge(rater: str, own: pd.DataFrame, mean: "pd.Series[float]") -> Judge:
    both = own.groupby(KEY, observed=True)["value"].mean().to_frame("judge").join(mean.rename("people"), how="inner")
    n = len(both)
    if not n:
        return Judge(rater, 0, None, None, None, "it rated no piece that people rated")
    judge, people = both["judge"].to_numpy(float), both["people"].to_numpy(float)
    pearson = float(correlate(judge, people, "pearson", np.ones((1, n)))[0])
    alpha = krippendorff_alpha(np.column_stack([judge, people]), "interval", replicates=0)
    flat = "all of its ratings, or all of the people's means, are equal" if np.isnan(pearson) else ""
    reason = "; ".join(filter(None, [flat, alpha.reason]))
    return Judge(rater, n, float((judge - people).mean()), None if flat else pearson, alpha.value, reason)
