"""What a suite says of a search of params: where, how, how long, by which metric."""

from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from attain.core.strict import Strict


class Range(Strict):
    """The values that a param may take: from `low` to `high`, or one of `values` (a bare list)."""

    low: float | None = None
    """The least value."""
    high: float | None = None
    """The greatest value."""
    log: bool = False
    """Whether small values are as likely as large ones, order of magnitude by order of magnitude."""
    whole: bool = False
    """Whole numbers only; so by itself where `low` and `high` are written as such."""
    values: list[Any] | None = None
    """The values to choose from; the adapter's own class checks them."""

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, value: Any) -> Any:  # pydantic hands over whatever the YAML holds
        if isinstance(value, list):
            return {"values": value}
        if isinstance(value, dict) and "whole" not in value:
            return {**value, "whole": all(type(value.get(end)) is int for end in ("low", "high"))}
        return value

    @model_validator(mode="after")
    def _makes_sense(self) -> "Range":
        if self.values is not None:
            if not self.values or self.low is not None or self.high is not None:
                raise ValueError("give either a list of values that is not empty, or `low` and `high`")
        elif self.low is None or self.high is None or self.low >= self.high:
            raise ValueError("give `low` and a greater `high`, or a list of values")
        elif self.log and self.low <= 0:
            raise ValueError("`log` needs a `low` above 0")
        return self

    @property
    def ends(self) -> list[Any]:  # an adapter's own field
        """Values that the adapter must take for the range to be right."""
        if self.values is not None:
            return self.values
        return [int(end) if self.whole else end for end in (self.low, self.high) if end is not None]


class Search(Strict):
    """A search of the params of a model, for each fold in its training part only."""

    space: dict[str, Range] = Field(min_length=1)
    """Param to its values: `{low: 16, high: 256, log: true}`, or a list of them."""
    sampler: Literal["tpe", "random"] = "tpe"
    """How the next params are proposed: from what was good so far (TPE), or at random."""
    trials: int = Field(default=20, ge=1)
    """How many params are tried for each fold."""
    metric: str | None = None
    """What is sought to be best; the suite's first metric where not given."""
    folds: int = Field(default=3, ge=2)
    """Into how many parts the training learners are dealt; each is predicted once from the others. Recommending has one
    part, the later choices of the training part."""
    pruning: Literal["none", "median"] = "none"
    """Whether a trial is given up that is worse after some parts than the median of earlier trials there."""
    at_once: int = Field(default=1, ge=1, validate_default=True)
    """How many trials of a fold are at work together: trial n is proposed from the results of trials up to
    n - at_once, whatever else is known by then, so that the same search always tries the same params."""
    seed: int = 0
    """Seed of the proposals and of the deal into parts."""

    @field_validator("at_once")
    @classmethod
    def _not_more_than_trials(cls, at_once: int, info: ValidationInfo) -> int:
        if at_once > info.data.get("trials", at_once):
            raise ValueError("there are fewer trials than that in all")
        return at_once
