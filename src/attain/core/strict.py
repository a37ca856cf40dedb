"""The base of everything that a person writes and we check: cards, options, splits, parameters, suites."""

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """Unknown keys are errors, and values never change; a line under a field says what it does."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
