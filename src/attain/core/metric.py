"""A metric is a pure function of the predictions table, with its meaning declared beside it.

The function does not give one number. It gives a `Statistic`: something that can say its value for any weighting of
the units (learners). With all weights 1 that is the value; with a cohort's members at 1 and the others at 0 it is the
cohort's value; with multinomial weights it is a bootstrap replicate. One declaration so serves values, cohorts,
intervals and paired differences.
"""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.table import Grain, Predictions, Rows

Direction = Literal["max", "min", "none"]
Written = Literal["brackets", "at"]


class Statistic(Protocol):
    """A number that can be recomputed under weights of the units."""

    undefined: str
    """Why the value does not exist where `at` gives NaN, as a reader sees it."""

    def at(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values for `weights` of shape (replicates, n_units); shape (replicates,), NaN where undefined."""
        ...


@dataclass(frozen=True)
class Sums:
    """A statistic that is a function of sums over units: means, rates, ratios, survival curves.

    Attributes:
        by_unit: shape (n_units, k): what each unit adds to each of the k sums.
        value: takes sums of shape (replicates, k), gives shape (replicates,), NaN where undefined.
        undefined: the reason for a NaN.
    """

    by_unit: NDArray[np.float64]
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    undefined: str

    def at(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `Statistic.at`; one matrix product."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.value(weights @ self.by_unit)


@dataclass(frozen=True)
class Metric:
    """What a number means and how to get it.

    Attributes:
        id: the name with every parameter that changes the meaning: `auc`, `accuracy@0.5`, `ece[15,quantile]`.
        direction: which way is better; `none` for a description such as a base rate.
        unit: `probability`, `share`, `seconds`, `opportunities`, `count`, `nats`, `days` or `score`.
        needs: columns of the table that it reads.
        grain: what one row of the table is for it.
        by_cohort: whether a value on a part of the units means the same as on the whole.
        summary: one line, for `attain list metrics`.
        source: paper, book or standard, where there is one.
    """

    id: str
    direction: Direction
    unit: str
    needs: frozenset[str]
    grain: Grain
    by_cohort: bool
    summary: str
    source: str
    function: Callable[[Rows], Statistic]

    def statistic(self, table: Predictions) -> Statistic:
        """The statistic on `table`.

        Raises:
            UserError: the table lacks a column that the metric reads.
        """
        if missing := self.needs - table.columns:
            raise UserError(f"Metric {self.id!r} needs {sorted(missing)}, which this run does not have.")
        return self.function(table.rows(self.grain))


@dataclass(frozen=True)
class MetricFamily:
    """A metric with parameters; each setting of them is a `Metric` with its own id."""

    name: str
    written: Written
    function: Callable[..., Statistic]
    declared: dict[str, Any]  # the other fields of Metric, handed on unchanged

    def __call__(self, *given: object) -> Metric:
        """The metric for these parameters; those not given have their defaults.

        >>> from attain.metrics.probability import accuracy
        >>> accuracy().id, accuracy(0.7).id
        ('accuracy@0.5', 'accuracy@0.7')
        """
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        values = [*given, *(p.default for p in parameters[len(given) :])]
        written = ",".join(map(_plain, values))
        if not parameters:
            identity = self.name
        else:
            identity = f"{self.name}@{written}" if self.written == "at" else f"{self.name}[{written}]"
        return Metric(id=identity, function=lambda rows: self.function(rows, *values), **self.declared)

    def parse(self, identity: str) -> Metric:
        """The metric whose id is `identity`; a bare name means the defaults.

        Raises:
            UserError: a parameter is missing, too many, or not of its type.
        """
        text = re.sub(r"^[^@\[]*[@\[]?|\]$", "", identity)
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        given = text.split(",") if text else []
        if len(given) > len(parameters):
            raise UserError(f"Metric {identity!r} has {len(given)} parameters; {self().id!r} has {len(parameters)}.")
        values = []
        for parameter, word in zip(parameters, given, strict=False):
            try:
                values.append(parameter.annotation(word.strip()))
            except ValueError:
                wanted = parameter.annotation.__name__
                raise UserError(f"Metric {identity!r}: {parameter.name} is {word!r}; expected {wanted}.") from None
        return self(*values)


def metric(
    *,
    direction: Direction,
    unit: str,
    needs: str,
    grain: Grain = "answer",
    by_cohort: bool = True,
    written: Written = "brackets",
    source: str = "",
) -> Callable[[Callable[..., Statistic]], MetricFamily]:
    """Declare a function of `Rows` as the metric of its own name; its first docstring line is the summary.

    Further arguments of the function, each annotated with `int`, `float` or `str` and with a default, are parameters
    that appear in the id. Nothing is registered by importing.
    """

    def declare(function: Callable[..., Statistic]) -> MetricFamily:
        summary = (inspect.getdoc(function) or "").split("\n", 1)[0]
        declared = {
            "direction": direction,
            "unit": unit,
            "needs": frozenset(needs.split()),
            "grain": grain,
            "by_cohort": by_cohort,
            "summary": summary,
            "source": source,
        }
        return MetricFamily(function.__name__, written, function, declared)

    return declare


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
