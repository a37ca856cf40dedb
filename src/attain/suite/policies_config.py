"""A file that says which tutoring policies teach which simulated learners."""

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator, model_validator

from attain.core.component import Component, bad_params
from attain.core.errors import UserError, unknown
from attain.core.registry import Registry
from attain.core.strict import Strict
from attain.core.yaml_lines import YamlFile, load_yaml
from attain.data.simulate.curriculum import Curriculum
from attain.data.simulate.student import STUDENTS, Student
from attain.suite.config import ModelChoice, find_suite
from attain.tasks.tutoring import BASELINE, POLICIES, TutoringPolicy


class Taught(Strict):
    """What is taught, where learners are not fitted to a data set."""

    skills: int = Field(default=20, ge=1, le=500)
    """How many skills."""
    density: float = Field(default=0.15, ge=0, le=1)
    """How probably a skill builds on one of the eight before it."""
    items_per_skill: int = Field(default=5, ge=1)
    """Items that practise each skill."""
    seed: int = 0
    """Seed of the prerequisites."""

    def build(self) -> Curriculum:
        """The curriculum."""
        return Curriculum.random(
            self.skills, density=self.density, items_per_skill=self.items_per_skill, seed=self.seed
        )


class FittedTo(Strict):
    """A data set whose answers say how learners are."""

    dataset: str
    """A name that `attain data list` shows."""
    options: dict[str, Any] = Field(default={})  # the card declares and checks them
    """Options of its card."""
    skills: int = Field(default=20, ge=2, le=500)
    """How many of its most practised skills are taught."""


class StudentChoice(Strict):
    """A kind of simulated learner, by name with params, or fitted to a data set: a world to try policies in."""

    name: str
    """A name such as `bkt`, or `my_file:MyStudent`."""
    label: str = ""
    """How tables call this world; its name and params where not given."""
    params: dict[str, Any] = Field(default={})  # the kind's own class checks them
    """Values for its params; with `fitted_to`, for those that the fit does not give."""
    fitted_to: FittedTo | None = None
    """Where the params of skills are taken from."""

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:  # pydantic hands over whatever the YAML holds
        return {"name": value} if isinstance(value, str) else value

    @property
    def called(self) -> str:
        """The label, or what tells it from others."""
        own = " ".join(f"{name}={value}" for name, value in self.params.items() if not isinstance(value, list | tuple))
        fitted = f" like {self.fitted_to.dataset}" if self.fitted_to else ""
        return self.label or f"{self.name} {own}".strip() + fitted


class PolicyMatrix(Strict):
    """Everything that the file says."""

    suite: str = Field(min_length=1, max_length=250)
    """Its name, and the name of the experiment its runs are kept in."""
    description: str = ""
    """One line for the reader."""
    curriculum: Taught = Taught()
    """What is taught."""
    learners: int = Field(default=1000, ge=20)
    """Simulated learners of each seed."""
    steps: int = Field(default=500, ge=1)
    """Items that a learner gets, at most."""
    share: float = Field(default=0.8, gt=0, le=1)
    """The share of the skills whose true mastery is aimed at."""
    seeds: list[int] = Field(default=[0, 1, 2], min_length=1)
    """Each world is populated once for each seed."""
    policies: list[ModelChoice] = Field(min_length=1)
    """Which policies; `curriculum`, which all are compared with, is always among them."""
    students: list[StudentChoice] = Field(min_length=1)
    """Which kinds of learners: the worlds."""
    replicates: int = Field(default=1000, ge=100)
    """Bootstrap replicates behind each interval."""

    @field_validator("seeds")
    @classmethod
    def _no_seed_twice(cls, seeds: list[int]) -> list[int]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("a seed is named twice")
        return seeds


class MatrixFile:
    """A matrix together with the file it was read from, for messages with line numbers."""

    def __init__(self, matrix: PolicyMatrix, source: YamlFile) -> None:
        self.matrix, self.source = matrix, source

    @property
    def folder(self) -> Path:
        """Where files named in it are looked for."""
        return self.source.path.parent

    def policies(self) -> list[tuple[str, TutoringPolicy]]:
        """Label and policy, the baseline first.

        Raises:
            UserError: a name or a param is wrong.
        """
        choices = list(self.matrix.policies)
        if all(choice.name != BASELINE for choice in choices):
            choices.insert(0, ModelChoice(name=BASELINE))
        made = []
        for choice in sorted(choices, key=lambda one: one.name != BASELINE):
            place = (
                ("policies", self.matrix.policies.index(choice)) if choice in self.matrix.policies else ("policies",)
            )
            values = choice.params
            made.append((_called(choice.name, values), self._create(POLICIES, choice.name, values, place)))
        return self._once(made, "policies")

    def students(self) -> list[tuple[StudentChoice, Student]]:
        """Each world's choice and its learners, not fitted yet.

        Raises:
            UserError: a name or a param is wrong.
        """
        made = []
        for index, choice in enumerate(self.matrix.students):
            made.append((choice, self._create(STUDENTS, choice.name, choice.params, ("students", index))))
        self._once([(choice.called, student) for choice, student in made], "students")
        return made

    def _create(self, kinds: Registry[Any], name: str, params: dict[str, Any], place: tuple[str | int, ...]) -> Any:
        try:
            kind: type[Component] = kinds.get(name, folder=self.folder)
            return kind(kind.params_class().model_validate(params))
        except ValidationError as error:
            raise self.source.error([*place, "params"], str(bad_params(kind, error))) from None
        except UserError as problem:
            raise self.source.error(list(place), str(problem)) from None

    def _once(self, made: list[tuple[str, Any]], what: str) -> list[tuple[str, Any]]:
        names = [label for label, _ in made]
        if double := next((name for name in names if names.count(name) > 1), None):
            raise self.source.error([what], f"{double!r} is named twice with the same params; keep one.")
        return made


def _called(name: str, params: dict[str, Any]) -> str:
    return " ".join([name, *(f"{key}={value}" for key, value in params.items() if not isinstance(value, list | tuple))])


def read_matrix(name_or_path: str) -> MatrixFile:
    """The matrix in a file, or the one of that name in `configs/suites`.

    Raises:
        UserError: there is no such file, or it is not a matrix; the first fault with file and line.
    """
    source = load_yaml(find_suite(name_or_path, matrix=True))
    try:
        return MatrixFile(PolicyMatrix.model_validate(source.data), source)
    except ValidationError as error:
        problem = error.errors()[0]
        place = list(problem["loc"])
        if problem["type"] == "extra_forbidden":
            known = _FIELDS.get(str(place[0]) if len(place) > 1 else "", PolicyMatrix).model_fields
            raise source.error(place[:-1], str(unknown("field", str(place[-1]), known))) from None
        raise source.error(place, f"{str(problem['msg']).removeprefix('Value error, ')}.") from None


_FIELDS: dict[str, type[Strict]] = {"curriculum": Taught, "policies": ModelChoice, "students": StudentChoice}
