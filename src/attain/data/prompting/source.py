"""How a table of prompts is read: what is asked, what a good output is, who put out what, and how it was rated."""

import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field, field_validator, model_validator

from attain.core.strict import Strict
from attain.data.courses.source import TableFile

PromptField = Literal["passage", "answer", "concept"]


class RatingColumns(Strict):
    """Columns that hold ratings, one for each dimension and rater."""

    dimensions: tuple[str, ...] = Field(min_length=1)
    """What was rated: `fluency`, `clarity`, …"""
    raters: tuple[str, ...] = Field(min_length=1)
    """Who rated."""
    column: str = "{dimension}_{rater}"
    """How the columns are called."""
    scale: tuple[float, float]
    """The least and the greatest value that may be given."""
    kind: Literal["person", "model"] = "person"
    """Whether people rated, or a model did."""

    def name(self, dimension: str, rater: str) -> str:
        """The column of a rater's values in one dimension."""
        return self.column.format(dimension=dimension, rater=rater)


class PromptFiles(TableFile):
    """A file of prompts, one row a prompt; or, where it holds outputs too, one row a prompt and output."""

    prompt: str
    """The column of the prompt's id."""
    fields: Mapping[PromptField, str]
    """Our name of a text to its column."""
    references: tuple[str, ...] = ()
    """Columns with good outputs; an empty cell is none."""
    options: tuple[str, ...] = ()
    """Columns with the answers to choose from, the right one first; an empty cell is none."""
    level: str | None = None
    """The column of the difficulty or grade aimed at, a number."""
    text: str | None = None
    """The column of an output on record."""
    system: str | None = None
    """The column that says who put it out."""
    system_pattern: str = "(?P<system>.+)"
    """How a system's cell is read: the group `system` is its name, and other groups are attributes of the prompt."""
    sample: str | None = None
    """The column of the number of the sample, from 0, where a system has several outputs for a prompt."""
    cohorts: Mapping[str, str] = Field(default_factory=dict)
    """Attribute of prompts, by which results may be parted, to its column."""
    published: str | None = None
    """The column with the fold in which a prompt is held out, -1 for always learned from."""
    ratings: RatingColumns | None = None

    @field_validator("system_pattern")
    @classmethod
    def _names_the_system(cls, pattern: str) -> str:
        try:
            if "system" not in re.compile(pattern).groupindex:
                raise ValueError("the pattern has no group (?P<system>…)")
        except re.error as error:
            raise ValueError(f"{pattern!r} is not a regular expression ({error})") from None
        return pattern

    @model_validator(mode="after")
    def _outputs_are_whole(self) -> "PromptFiles":
        if not self.fields:
            raise ValueError("`fields` names no text; a generator needs one of passage, answer, concept")
        if (self.text is None) != (self.system is None):
            raise ValueError("`text` and `system` go together: what was put out, and who put it out")
        if self.ratings is not None and self.text is None:
            raise ValueError("`ratings` are of outputs; name `text` and `system`")
        return self

    @property
    def of_prompt(self) -> tuple[str, ...]:
        """Columns that say the same in every row of a prompt."""
        one = [name for name in (self.level, self.published) if name is not None]
        return (*self.fields.values(), *self.references, *self.options, *self.cohorts.values(), *one)

    @property
    def columns(self) -> dict[str, str]:
        """Every column that is read, to what it is wanted for."""
        beside = [name for name in (self.text, self.system, self.sample) if name is not None]
        found = dict.fromkeys([self.prompt, *self.of_prompt, *beside], "prompts")
        if self.ratings is not None:
            pairs = [(d, r) for d in self.ratings.dimensions for r in self.ratings.raters]
            found |= {self.ratings.name(d, r): "ratings" for d, r in pairs}
        return found


class PromptOptions(Strict):
    """What a suite may choose when it loads a data set of prompts."""

    prompts: int | None = Field(default=None, ge=1)
    """Keep only this many prompts, drawn by `seed`; for quick suites."""
    seed: int = 0
    """Draws the prompts that are kept."""
