"""Features as a matrix of numbers; whatever is learned for that (levels, medians, scales) is learned in `fit`."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.data.enrolments import Fact
from attain.models._saved import Learned

RARE = 10
"""A level that fewer training rows have gets no column: it would be learned by heart."""
STEPS = 33
"""Values that are kept of each column, evenly spread over the training rows."""


@dataclass(frozen=True, eq=False)
class Columns:
    """How features become columns.

    Attributes:
        names: of the columns: a number's own, `name=level` for each level of a category, `name missing`.
        feature: the feature that each column comes from.
        middle: shape (n_columns,), what stands in for an unknown number: the training median.
        mean: shape (n_columns,), of a number in the training part; 0 for other columns, which stay 0 or 1.
        scale: shape (n_columns,), standard deviation of a number there, 1 where it is 0 and for other columns.
        steps: shape (n_columns, STEPS), values from the least to the greatest that training rows had, each occurring.
    """

    names: NDArray[np.object_]
    feature: NDArray[np.object_]
    middle: NDArray[np.float64]
    mean: NDArray[np.float64]
    scale: NDArray[np.float64]
    steps: NDArray[np.float64]

    @classmethod
    def learn(cls, features: Mapping[str, Fact]) -> "Columns":
        """The columns of the training part: levels that are not rare in it, and marks for numbers not known."""
        names, source = [], []
        for name, fact in features.items():
            if fact.levels is None:
                values = fact.values.astype(float)
                new = [name] if not np.isnan(values).all() else []
                new += [f"{name} missing"] if np.isnan(values).any() else []
            else:
                counts = np.bincount(fact.values[fact.values >= 0], minlength=len(fact.levels))
                new = [f"{name}={fact.levels[code]}" for code in np.flatnonzero(counts >= RARE)]
            names += new
            source += [name] * len(new)
        nothing = np.zeros(len(names))
        bare = cls(np.array(names, object), np.array(source, object), nothing, nothing, nothing, nothing[:, None])
        raw = bare.raw(features)
        with np.errstate(all="ignore"):
            middle = np.array([np.median(c[~np.isnan(c)]) if (~np.isnan(c)).any() else 0.0 for c in raw.T])
        filled = np.where(np.isnan(raw), middle, raw)
        spread, number = filled.std(axis=0), bare.names == bare.feature
        return cls(
            bare.names,
            bare.feature,
            middle,
            np.where(number, filled.mean(axis=0), 0),
            np.where(number & (spread > 0), spread, 1),
            np.quantile(filled, np.linspace(0, 1, STEPS), axis=0, method="nearest").T,
        )

    def raw(self, features: Mapping[str, Fact]) -> NDArray[np.float64]:
        """Shape (n, n_columns), NaN where a number is unknown; a level that was not seen is none of the columns."""
        n = len(next(iter(features.values())).values) if features else 0
        out = np.zeros((n, len(self.names)))
        for at, (column, name) in enumerate(zip(self.names, self.feature, strict=True)):
            fact = features.get(name)
            if fact is None:
                out[:, at] = np.nan
            elif fact.levels is not None:
                level = str(column).removeprefix(f"{name}=")
                code = np.flatnonzero(fact.levels == level)
                out[:, at] = np.isin(fact.values, code)
            else:
                values = fact.values.astype(float)
                out[:, at] = np.isnan(values) if column != name else values
        return out

    def scaled(self, features: Mapping[str, Fact]) -> NDArray[np.float64]:
        """Shape (n, n_columns): unknown numbers filled, each number of mean 0 and deviation 1 in the training part."""
        raw = self.raw(features)
        return np.asarray((np.where(np.isnan(raw), self.middle, raw) - self.mean) / self.scale)

    def learned(self) -> Learned:
        """As it is saved."""
        arrays = {"middle": self.middle, "mean": self.mean, "scale": self.scale, "steps": self.steps}
        return Learned(arrays, {"names": self.names, "feature": self.feature})

    @classmethod
    def of(cls, saved: Learned) -> "Columns":
        """From what `learned` gave."""
        arrays = {name: saved.arrays[name].astype(np.float64) for name in ("middle", "mean", "scale", "steps")}
        return cls(saved.names["names"], saved.names["feature"], **arrays)


def summed(value: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Columns added up by feature: from shape (n, n_columns) to (n, n_features)."""
    out = np.zeros((len(value), int(group.max(initial=-1)) + 1))
    for column, feature in zip(value.T, group, strict=True):
        out[:, feature] += column
    return out
