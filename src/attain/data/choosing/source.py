"""How the tables of choices are read: who took what in which order, what items are about, what comes before what."""

from collections.abc import Mapping

from pydantic import Field

from attain.core.strict import Strict
from attain.data.courses.source import TableFile


class ItemSkills(TableFile):
    """The file that says what items are about, one row an item and skill."""

    item: str
    skill: str
    where: Mapping[str, str] = Field(default_factory=dict)
    """Only rows that have these values: column to value."""


class Prerequisites(TableFile):
    """The file of direct prerequisites, one row a pair of items."""

    before: str
    """The column of the item that comes first."""
    after: str
    """The column of the item that builds on it."""


class LearnerTable(TableFile):
    """The file that says which cohorts learners belong to, one row a learner."""

    learner: str
    offering: tuple[str, ...] = ()
    """Columns that say in which course, where a learner has a row in each."""
    cohorts: Mapping[str, str]
    """Cohort attribute to the column that holds it."""


class ChoiceFiles(TableFile):
    """The file of events, one row a learner and item, and the tables beside it."""

    learner: str
    """The column that says who took it; several joined make one learner."""
    item: str
    """The column that says what was taken."""
    order: str | None = None
    """A number that puts a learner's events in order; without it the order of the file counts, if `ordered`."""
    ordered: bool = True
    """Whether the order of a learner's events is known at all."""
    day: str | None = None
    """The column with the day of the event, counted from one fixed day for all."""
    amount: str | None = None
    """The column that says how much of it, such as clicks; events of one day are summed."""
    complete_until: Mapping[str, float] = Field(default_factory=dict)
    """Offering to the last day that the file holds whole; later events are dropped."""
    offering: tuple[str, ...] = ()
    """Columns that say in which course it was; a learner in two of them counts as two."""
    item_skills: ItemSkills | None = None
    prerequisites: Prerequisites | None = None
    about_learners: LearnerTable | None = None


class ChoiceOptions(Strict):
    """What a suite may choose when it loads a data set of choices."""

    learners: int | None = Field(default=None, ge=1)
    """Keep only this many learners, drawn by `seed`; for quick suites."""
    min_events: int = Field(default=1, ge=1)
    """Learners with fewer events are dropped."""
    offerings: tuple[str, ...] = ()
    """Keep only these courses, for a set of several; all where none is named."""
    seed: int = 0
    """Draws the learners that are kept."""


def tables_of(source: ChoiceFiles) -> list[TableFile]:
    """Every file of a set of choices."""
    beside = (source.item_skills, source.prerequisites, source.about_learners)
    return [source, *(table for table in beside if table is not None)]
