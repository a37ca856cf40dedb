"""From a name, or a file, to a prepared data set."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from attain.core.errors import UserError, unknown
from attain.core.fingerprint import of_file, of_json
from attain.core.strict import Strict
from attain.data import cache, pseudonym
from attain.data.canonical import canonical
from attain.data.card import Card, FoundCard, dataset_names, find_card
from attain.data.choices import Choices
from attain.data.choosing.load import chosen
from attain.data.choosing.source import ChoiceOptions, tables_of
from attain.data.courses.load import enrolled
from attain.data.courses.source import CourseOptions, files_of
from attain.data.courses.tables import Tables
from attain.data.dataset import C, Dataset
from attain.data.enrolments import Enrolments
from attain.data.find import Progress, find_file
from attain.data.formats.read import content_of, header_of, read
from attain.data.simulate.course_options import SimulateCoursesOptions
from attain.data.simulate.courses import simulated_courses
from attain.data.simulate.dataset import simulated
from attain.data.simulate.options import SimulateOptions
from attain.data.source import ItemSkill, Options, Source, checked_options, explain

__all__ = ["dataset_names", "load", "load_csv", "load_source", "options_class", "resolved_options"]


def load(
    name: str, options: Mapping[str, object] | None = None, *, progress: Progress | None = None
) -> Dataset[Any]:  # of answers, enrolments or choices, as the card says
    """The data set called `name`, ready for models.

    The first call reads, checks and sorts the files and writes the result into the cache; later calls map that.

    Args:
        name: the folder of its card in `datasets`.
        options: those of the card; `attain data show NAME` lists them.
        progress: hears of a download.

    Raises:
        UserError: the name or an option is unknown, a file is missing, or the data cannot be read.
    """
    found = find_card(name)
    values = resolved_options(found, options or {})
    if found.card.generator is not None:
        key = _cache_key(generator=found.card.generator, options=values, name=name)
        return cache.cached(key, lambda: _sealed(_generated(name, values, options_class(found.card))))
    if found.card.courses is not None:
        return _enrolled(found, CourseOptions.model_validate(values), progress)
    if found.card.choices is not None:
        return _chosen(found, ChoiceOptions.model_validate(values), progress)
    source = _variant(found, values)
    path = find_file(found, source.file, sha256=source.sha256, url=source.url, progress=progress)
    items = source.item_skill
    items_path = None
    if items is not None:
        items_path = find_file(found, items.file, sha256=items.sha256, url=items.url, progress=progress)
    return _prepared(name, path, items_path, source, values, pseudonymous=found.card.pseudonymous)


def resolved_options(found: FoundCard, options: Mapping[str, object]) -> dict[str, object]:
    """All options of a data set with their values: those given, else the card's, else the usual ones.

    Raises:
        UserError: an option or variant is unknown, or a value is out of range.
    """
    values = checked_options(options_class(found.card), {**found.card.options, **options}, dataset=found.name)
    if found.card.variants:
        values["variant"] = values["variant"] or next(iter(found.card.variants))
        _variant(found, values)
    return values


def options_class(card: Card) -> type[Strict]:
    """The class whose fields are the options of a data set."""
    if card.courses is not None:
        return CourseOptions
    if card.choices is not None:
        return ChoiceOptions
    return Options if card.generator is None else _GENERATORS[card.generator]


def load_csv(
    path: Path | str,
    columns: Mapping[str, object] | None = None,
    options: Mapping[str, object] | None = None,
    **reading: object,
) -> Dataset:
    """The data set in any CSV, TSV or Parquet file.

    Args:
        path: the file.
        columns: our names to the file's: `{"learner": "user", "item": "question", "correct": "right"}`; those not
            given are taken from the file where it has columns of our names.
        options: fields of `Options`, such as `expanded`.
        reading: fields of `Source`, such as `time_unit`.
    """
    return load_source({**reading, "file": str(path), "columns": columns or {}}, options)


def load_source(
    source: Mapping[str, object], options: Mapping[str, object] | None = None, *, folder: Path | None = None
) -> Dataset:
    """The data set in a file that a suite describes: `{file: my.csv, columns: {learner: user, …}}`.

    Args:
        source: fields of `Source`.
        options: fields of `Options`.
        folder: where relative paths start; the working folder where not given.
    """
    checked = checked_source(source, folder=folder)
    path = Path(checked.file)
    name = path.name.split(".")[0]
    values = checked_options(Options, options or {}, dataset=name)
    items_path = None if checked.item_skill is None else (folder or Path.cwd()) / checked.item_skill.file
    return _prepared(name, path, items_path, checked, values, pseudonymous=False)


def checked_source(source: Mapping[str, object], *, folder: Path | None = None) -> Source:
    """The description of a file, its path made absolute; columns of our own names need not be mapped.

    Raises:
        UserError: there is no such file, or a field is unknown, missing or out of range.
    """
    path = (folder or Path.cwd()) / str(source.get("file", ""))
    if not path.is_file():
        raise UserError(f"There is no file {str(path)!r}.")
    given = source.get("columns") or {}
    if not isinstance(given, Mapping):
        raise UserError(f"{path}: `columns` is {given!r}; expected our names to the file's: {{learner: user_id}}.")
    reading = {key: str(source[key]) for key in ("delimiter", "encoding") if source.get(key)}
    header = header_of(path, content_of(path), **reading)
    own = {name: name for name in ("learner", "item", "correct", "skill") if name in header}
    needed = [name for name in ("learner", "item", "correct") if name not in {**own, **given}]
    if needed:
        raise UserError(
            f"{path}: no column is named for {', '.join(map(repr, needed))}. Say which it is with `columns` "
            f"(`--{needed[0]} NAME`); the file has: {', '.join(header)}."
        )
    try:
        return Source.model_validate({**source, "file": str(path), "columns": {**own, **given}})
    except ValidationError as error:
        raise UserError(f"{path}: " + " ".join(explain(error, Source, "field"))) from None


_GENERATORS: dict[str, type[Strict]] = {"simulate": SimulateOptions, "simulate_courses": SimulateCoursesOptions}


def _generated(name: str, values: Mapping[str, object], model: type[Strict]) -> Dataset[Any]:  # as `load`
    options = model.model_validate(values)
    if isinstance(options, SimulateCoursesOptions):
        return simulated_courses(name, options)
    assert isinstance(options, SimulateOptions)
    return simulated(name, options)


def _variant(found: FoundCard, values: Mapping[str, object]) -> Source:
    name = str(values["variant"])
    if name not in found.card.variants:
        raise unknown(f"variant of dataset {found.name!r}", name, found.card.variants)
    return found.card.variants[name]


def _prepared(
    name: str, path: Path, items_path: Path | None, source: Source, values: dict[str, object], *, pseudonymous: bool
) -> Dataset:
    """The data set in a file, from the cache where it is there."""
    content = _content(path, source.sha256)
    items = None if items_path is None or source.item_skill is None else _content(items_path, source.item_skill.sha256)
    files = {path.name: hashlib.sha256(content).hexdigest()}
    if items is not None and items_path is not None:
        files[items_path.name] = hashlib.sha256(items).hexdigest()
    secret = None if pseudonymous else pseudonym.key()
    mark = secret and pseudonym.key_mark(secret)
    reading = source.model_dump(mode="json", exclude={"file", "url"})
    key = _cache_key(name=name, files=files, source=reading, options=values, pseudonyms=mark)

    def prepare() -> Dataset:
        table = read(path, content, source.wanted(), delimiter=source.delimiter, encoding=source.encoding)
        matrix = None
        if items is not None and items_path is not None and source.item_skill is not None:
            matrix = read(items_path, items, _matrix_columns(source.item_skill))
        made = canonical(table, source, Options.model_validate(values), matrix)
        log, cohorts = made.log, made.cohorts
        if secret is not None:
            log = replace(log, learners=pseudonym.pseudonyms(log.learners, secret))
            cohorts = None if cohorts is None else cohorts.set_axis(log.learners).rename_axis("learner")
        whole = Dataset(name, log, "", files, values, made.changes, cohorts, made.published)
        return _sealed(whole)

    return cache.cached(key, prepare)


def _enrolled(found: FoundCard, options: CourseOptions, progress: Progress | None) -> Dataset[Enrolments]:
    """The enrolments of a set of courses, from the cache where they are there."""
    secret = None if found.card.pseudonymous else pseudonym.key()
    tables, source = Tables(found, progress), found.card.courses
    assert source is not None
    key = _cache_key(
        name=found.name,
        files={str(path): tables.digest(path) for path in map(tables.path, files_of(source))},
        source=source.model_dump(mode="json"),
        options=options.model_dump(mode="json"),
        pseudonyms=secret and pseudonym.key_mark(secret),
    )
    return cache.cached(key, lambda: _sealed(enrolled(found, options, tables, secret)))


def _chosen(found: FoundCard, options: ChoiceOptions, progress: Progress | None) -> Dataset[Choices]:
    """The choices of a data set, from the cache where they are there."""
    secret = None if found.card.pseudonymous else pseudonym.key()
    tables, source = Tables(found, progress), found.card.choices
    assert source is not None
    key = _cache_key(
        name=found.name,
        files={str(path): tables.digest(path) for path in map(tables.path, tables_of(source))},
        source=source.model_dump(mode="json"),
        options=options.model_dump(mode="json"),
        pseudonyms=secret and pseudonym.key_mark(secret),
    )
    return cache.cached(key, lambda: _sealed(chosen(found, options, tables, secret)))


def _content(path: Path, sha256: str | None) -> bytes:
    content = content_of(path)
    if sha256 is not None and (found := hashlib.sha256(content).hexdigest()) != sha256:
        raise UserError(
            f"{path}: SHA-256 is {found}, and the card says {sha256}: another version, or a damaged copy. "
            "Get the published file again, or describe yours with `attain data import`."
        )
    return content


def _matrix_columns(columns: ItemSkill) -> dict[str, str]:
    return {columns.item: "item", columns.skill: "skill"}


def _sealed(dataset: Dataset[C]) -> Dataset[C]:
    return replace(dataset, fingerprint=cache.content_fingerprint(dataset))


def _cache_key(**parts: object) -> str:
    """A key that also changes with any line of the loading code."""
    package = Path(__file__).parent
    code = {str(path.relative_to(package)): of_file(path) for path in sorted(package.rglob("*.py"))}
    return of_json({**parts, "code": code})
