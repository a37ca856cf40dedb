"""A suite file as checked objects: what is compared with what, on which data, by which metrics."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, ValidationError, ValidationInfo, field_validator, model_validator

from attain.core.errors import UserError, unknown
from attain.core.places import project_folders
from attain.core.strict import Strict
from attain.core.tasks import TASKS, Task
from attain.core.yaml_lines import YamlFile, load_yaml
from attain.data.answer_split import ByPart, ByQuestion
from attain.data.choice_split import ByMoment, ByOrder, ByPairs, LastOut
from attain.data.enrolment_split import ByCourse, ByOffering, ByTerm
from attain.data.prompt_split import AllPrompts, ByPrompt
from attain.data.split import ByLearner, ByTime, Published
from attain.suite.resources import Resources
from attain.suite.search_config import Range, Search
from attain.tasks.find import task

Split = Annotated[
    ByLearner
    | Published
    | ByTime
    | ByTerm
    | ByCourse
    | ByOffering
    | ByMoment
    | ByOrder
    | LastOut
    | ByPairs
    | ByPart
    | ByQuestion
    | AllPrompts
    | ByPrompt,
    Field(discriminator="by"),
]
"""Every way to part a data set; each task says which of them it knows."""


class DatasetChoice(Strict):
    """A data set by name with its options, or a file with a map of its columns."""

    name: str
    """A name that `attain data list` shows; for a file, what to call it."""
    options: dict[str, Any] = Field(default={})  # the card declares and checks them
    """Options of the data set's card."""
    grid: dict[str, list[Any]] = Field(default={})  # as above
    """Lists of values of options; every combination is a data set of its own."""
    file: str | None = None
    """A CSV, TSV or Parquet file, relative to the suite file; then `columns` says what is what."""
    columns: dict[str, str | list[str]] = Field(default={})
    """Our column to theirs: `{learner: user_id, item: problem, correct: right}`."""
    reading: dict[str, Any] = Field(default={})  # the data layer declares and checks them
    """How the file is read: `{delimiter: ";", skill_separator: "~~", time_unit: ms}`."""
    split: Split | None = None
    """How the learners of this set are parted, where it is not as the suite says."""

    @field_validator("grid")
    @classmethod
    def _no_empty_list(cls, grid: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return _filled(grid)

    @model_validator(mode="before")
    @classmethod
    def _name_of_the_file(cls, value: Any) -> Any:  # pydantic hands over whatever the YAML holds
        if isinstance(value, str):
            return {"name": value}
        if isinstance(value, dict) and "file" in value and "name" not in value:
            return {"name": Path(str(value["file"])).stem, **value}
        return value


def _filled(grid: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The grid, none of its lists empty."""
    for name, values in grid.items():
        if not values:
            raise ValueError(f"the list for {name!r} is empty; give at least one value")
    return grid


class ModelChoice(Strict):
    """A model by name, with params or a grid of them."""

    name: str
    """A name that `attain list models` shows, or `my_file:MyModel`."""
    params: dict[str, Any] = Field(default={})  # the adapter's own class checks them
    """Values for the model's params; the others keep their defaults."""
    grid: dict[str, list[Any]] = Field(default={})  # as above
    """Lists of values; every combination is a run of its own."""
    resources: Resources | None = None
    """What each of its jobs asks for, where it is not as the suite says."""
    search: Search | None = None
    """Params to be found by trying, in each fold among its training learners."""

    @model_validator(mode="before")
    @classmethod
    def _bare_name(cls, value: Any) -> Any:  # pydantic hands over whatever the YAML holds
        return {"name": value} if isinstance(value, str) else value

    @field_validator("grid")
    @classmethod
    def _no_empty_list(cls, grid: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return _filled(grid)


class Suite(Strict):
    """Everything that a suite file says."""

    suite: str = Field(min_length=1, max_length=250)
    """Its name, and the name of the experiment its runs are kept in."""
    description: str = ""
    """One line for the reader."""
    task: Task = "knowledge_tracing"
    """What is predicted."""
    datasets: list[DatasetChoice] = Field(min_length=1)
    """On which data."""
    split: Split = ByLearner()
    """How the data are parted; the task's own way where not given."""
    models: list[ModelChoice] = Field(min_length=1)
    """Which models."""
    seeds: list[int] = Field(default=[0], min_length=1)
    """Each model is run once for each seed."""

    @model_validator(mode="before")
    @classmethod
    def _split_of_the_task(cls, value: Any) -> Any:  # pydantic hands over whatever the YAML holds
        if isinstance(value, dict) and "split" not in value and value.get("task") in TASKS:
            return {**value, "split": task(value["task"]).SPLIT.model_dump()}
        return value

    @field_validator("seeds")
    @classmethod
    def _no_seed_twice(cls, seeds: list[int]) -> list[int]:
        if len(set(seeds)) < len(seeds):
            raise ValueError("a seed is named twice; a run of the same seed gives the same scores")
        return seeds

    metrics: list[str] = Field(default=[])
    """Metrics by id; the task's own list where none is given. The first is the one that verdicts are about."""
    cohorts: list[str] = Field(default=[])
    """Cohort attributes of the data sets by which every metric is repeated."""
    replicates: int = Field(default=1000, ge=100)
    """Bootstrap replicates behind each interval."""
    training: list[Literal["all", "segment", "all_and_simulated"]] = Field(default=["all"], min_length=1)
    """What each model learns from: all training learners, those of a learner's own segment, or simulated ones too."""
    segment: str | None = Field(default=None, validate_default=True)
    """The cohort attribute that parts learners into segments; results are given by it."""
    simulated_learners: int = Field(default=500, ge=1)
    """How many learners `all_and_simulated` adds to the training part, and never to what is judged."""
    baselines: bool = True
    """Whether the task's baselines stand in every table, beside the models that are named."""
    resources: Resources = Resources()
    """What each job asks for, wherever it is done: `{threads: 2, memory_gb: 4, gpus: 1}`."""
    allow: dict[str, str] = Field(default={})
    """Detector of the guard to the reason why what it finds may stand; for tasks that have a guard."""
    canaries: bool = False
    """Ask first of each model and data set the questions that only a leak answers wrongly (`--canaries`)."""

    @field_validator("segment")
    @classmethod
    def _segment_is_named(cls, segment: str | None, info: ValidationInfo) -> str | None:
        if segment is None and "segment" in info.data.get("training", ()):
            raise ValueError("`training: [segment]` needs a cohort attribute of the data sets here")
        return segment

    @property
    def reported_by(self) -> list[str]:
        """The cohort attributes by which metrics are repeated, that of the segments with them."""
        return list(dict.fromkeys([*self.cohorts, *([self.segment] if self.segment else [])]))

    def training_as(self, on: str) -> dict[str, Any]:
        """One way of training with all that it depends on, as a job keeps it; nothing for the usual one."""
        own: dict[str, dict[str, Any]] = {
            "segment": {"segment": self.segment},
            "all_and_simulated": {"simulated_learners": self.simulated_learners},
        }
        return {} if on == "all" else {"on": on, **own[on]}


class SuiteFile:
    """A suite together with the file it was read from, for messages with line numbers."""

    def __init__(self, suite: Suite, source: YamlFile) -> None:
        self.suite, self.source = suite, source

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    @property
    def text(self) -> str:
        """The file's text, as it is kept with every run."""
        return self.source.text

    def where(self, *place: str | int) -> str:
        """`file:line: models.1.grid: ` for the start of a message about a place in the file, or `--model: `."""
        if len(place) > 1 and place[0] == "models" and int(place[1]) >= len(self.source.data["models"]):
            return "--model: "
        dotted = ".".join(map(str, place))
        return f"{_short(self.path)}:{self.source.line(place)}: {dotted}: "

    def error(self, problem: UserError | str, *place: str | int) -> UserError:
        """A problem with its place in front."""
        return UserError(self.where(*place) + str(problem))


def read_suite(name_or_path: str) -> SuiteFile:
    """The suite in a file, or the one of that name in `configs/suites`.

    Raises:
        UserError: there is no such suite, or its file is not a suite; each fault with file and line.
    """
    source = load_yaml(find_suite(name_or_path))
    try:
        return SuiteFile(Suite.model_validate(source.data), source)
    except ValidationError as error:
        raise UserError("\n".join(_sentence(source, problem) for problem in error.errors())) from None


def find_suite(name_or_path: str, *, matrix: bool = False) -> Path:
    """The file of a suite, or of a matrix of policies, given by path or by name."""
    path = Path(name_or_path)
    if path.is_file():
        if not matrix and _is_matrix(path):
            raise UserError(f"{name_or_path}: is a matrix of policies; run it with `attain policies {name_or_path}`.")
        return path
    known = suite_files(matrix=matrix)
    if not matrix and name_or_path in suite_files(matrix=True):
        raise UserError(f"{name_or_path!r} is a matrix of policies; run it with `attain policies {name_or_path}`.")
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
        raise UserError(f"There is no suite file {name_or_path!r}. Suites known by name: {', '.join(known) or 'none'}.")
    if name_or_path not in known:
        raise unknown("suite", name_or_path, known)
    return known[name_or_path]


def suite_files(*, matrix: bool = False) -> dict[str, Path]:
    """Suites known by name, or matrices of policies: the YAML files of `configs/suites`, first found first."""
    found: dict[str, Path] = {}
    for folder in project_folders("configs"):
        for path in sorted((folder / "suites").glob("*.yaml")):
            if _is_matrix(path) == matrix:
                found.setdefault(path.stem, path)
    return found


def _is_matrix(path: Path) -> bool:
    """Whether a file says which policies teach, and not which models are compared."""
    return any(line.startswith("policies:") for line in path.read_text(encoding="utf-8", errors="replace").splitlines())


def _sentence(source: YamlFile, problem: Any) -> str:  # pydantic's ErrorDetails is not exported
    """One fault of a suite file as `file:line: place: what, and the nearest names`."""
    place = problem["loc"]
    kind = place[1] if place[0] == "split" and len(place) > 1 and place[1] in _SPLITS else None
    if kind is not None:  # which of the three ways to split was meant is in the place, but not in the file
        place = ("split", *place[2:])
    start = f"{_short(source.path)}:{source.line(place)}: {'.'.join(map(str, place))}: "
    if problem["type"] == "extra_forbidden":
        return start + str(unknown("field", str(place[-1]), _fields_at(place[:-1], kind)))
    if problem["type"] == "missing":
        return f"{start}is missing; every suite needs it."
    if problem["type"] == "value_error":
        return f"{start}{str(problem['msg']).removeprefix('Value error, ')}."
    return f"{start}{problem['input']!r} is not right: {problem['msg']}."


_SPLITS: dict[object, type[BaseModel]] = {
    "learner": ByLearner,
    "published": Published,
    "time": ByTime,
    "term": ByTerm,
    "course": ByCourse,
    "offering": ByOffering,
    "moment": ByMoment,
    "order": ByOrder,
    "last": LastOut,
    "pairs": ByPairs,
    "part": ByPart,
    "question": ByQuestion,
    "all": AllPrompts,
    "prompt": ByPrompt,
}


def _ranged(place: tuple[str | int, ...]) -> type[BaseModel] | None:
    return Range if len(place) > 1 and place[-2] == "space" else None


_WITHIN: dict[object, type[BaseModel]] = {"resources": Resources, "search": Search}
"""Fields that have fields of their own, wherever they stand."""


def _fields_at(place: tuple[str | int, ...], kind: object) -> list[str]:
    """The fields that are allowed at a place of the file."""
    if not place:
        return list(Suite.model_fields)
    by_name: dict[object, type[BaseModel]] = {"datasets": DatasetChoice, "models": ModelChoice}
    owner = (
        _SPLITS.get(kind) if place[0] == "split" else _WITHIN.get(place[-1]) or _ranged(place) or by_name.get(place[0])
    )
    return list(owner.model_fields) if owner else []


def _short(path: Path) -> str:
    """The path relative to the working folder where it lies inside it."""
    return str(path.relative_to(Path.cwd())) if path.is_absolute() and path.is_relative_to(Path.cwd()) else str(path)
