"""A data set's card: where it comes from, what may be done with it, and how its files are read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from attain.core.card import CardWords, cards
from attain.core.errors import unknown
from attain.core.strict import Strict
from attain.core.yaml_lines import load_yaml
from attain.data.choosing.source import ChoiceFiles, ChoiceOptions
from attain.data.courses.source import CourseOptions, Courses
from attain.data.prompting.source import PromptFiles, PromptOptions
from attain.data.scoring.source import ScoredFile, ScoringOptions
from attain.data.simulate.course_options import SimulateCoursesOptions
from attain.data.simulate.lessons_options import LessonOptions
from attain.data.simulate.options import SimulateOptions
from attain.data.source import Options, Source, checked_options


class Card(CardWords):
    """What is known about a data set, and how it is read."""

    variants: Mapping[str, Source] = Field(default_factory=dict)
    """The files of answers, by name; the first is the default."""
    courses: Courses | None = None
    """The tables of enrolments, for a set of courses."""
    files_of: str | None = None
    """The data set in whose folder the files are, where it is not this one's own."""
    choices: ChoiceFiles | None = None
    """The tables of who took what, for a set of choices."""
    scored_answers: ScoredFile | None = None
    """The file of short answers with the points that people gave."""
    prompts: PromptFiles | None = None
    """The table of prompts, and of outputs and ratings on record, for generated content."""
    generator: Literal["simulate", "simulate_courses", "lessons"] | None = None
    """The built-in generator, for a set that has no files."""
    options: Mapping[str, Any] = Field(default_factory=dict)  # checked against the options' own class
    """Defaults of options that differ from the usual ones."""

    @model_validator(mode="after")
    def _has_answers(self) -> "Card":
        tables = (self.variants, self.courses, self.choices, self.prompts, self.scored_answers)
        if sum(map(bool, (*tables, self.generator))) != 1:
            raise ValueError(
                "give one of `variants` (files of answers), `courses` (tables of enrolments), `choices` (who took "
                "what), `prompts` (what is asked of generators), `scored_answers` (short answers with points), "
                "`generator`"
            )
        return self


@dataclass(frozen=True)
class FoundCard:
    """A card and where it was found."""

    name: str
    path: Path
    card: Card


def dataset_names() -> list[str]:
    """The names of all data sets that have a card, sorted."""
    return list(cards())


def find_card(name: str) -> FoundCard:
    """The card of the data set called `name`.

    Raises:
        UserError: there is no such card, or it is not a valid one (with its line).
    """
    known = cards()
    if name not in known:
        raise unknown("dataset", name, known)
    return FoundCard(name, known[name], read_card(known[name]))


def read_card(path: Path) -> Card:
    """Read and check one card.

    Raises:
        UserError: the file is not a valid card; the first mistake is shown with its line.
    """
    file = load_yaml(path)
    try:
        card = Card.model_validate(file.data)
    except ValidationError as error:
        problem = error.errors()[0]
        where = [part for part in problem["loc"] if not str(part).startswith(("tuple[", "str"))]
        if problem["type"] == "extra_forbidden":
            known = _fields_at(where[:-1])
            raise file.error(where[:-1], str(unknown("field of a card", str(where[-1]), known))) from None
        raise file.error(where, f"{problem['msg']}.") from None
    checked_options(options_class(card), card.options, dataset=path.parent.name)
    return card


def options_class(card: Card) -> type[Strict]:
    """The class whose fields are the options of a data set."""
    if card.courses is not None:
        return CourseOptions
    if card.choices is not None:
        return ChoiceOptions
    if card.scored_answers is not None:
        return ScoringOptions
    if card.prompts is not None:
        return PromptOptions
    return Options if card.generator is None else _GENERATORS[card.generator]


_GENERATORS: dict[str, type[Strict]] = {
    "simulate": SimulateOptions,
    "simulate_courses": SimulateCoursesOptions,
    "lessons": LessonOptions,
}


def _fields_at(where: list[Any]) -> list[str]:  # parts of a path, as pydantic gives them
    """The fields that may stand at a place in a card."""
    model: type[Strict] = Card
    for part in where:
        field = model.model_fields.get(str(part))
        if field is None:  # the name of a variant
            continue
        inner = [t for t in (field.annotation, *_arguments(field.annotation)) if isinstance(t, type)]
        model = next((t for t in inner if issubclass(t, Strict)), model)
    return list(model.model_fields)


def _arguments(annotation: object) -> tuple[object, ...]:
    return getattr(annotation, "__args__", ())
