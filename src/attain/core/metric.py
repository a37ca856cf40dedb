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
from functools import cached_property
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from attain.core.direction import Direction
from attain.core.errors import UserError
from attain.core.table import Grain, Predictions, Rows

Written = Literal["brackets", "at"]
Note = Callable[[NDArray[np.float64]], str]
"""A sentence about a value, given the weights of the units, shape (n_units,); "" for nothing to say."""

_IDENTITY = re.compile(r"(?P<name>[^@\[\]]+)(?:@(?P<at>[^@\[\]]+)|\[(?P<brackets>[^@\[\]]+)\])?")


class Statistic(Protocol):
    """A number that can be recomputed under weights of the units."""

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Which units can change the value; shape (n_units,). Their number is the value's own denominator."""
        ...

    @property
    def n_rows(self) -> NDArray[np.number] | None:
        """How many rows of each unit the value rests on, shape (n_units,); None for all that the metric was given."""
        ...

    def at(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values for `weights` of shape (replicates, n_units); shape (replicates,), NaN where undefined."""
        ...

    def why(self, weights: NDArray[np.float64]) -> str:
        """Why the value does not exist where `at` gives NaN, as a reader sees it, for weights of shape (n_units,)."""
        ...

    def note(self, weights: NDArray[np.float64]) -> str:
        """What the value leaves out or changes, with counts, for weights of shape (n_units,); "" for nothing."""
        ...

    @property
    def signature(self) -> str:
        """What the value was made with that its id does not say, such as a library's version; "" for nothing.

        Values of different signatures are not compared.
        """
        ...


def no_note(weights: NDArray[np.float64]) -> str:
    """Says nothing, whatever the weights."""
    return ""


@dataclass(frozen=True)
class Sums:
    """A statistic that is a function of sums over units: means, rates, ratios.

    Attributes:
        by_unit: shape (n_units, k): what each unit adds to each of the k sums.
        value: takes sums of shape (replicates, k), gives shape (replicates,), NaN where undefined.
        undefined: the reason for a NaN, or what makes it from the weights of the units.
        said: makes the note.
        n_rows: shape (n_units,), how many rows of each unit were read; None for all.
        signature: see `Statistic.signature`.
    """

    by_unit: NDArray[np.float64]
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    undefined: str | Note
    said: Note = no_note
    n_rows: NDArray[np.number] | None = None
    signature: str = ""

    @cached_property
    def counted(self) -> NDArray[np.bool_]:
        """Units that add to any sum."""
        return np.asarray((self.by_unit != 0).any(axis=1))

    def at(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `Statistic.at`; one matrix product."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.value(weights @ self.by_unit)

    def why(self, weights: NDArray[np.float64]) -> str:
        """See `Statistic.why`."""
        return self.undefined if isinstance(self.undefined, str) else self.undefined(weights)

    def note(self, weights: NDArray[np.float64]) -> str:
        """See `Statistic.note`."""
        return self.said(weights)


@dataclass(frozen=True)
class Computed:
    """A statistic whose value is computed anew for each row of weights: ranks, curves, fits.

    Attributes:
        compute: takes weights of shape (replicates, n_units), gives shape (replicates,).
        n_rows: shape (n_units,), how many rows of each unit were read.
        undefined: the reason for a NaN, or what makes it from the weights of the units.
        said: makes the note.
        signature: see `Statistic.signature`.
    """

    compute: Callable[[NDArray[np.float64]], NDArray[np.float64]]
    n_rows: NDArray[np.number]
    undefined: str | Note
    said: Note = no_note
    signature: str = ""

    @property
    def counted(self) -> NDArray[np.bool_]:
        """Units of which a row was read."""
        return np.asarray(self.n_rows > 0)

    def at(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `Statistic.at`."""
        return self.compute(np.ascontiguousarray(weights, dtype=np.float64))

    def why(self, weights: NDArray[np.float64]) -> str:
        """See `Statistic.why`."""
        return self.undefined if isinstance(self.undefined, str) else self.undefined(weights)

    def note(self, weights: NDArray[np.float64]) -> str:
        """See `Statistic.note`."""
        return self.said(weights)


@dataclass(frozen=True)
class Metric:
    """What a number means and how to get it.

    Attributes:
        id: the name with every parameter that changes the meaning: `auc`, `accuracy@0.5`, `ece[15,quantile]`.
        direction: which way is better; `none` for a description such as a base rate.
        unit: `probability`, `share`, `seconds`, `minutes`, `days`, `opportunities`, `count`, `nats`,
            `points` or `score`.
        needs: columns of the table that it reads.
        grain: what one row of the table is for it.
        by_cohort: whether a value on a part of the units means the same as on the whole.
        summary: one line, for `attain list metrics`.
        source: paper, book or standard, where there is one.
        function: gives the statistic.
        definition: the function as it was written, before its parameters were set.
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
    definition: Callable[..., Statistic]

    def lacks(self, table: Predictions) -> str:
        """Why the metric cannot be had from `table`; "" where it can."""
        if missing := ", ".join(sorted(self.needs - table.columns)):
            return f"needs {missing}, which this run does not have"
        if len(table.parts) > 1 and "part" not in self.needs:
            return f"would mix parts that are judged apart ({', '.join(table.parts)}); name a metric with its part"
        return ""

    def statistic(self, table: Predictions) -> Statistic:
        """The statistic on `table`; one without a value where the metric reads skills and no answer has one.

        Raises:
            UserError: the table lacks a column that the metric reads.
        """
        if reason := self.lacks(table):
            raise UserError(f"Metric {self.id!r} {reason}.")
        rows = table.rows(self.grain)
        if self.grain != "answer" and not len(rows):
            return Sums(np.zeros((rows.n_units, 1)), lambda sums: np.full(len(sums), np.nan), "no answer has a skill")
        return self.function(rows)


@dataclass(frozen=True)
class MetricFamily:
    """A metric with parameters; each setting of them is a `Metric` with its own id.

    Attributes:
        name: the id without parameters.
        written: how parameters stand in the id: `name@value` or `name[value,value]`.
        direction: which way is better, or a function of the parameters that says so.
        needs: columns that the metric reads, separated by spaces, or a function of the parameters that gives them.
        by_cohort: whether a part of the units can have a value, or a function of the parameters that says so.
        function: takes the rows and the parameters.
        declared: the other fields of `Metric`.
    """

    name: str
    written: Written
    direction: Direction | Callable[..., Direction]
    needs: str | Callable[..., str]
    by_cohort: bool | Callable[..., bool]
    function: Callable[..., Statistic]
    declared: dict[str, Any]  # the other fields of Metric, handed on unchanged

    def __call__(self, *given: object) -> Metric:
        """The metric for these parameters; those not given have their defaults.

        >>> from attain.metrics.probability import accuracy
        >>> accuracy().id, accuracy(0.7).id
        ('accuracy@0.5', 'accuracy@0.7')

        Raises:
            UserError: there are too many parameters, or one is not a value that it can have.
        """
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        if len(given) > len(parameters):
            raise UserError(f"Metric {self.name!r} has {len(parameters)} parameter(s); {len(given)} were given.")
        values = [_checked(self.name, p, value) for p, value in zip(parameters, given, strict=False)]
        values += [p.default for p in parameters[len(given) :]]
        needs = self.needs if isinstance(self.needs, str) else self.needs(*values)
        return Metric(
            id=self._identity(values),
            direction=self.direction if isinstance(self.direction, str) else self.direction(*values),
            needs=frozenset(needs.split()),
            by_cohort=self.by_cohort if isinstance(self.by_cohort, bool) else self.by_cohort(*values),
            function=lambda rows: self.function(rows, *values),
            definition=self.function,
            **self.declared,
        )

    def parse(self, identity: str) -> Metric:
        """The metric whose id is `identity`; a bare name means the defaults.

        Raises:
            UserError: the id is not well formed, or a parameter is too many or not a value that it can have.
        """
        match = _IDENTITY.fullmatch(identity)
        if match is None:
            raise UserError(f"Metric {identity!r} is not well formed; expected an id such as {self().id!r}.")
        text = match["at"] or match["brackets"]
        return self(*(word.strip() for word in text.split(","))) if text else self()

    def _identity(self, values: list[object]) -> str:
        written = ",".join(_plain(value) for value in values if value is not None)
        if not written:
            return self.name
        return f"{self.name}@{written}" if self.written == "at" else f"{self.name}[{written}]"


def metric(
    *,
    direction: Direction | Callable[..., Direction],
    unit: str,
    needs: str | Callable[..., str],
    grain: Grain = "answer",
    by_cohort: bool | Callable[..., bool] = True,
    written: Written = "brackets",
    source: str = "",
) -> Callable[[Callable[..., Statistic]], MetricFamily]:
    """Declare a function of `Rows` as the metric of its own name; its first docstring line is the summary.

    Further arguments of the function, each with a default and annotated with a type that pydantic can check
    (`int`, `Annotated[int, Field(ge=1)]`, `Literal[...]`), are parameters that appear in the id, but for one that is
    None. Nothing is registered by importing.
    """

    def declare(function: Callable[..., Statistic]) -> MetricFamily:
        summary = (inspect.getdoc(function) or "").split("\n", 1)[0]
        declared = {
            "unit": unit,
            "grain": grain,
            "summary": summary,
            "source": source,
        }
        return MetricFamily(function.__name__, written, direction, needs, by_cohort, function, declared)

    return declare


def _checked(name: str, parameter: inspect.Parameter, value: object) -> object:
    adapter: TypeAdapter[object] = TypeAdapter(parameter.annotation)
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise UserError(f"Metric {name!r}: {parameter.name} is {value!r}. {why}.") from None


def _plain(value: object) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value)  # type: ignore[call-overload]  # whole means a float
