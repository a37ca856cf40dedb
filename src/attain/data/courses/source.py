"""How the tables of a set of courses are read: who was enrolled, what they did and when, and how it ended."""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from attain.core.strict import Strict
from attain.data.enrolments import ALWAYS

Mistake = Literal["left_already", "later_events", "end_day"]


class TableFile(Strict):
    """One file of rows."""

    file: str
    sha256: str | None = None
    url: str | None = None
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    encoding: str = "utf-8"


class Keys(Strict):
    """The columns that say whose row it is; those that a set does not have are left out."""

    learner: str | None = None
    course: str | None = None
    term: str | None = None


class Group(Strict):
    """Columns that are one set of features."""

    columns: Mapping[str, str]
    """Our name to the file's column."""
    numbers: tuple[str, ...] = ()
    """Which of them are numbers; the others are categories."""
    known_from: float = Field(default=ALWAYS)
    """The day, or stage, from which they are known; before it they are not there."""


class Outcome(Strict):
    """What may be predicted."""

    yes: tuple[str, ...] = ()
    """Values of the result that mean that it came true."""
    no: tuple[str, ...] = ()
    """Values that mean that it did not. Any other is not known, and its row is dropped."""
    leaves_within: bool = False
    """Instead: the learner leaves within `horizon` days after the cut-off."""
    below: float | None = None
    """Instead: the result is a number, and lies below this one."""
    unknown: tuple[str, ...] = ()
    """With `below`: values that are no result, such as a 0 for those who were absent; an empty cell never is one."""
    had: str = Field(default="", max_length=80)
    """Of those of whom it came true, in a sentence about people: "failed or left"."""
    had_not: str = Field(default="", max_length=80)
    """Of those of whom it did not: "passed"."""

    @model_validator(mode="after")
    def _one_of_three(self) -> "Outcome":
        if sum((bool(self.yes and self.no), self.leaves_within, self.below is not None)) != 1:
            raise ValueError("give `yes` and `no`, or `leaves_within: true`, or `below`")
        return self


class Registration(Keys, TableFile):
    """When each enrolment began and ended."""

    begins: str
    """Column with the day of registration."""
    ends: str
    """Column with the day on which the learner left; empty for those who stayed."""


class Lookup(TableFile):
    """A file that says what a number in another file is."""

    key: str
    kind: str


class Activity(Keys, TableFile):
    """What learners did in the learning environment."""

    day: str
    about: str | None = None
    """Column with the page or resource."""
    amount: str | None = None
    """Column with how often, an empty cell counting as 0; 1 a row where not given."""
    kinds: Lookup | None = None
    """What kind each page is."""
    complete_until: Mapping[str, float] | None = None
    """`course term` to the last day of which the file has all; an offering that is not named has none of it.
    Where it is not given, the file has all of every offering."""


class Plan(TableFile):
    """The assessments of each offering."""

    course: str | None = None
    term: str | None = None
    key: str
    kind: str
    due: str
    weight: str


class Results(TableFile):
    """What learners handed in."""

    learner: str
    about: str
    """Column with the assessment's key."""
    day: str
    score: str
    carried_over: str | None = None
    """Column that is 1 where a result was carried over from an earlier offering."""
    plan: Plan


class Courses(Keys, TableFile):
    """The table of enrolments, one row each, and the tables beside it."""

    file: str = ""
    """The table; or `parts`."""
    parts: Mapping[str, TableFile] = Field(default_factory=dict)
    """Instead of `file`: several, each of one course, by the course's name, which `course` then need not say."""
    result: str
    """Column with how the enrolment ended."""
    terms: tuple[str, ...] = ()
    """The terms in the order of time."""
    unit: str = "day"
    """What the cut-off counts."""
    groups: Mapping[str, Group]
    """Sets of features by name."""
    cohorts: Mapping[str, str] = Field(default_factory=dict)
    """Cohort attribute to the column that holds it."""
    spelling: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    """Column to texts that are misspelt in it and what they should be."""
    outcomes: Mapping[str, Outcome]
    """What may be predicted, by name; the first is the default."""
    registration: Registration | None = None
    activity: Activity | None = None
    results: Results | None = None
    lengths: TableFile | None = None
    """A file with the columns of `course` and `term`, and the length of each offering in days."""
    length: str | None = None
    """Its column with the length."""

    @model_validator(mode="after")
    def _one_table_or_parts(self) -> "Courses":
        if bool(self.file) == bool(self.parts):
            raise ValueError("give `file`, or `parts`: a file for each course")
        return self

    @property
    def tables(self) -> tuple[TableFile, ...]:
        """The file, or files, of enrolments."""
        return tuple(self.parts.values()) or (self,)


class CourseOptions(Strict):
    """What a suite may choose when it loads a set of courses."""

    as_of: float = 28
    """The cut-off: predictions are made at the end of this day (or stage), and nothing later is known."""
    outcome: str | None = None
    """What is predicted; the card's first where not given."""
    horizon: float = Field(default=28, gt=0)
    """For outcomes that have one: within how many days after the cut-off."""
    courses: tuple[str, ...] | None = None
    """Keep only these courses."""
    terms: tuple[str, ...] | None = None
    """Keep only these terms."""
    with_activity: bool = False
    """Keep only offerings whose activity is complete up to the cut-off."""
    mistakes: tuple[Mistake, ...] = ()
    """Known mistakes to make on purpose, to see what each does to the figures: `left_already` keeps learners who had
    left by the cut-off, `later_events` keeps what happened after it, `end_day` makes the day of leaving a feature."""


def files_of(source: Courses) -> list[TableFile]:
    """Every file that the card of a set of courses names."""
    beside = [source.registration, source.activity, source.results, source.lengths]
    beside += [source.activity and source.activity.kinds, source.results and source.results.plan]
    return [*source.tables, *(part for part in beside if part is not None)]
