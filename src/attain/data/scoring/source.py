"""How a file of scored answers is read: what was asked, what a good answer says, what was written, what it got."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from attain.core.strict import Strict
from attain.data.courses.source import TableFile

Points = Annotated[float, Field(gt=0)]


class ScoredFile(TableFile):
    """The file of answers, one row an answer."""

    question: str
    """The column with the question's name."""
    wording: str
    """The column that says what is asked; it is the same in all rows of a question."""
    reference: str | None = None
    """The column with the model answer."""
    reference_separator: str | None = None
    """Joins several model answers in one cell."""
    response: str
    """The column with what was written; a cell may be empty."""
    points: str
    """The column with what a person gave; rows without are dropped."""
    maximum: str | None = None
    """The column with the points of a full answer, where the file says."""
    part: str | None = None
    """The column with the part that the set was published in."""


class ScoringOptions(Strict):
    """What a suite may choose when it loads a data set of scored answers."""

    maxima: Mapping[str, Points] = Field(default_factory=dict)
    """Question to the points of a full answer, where the file does not say or says otherwise. For others a split takes
    the highest points of the training part and, without any, the most common of those; never what is to be judged."""
    questions: tuple[str, ...] = ()
    """Keep only the answers to these questions; all where none is named."""
