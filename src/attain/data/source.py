"""How a file of answers is read: where its columns are, in what units, and what its odd rows mean."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from attain.core.errors import UserError, unknown
from attain.core.strict import Strict
from attain.core.table import SKILL_SEPARATOR

Expanded = Literal["refuse", "merge", "keep"]


class Columns(Strict):
    """Our names to the file's."""

    learner: str
    """Who answered."""
    item: str | tuple[str, ...]
    """What was answered; several columns are joined by ` / `."""
    correct: str
    """Whether the answer was right."""
    skill: str | None = None
    """The skill or skills practised."""
    time: str | None = None
    """When it was answered."""
    duration: str | None = None
    """How long it took."""
    order: str | None = None
    """A number that puts a learner's rows in order; without it the time does, without that the file."""
    answer_id: str | None = None
    """The id of the answer: a learner's rows with the same id are one answer under several skills."""
    original: str | None = None
    """1 for a main problem, 0 for a scaffolding step."""

    def named(self) -> dict[str, str]:
        """The file's columns that are read, each under the name of ours that wants it."""
        out: dict[str, str] = {}
        for ours, theirs in self.model_dump(exclude_none=True).items():
            several = (theirs,) if isinstance(theirs, str) else theirs
            out.update(dict.fromkeys(several, ours))
        return out


class ItemSkill(Strict):
    """The file that says which skills an item practises (Q-matrix), one row an item and skill."""

    file: str
    sha256: str | None = None
    url: str | None = None
    item: str = "item_id"
    skill: str = "skill_id"


class PublishedSplit(Strict):
    """The column with the split that the set was published with."""

    column: str
    folds: Mapping[str, int]
    """Value of the column to the fold in which the learner is held out; -1 for always in training."""


class Source(Strict):
    """A file of answers."""

    file: str
    """File name, or a path."""
    sha256: str | None = None
    """Checksum of the file as published."""
    url: str | None = None
    """Public address of this file."""
    columns: Columns
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """Separates fields; found from the header where not given."""
    encoding: str = "utf-8"
    """Character encoding of the text."""
    right: tuple[str, ...] = ("1", "true", "correct")
    """Values of `correct` that mean right, compared without regard to capitals; numbers by value."""
    wrong: tuple[str, ...] = ("0", "false", "incorrect")
    """Values that mean wrong."""
    not_answers: tuple[str, ...] = ()
    """Values that mean that the row is no answer, such as a presentation."""
    skill_separator: str = Field(default=SKILL_SEPARATOR, min_length=1)
    """Joins several skills in one cell; `~~` is DataShop's."""
    time_unit: Literal["iso", "s", "ms"] = "iso"
    """ISO date and time (taken as UTC where it names no zone), or a count since a fixed moment."""
    duration_unit: Literal["s", "ms"] = "s"
    longest_duration_s: float = Field(default=3600, gt=0)
    """A longer duration is no time on task and counts as unknown."""
    item_skill: ItemSkill | None = None
    published: PublishedSplit | None = None
    cohorts: Mapping[str, str] = Field(default_factory=dict)
    """Cohort attribute to the column that holds it."""

    def traits(self) -> list[str]:
        """The file's columns that tell of learners: cohorts, and the part of a published split."""
        published = [] if self.published is None else [self.published.column]
        return list(dict.fromkeys([*self.cohorts.values(), *published]))

    def wanted(self) -> dict[str, str]:
        """All of the file's columns that are read, each with what wants it."""
        wanted = {**dict.fromkeys(self.cohorts.values(), "cohorts"), **self.columns.named()}
        if self.published is not None:
            wanted.setdefault(self.published.column, "published")
        return wanted

    @model_validator(mode="after")
    def _learner_stands_alone(self) -> "Source":
        """A learner's id is in no other role, where it would reach messages, tables and runs."""
        roles = [(ours, theirs) for ours, theirs in self.columns.model_dump(exclude_none=True).items()]
        roles += [(f"cohort {name!r}", column) for name, column in self.cohorts.items()]
        learner = self.columns.learner
        for role, column in roles:
            if role != "learner" and learner in ((column,) if isinstance(column, str) else column):
                raise ValueError(f"the column {learner!r} is named for learner and for {role}; each needs its own")
        return self


class Options(Strict):
    """What a suite may choose when it loads a data set of answers."""

    variant: str | None = None
    """Which of the set's files, where the card has several; the first where not given."""
    skills: Literal["q_matrix", "joint"] | None = None
    """Where there is a Q-matrix: the single skills of the item, or the row's joint skill id."""
    expanded: Expanded = "refuse"
    """What to do with a file that repeats an answer in a row for each of its skills."""
    scaffolding: bool = True
    """Whether scaffolding steps are kept."""
    keep_without_skill: bool = True
    """Whether answers to items without a skill are kept."""
    min_answers: int = Field(default=1, ge=1)
    """Learners with fewer answers are dropped."""
    learners: int | None = Field(default=None, ge=1)
    """Keep only this many learners, drawn by `seed`; for quick suites."""
    seed: int = 0
    """Draws the learners that are kept."""


def checked_options(model: type[Strict], values: Mapping[str, object], *, dataset: str) -> dict[str, object]:
    """All options of a data set with their values, defaults included.

    Raises:
        UserError: an option is unknown or out of range; each bad one is named.
    """
    try:
        return model.model_validate(dict(values)).model_dump(mode="json")
    except ValidationError as error:
        raise UserError(" ".join(explain(error, model, f"option of dataset {dataset!r}"))) from None


def explain(error: ValidationError, model: type[BaseModel], kind: str) -> list[str]:
    """One sentence a mistake, with the nearest known name for a wrong one."""
    sentences = []
    for problem in error.errors():
        path = ".".join(map(str, problem["loc"]))
        if problem["type"] == "extra_forbidden" and len(problem["loc"]) == 1:
            sentences.append(str(unknown(kind, path, model.model_fields)))
        elif problem["type"] == "missing":
            sentences.append(f"{kind} {path!r} is missing.")
        elif problem["type"] == "value_error":
            sentences.append(f"{problem['ctx']['error']}.")
        else:
            sentences.append(f"{kind} {path!r} is {problem['input']!r}: {problem['msg']}.")
    return sentences
