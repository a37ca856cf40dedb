"""What a suite names, found and checked: data sets, models with their params, metrics, cohorts."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from attain.core.component import Component, bad_params
from attain.core.errors import UserError, unknown
from attain.core.metric import Metric
from attain.core.places import home
from attain.data.dataset import Dataset
from attain.data.load import load, load_source
from attain.metrics.discover import find
from attain.suite.config import DatasetChoice, ModelChoice, Split, SuiteFile
from attain.suite.keys import code_of_metrics

Arm = tuple[ModelChoice, type[Component], dict[str, Any]]
"""A model as the suite names it, its class, and its params."""


def adapters_of(source: SuiteFile, module: ModuleType) -> Iterator[Arm]:
    """Each model of the suite with each combination of its grid, its params checked by its own class."""
    for index, choice in enumerate(source.suite.models):
        try:
            adapter = module.MODELS.get(choice.name, folder=source.path.parent)
        except UserError as problem:
            raise source.error(problem, "models", index) from None
        both = set(choice.params) & set(choice.grid)
        if both:
            raise source.error(f"{sorted(both)[0]!r} is in params and in grid; keep one.", "models", index, "grid")
        if choice.search is not None:
            _check_space(source, index, choice, adapter)
        for values in itertools.product(*choice.grid.values()):
            given = choice.params | dict(zip(choice.grid, values, strict=True))
            try:
                params = adapter.params_class().model_validate(given)
            except ValidationError as error:
                first = str(error.errors()[0]["loc"][0])
                part = "grid" if first in choice.grid else "params"
                raise source.error(bad_params(adapter, error), "models", index, part, first) from None
            try:
                params = adapter.with_files(params, source.path.parent)
            except UserError as problem:
                raise source.error(problem, "models", index) from None
            yield choice, adapter, params.model_dump(mode="json")


def _check_space(source: SuiteFile, index: int, choice: ModelChoice, adapter: type[Component]) -> None:
    """A param that is sought must be one of the adapter's, not be given too, and take both ends of its range."""
    assert choice.search is not None
    for name, values in choice.search.space.items():
        place = ("models", index, "search", "space", name)
        if name in choice.params or name in choice.grid:
            raise source.error(f"{name!r} is in params or grid, and in the space of the search; keep one.", *place)
        for value in values.ends:
            try:
                adapter.params_class().model_validate({name: value})
            except ValidationError as error:
                raise source.error(bad_params(adapter, error), *place) from None


def search_of(
    source: SuiteFile, module: ModuleType, choice: ModelChoice, parted: Split, metrics: Sequence[Metric]
) -> dict[str, Any]:
    """How the params of a model are sought, as its jobs keep it; nothing where they are given."""
    if choice.search is None:
        return {}
    place = ("models", source.suite.models.index(choice), "search")
    try:
        module.inner(parted, choice.search.folds, choice.search.seed)
    except UserError as problem:
        raise source.error(problem, *place) from None
    asked = choice.search.metric
    try:
        metric = metrics[0] if asked is None else find(asked, folder=source.path.parent)
    except UserError as problem:
        raise source.error(problem, *place, "metric") from None
    if metric.direction == "none" or not metric.needs & {"score", "rank", "text"}:
        why = f"{metric.id!r} says of no model that it is better; name another `metric` for the search."
        raise source.error(why, *place, *(["metric"] if asked else []))
    said = choice.search.model_dump(mode="json")
    return {"search": said, "metric": metric.id, "direction": metric.direction, "code": code_of_metrics([metric])}


def baselines_of(module: ModuleType, named: set[str]) -> list[Arm]:
    """The task's baselines that the suite does not name itself, with their own params."""
    adapters = [module.MODELS.get(name) for name in module.BASELINES if name not in named]
    return [(ModelChoice(name=a.name), a, a.params_class()().model_dump(mode="json")) for a in adapters]


def metrics_of(source: SuiteFile, module: ModuleType) -> list[Metric]:
    """The metrics asked for, or the task's own."""
    found = []
    for index, identity in enumerate(source.suite.metrics or module.METRICS):
        try:
            found.append(find(identity, folder=source.path.parent))
        except UserError as problem:
            raise source.error(problem, "metrics", index) from None
        if found[-1].id in [metric.id for metric in found[:-1]]:
            raise source.error(f"{found[-1].id!r} is named twice; keep one.", "metrics", index)
    return found


def datasets_of(source: SuiteFile, module: ModuleType) -> list[tuple[int, Dataset[Any]]]:  # of answers or enrolments
    """The prepared data sets, each with a name of its own, and the place in the file that each comes from."""
    choices = list(_choices(source))
    placed: list[tuple[int, Dataset[Any]]] = []
    for index, choice in choices:
        dataset = _dataset(source, index, choice, [other for _, other in choices])
        if dataset.name in [other.name for _, other in placed]:
            problem = f"Two data sets are called {dataset.name!r}; give one another `name`, or other options."
            raise source.error(problem, "datasets", index)
        if not isinstance(dataset.log, module.CONTENT):
            problem = f"{dataset.name!r} holds {type(dataset.log).__name__.lower()}; {module.NAME} is not for them."
            raise source.error(problem, "datasets", index)
        placed.append((index, dataset))
    return placed


def _choices(source: SuiteFile) -> Iterator[tuple[int, DatasetChoice]]:
    """Each data set of the suite with each combination of its grid, and its place in the file."""
    for index, choice in enumerate(source.suite.datasets):
        if both := set(choice.options) & set(choice.grid):
            problem = f"{sorted(both)[0]!r} is in options and in grid; keep one."
            raise source.error(problem, "datasets", index, "grid")
        for values in itertools.product(*choice.grid.values()):
            options = choice.options | dict(zip(choice.grid, values, strict=True))
            yield index, choice.model_copy(update={"options": options, "grid": {}})


def _dataset(
    source: SuiteFile, index: int, choice: DatasetChoice, choices: list[DatasetChoice]
) -> Dataset[Any]:  # as above
    try:
        if choice.file is None:
            dataset = load(choice.name, choice.options)
        else:
            described = choice.reading | {"file": choice.file, "columns": choice.columns}
            dataset = load_source(described, choice.options, folder=source.path.parent)
    except UserError as problem:
        raise source.error(problem, "datasets", index) from None
    if dataset.folder is None:
        raise UserError(
            f"The prepared data cannot be kept in {str(home())!r}; set ATTAIN_HOME to a folder you can write."
        )
    return replace(dataset, name=_dataset_label(choice, choices))


def _dataset_label(choice: DatasetChoice, choices: list[DatasetChoice]) -> str:
    """The set's name, and where the suite has several of that name, the options in which they differ."""
    same = [other.options for other in choices if other.name == choice.name]
    differ = [name for name in choice.options if len({repr(options.get(name)) for options in same}) > 1]
    return " ".join([choice.name, *(f"{name}={choice.options[name]}" for name in differ)])


def check_training(source: SuiteFile, module: ModuleType) -> None:
    """A way of training that the task's models cannot learn in is an error."""
    for index, on in enumerate(source.suite.training):
        if on not in module.TRAINING:
            known = ", ".join(module.TRAINING)
            raise source.error(f"{on!r} is not for {module.NAME}. Known: {known}.", "training", index)


def check_cohorts(source: SuiteFile, datasets: list[Dataset[Any]]) -> None:
    """A cohort attribute that no data set has is an error, and one of segments that any of them lacks."""
    known = {str(c) for d in datasets if d.cohorts is not None for c in d.cohorts.columns}
    for index, name in enumerate(source.suite.cohorts):
        if name not in known:
            raise source.error(unknown("cohort attribute", name, known), "cohorts", index)
    wanted = source.suite.segment
    for dataset in datasets if wanted else []:
        own = [] if dataset.cohorts is None else [str(c) for c in dataset.cohorts.columns]
        if wanted not in own:
            raise source.error(unknown(f"cohort attribute of {dataset.name!r}", str(wanted), own), "segment")


def check_needs(
    source: SuiteFile,
    module: ModuleType,
    metrics: list[Metric],
    datasets: list[Dataset[Any]],
    adapters: list[type[Component]],
) -> None:
    """A metric that no run of the suite could have is an error; where some lack it, it is undefined with a reason."""
    for index, asked in enumerate(metrics):
        lacking = [asked.needs - module.columns(d, a) for d in datasets for a in adapters]
        if all(lacking):
            names = ", ".join(sorted(set.intersection(*map(set, lacking)) or lacking[0]))
            message = f"{asked.id!r} needs {names}, which no data set and model of this suite gives."
            raise source.error(message, "metrics", index)
