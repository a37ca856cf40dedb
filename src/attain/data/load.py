"""From a name, or a file, to a prepared data set."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from attain.core.errors import UserError, unknown
from attain.core.fingerprint import of_file, of_json
from attain.core.strict import Strict
from attain.data import cache, pseudonym
from attain.data.canonical import canonical
from attain.data.card import FoundCard, dataset_names, find_card, options_class
from attain.data.choices import Choices
from attain.data.choosing.load import chosen
from attain.data.choosing.source import ChoiceOptions, tables_of
from attain.data.courses.load import enrolled
from attain.data.courses.source import CourseOptions, files_of
from attain.data.courses.tables import Tables
from attain.data.dataset import C, Dataset
from attain.data.enrolments import Enrolments
from attain.data.find import Progress, find_file
from attain.data.formats.columns import RawTable
from attain.data.formats.read import content_of, read
from attain.data.prompting.load import prompted
from attain.data.prompting.source import PromptOptions
from attain.data.prompts import Prompts
from attain.data.scored_answers import ScoredAnswers
from attain.data.scoring.load import scored
from attain.data.scoring.source import ScoringOptions
from attain.data.simulate.course_options import SimulateCoursesOptions
from attain.data.simulate.courses import simulated_courses
from attain.data.simulate.dataset import simulated
from attain.data.simulate.lessons import lessons
from attain.data.simulate.lessons_options import LessonOptions
from attain.data.simulate.options import SimulateOptions
from attain.data.source import ItemSkill, Options, Source, checked_options, explain
from attain.data.stream.blocks import header_of
from attain.data.stream.bound import Bound, bound
from attain.data.stream.files import Files, find_files
from attain.data.stream.prepare import Hear, Task
from attain.data.stream.prepare import prepare as prepare_streamed

__all__ = ["dataset_names", "load", "load_csv", "load_source", "resolved_options"]


def load(
    name: str,
    options: Mapping[str, object] | None = None,
    *,
    progress: Progress | None = None,
    memory: Bound | None = None,
    hear: Hear | None = None,
) -> Dataset[Any]:  # of whatever the card says
    """The data set called `name`, ready for models.

    The first call reads, checks and sorts the files and writes the result into the cache; later calls map that.

    Args:
        name: the folder of its card in `datasets`.
        options: those of the card; `attain data show NAME` lists them.
        progress: hears of a download.
        memory: how much preparing answers may take; that of `ATTAIN_MEMORY_GB`, or 2 GB, where not given.
        hear: hears how far the preparation of a large file is.

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
    if found.card.scored_answers is not None:
        return _scored(found, ScoringOptions.model_validate(values), progress)
    if found.card.prompts is not None:
        return _asked(found, PromptOptions.model_validate(values), progress)
    reading = _answers_of(found, values, progress)
    return _prepared(reading, memory or bound(), hear, pseudonymous=found.card.pseudonymous)


def answers_of(name: str, options: Mapping[str, object], *, progress: Progress | None = None) -> "Reading":
    """The files of answers that `load` would read, downloaded if need be.

    Raises:
        UserError: as `load`; or the data set holds no files of answers.
    """
    found = find_card(name)
    values = resolved_options(found, options)
    if not found.card.variants:
        raise UserError(f"Dataset {name!r} has no files of answers; only those are prepared block by block.")
    return _answers_of(found, values, progress)


def _answers_of(found: FoundCard, values: Mapping[str, object], progress: Progress | None) -> "Reading":
    source = _variant(found, values)
    path = find_file(found, source.file, sha256=source.sha256, url=source.url, progress=progress)
    items = source.item_skill
    items_path = None
    if items is not None:
        items_path = find_file(found, items.file, sha256=items.sha256, url=items.url, progress=progress)
    return Reading(found.name, find_files(path), items_path, source, Options.model_validate(values))


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
    source: Mapping[str, object],
    options: Mapping[str, object] | None = None,
    *,
    folder: Path | None = None,
    memory: Bound | None = None,
    hear: Hear | None = None,
) -> Dataset:
    """The data set in a file that a suite describes: `{file: my.csv, columns: {learner: user, …}}`.

    Args:
        source: fields of `Source`; `file` may name a folder, or a pattern such as `log/*.csv`, whose files are read
            by name as one.
        options: fields of `Options`.
        folder: where relative paths start; the working folder where not given.
        memory: how much preparing may take; that of `ATTAIN_MEMORY_GB`, or 2 GB, where not given.
        hear: hears how far the preparation of a large file is.
    """
    return _prepared(described(source, options, folder=folder), memory or bound(), hear, pseudonymous=False)


def described(
    source: Mapping[str, object], options: Mapping[str, object] | None = None, *, folder: Path | None = None
) -> "Reading":
    """What `load_source` would read, with everything checked that can be without reading it."""
    checked = checked_source(source, folder=folder)
    files = find_files(Path(checked.file))
    values = checked_options(Options, options or {}, dataset=files.name)
    items = None if checked.item_skill is None else (folder or Path.cwd()) / checked.item_skill.file
    return Reading(files.name, files, items, checked, Options.model_validate(values))


def checked_source(source: Mapping[str, object], *, folder: Path | None = None) -> Source:
    """The description of a file, its path made absolute; columns of our own names need not be mapped.

    Raises:
        UserError: there is no such file, or a field is unknown, missing or out of range.
    """
    path = (folder or Path.cwd()) / str(source.get("file", ""))
    first = find_files(path).paths[0]
    given = source.get("columns") or {}
    if not isinstance(given, Mapping):
        raise UserError(f"{path}: `columns` is {given!r}; expected our names to the file's: {{learner: user_id}}.")
    delimiter, encoding = source.get("delimiter"), source.get("encoding")
    header, _ = header_of(first, str(delimiter) if delimiter else None, str(encoding or "utf-8"))
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


def _generated(name: str, values: Mapping[str, object], model: type[Strict]) -> Dataset[Any]:  # as `load`
    options = model.model_validate(values)
    if isinstance(options, SimulateCoursesOptions):
        return simulated_courses(name, options)
    if isinstance(options, LessonOptions):
        return lessons(name, options)
    assert isinstance(options, SimulateOptions)
    return simulated(name, options)


def _variant(found: FoundCard, values: Mapping[str, object]) -> Source:
    name = str(values["variant"])
    if name not in found.card.variants:
        raise unknown(f"variant of dataset {found.name!r}", name, found.card.variants)
    return found.card.variants[name]


@dataclass(frozen=True)
class Reading:
    """Files of answers, and how they are read.

    Attributes:
        name: of the data set.
        files: with the answers.
        items: the file with the items' skills, where there is one.
        source: what the columns mean.
        options: what the suite chose.
    """

    name: str
    files: Files
    items: Path | None
    source: Source
    options: Options


def _prepared(reading: Reading, memory: Bound, hear: Hear | None, *, pseudonymous: bool) -> Dataset:
    """The data set in some files, from the cache where it is there."""
    files, source, options = reading.files, reading.source, reading.options
    digests = _digests(files, source.sha256)
    items = None if reading.items is None or source.item_skill is None else content_of(reading.items)
    if items is not None and reading.items is not None and source.item_skill is not None:
        digest = hashlib.sha256(items).hexdigest()
        _refuse_other(reading.items, digest, source.item_skill.sha256)
        digests[reading.items.name] = digest
    secret = None if pseudonymous else pseudonym.key()
    key = _cache_key(
        name=reading.name,
        files=digests,
        source=source.model_dump(mode="json", exclude={"file", "url"}),
        options=options.model_dump(mode="json"),
        pseudonyms=secret and pseudonym.key_mark(secret),
    )

    def matrix() -> RawTable | None:
        if items is None or reading.items is None or source.item_skill is None:
            return None
        return read(reading.items, items, _matrix_columns(source.item_skill))

    def prepare() -> Dataset:
        content = content_of(files.root)
        table = read(files.root, content, source.wanted(), delimiter=source.delimiter, encoding=source.encoding)
        made = canonical(table, source, options, matrix())
        log, cohorts = made.log, made.cohorts
        if secret is not None:
            log = replace(log, learners=pseudonym.pseudonyms(log.learners, secret))
            cohorts = None if cohorts is None else cohorts.set_axis(log.learners).rename_axis("learner")
        values = options.model_dump(mode="json")
        return _sealed(Dataset(reading.name, log, "", digests, values, made.changes, cohorts, made.published))

    def fill(folder: Path) -> None:
        task = Task(reading.name, files, source, options, matrix(), secret, digests, memory)
        prepare_streamed(task, folder, hear or _nobody)

    return cache.filled(key, fill) if memory.streams(files) else cache.cached(key, prepare)


def _nobody(what: str, done: int, total: int) -> None:
    """Hears nothing."""


def _digests(files: Files, sha256: str | None) -> dict[str, str]:
    """SHA-256 of the files of answers, checked where the card says which it is."""
    try:
        digests = files.sha256()
    except OSError as error:
        raise UserError(f"Cannot read {str(files.root)!r}: {error.strerror}.") from None
    _refuse_other(files.root, next(iter(digests.values())), sha256)
    return digests


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


def _scored(found: FoundCard, options: ScoringOptions, progress: Progress | None) -> Dataset[ScoredAnswers]:
    """The scored answers of a data set, from the cache where they are there."""
    tables, source = Tables(found, progress), found.card.scored_answers
    assert source is not None
    path = tables.path(source)
    key = _cache_key(
        name=found.name,
        files={str(path): tables.digest(path)},
        source=source.model_dump(mode="json"),
        options=options.model_dump(mode="json"),
    )
    return cache.cached(key, lambda: _sealed(scored(found, options, tables)))


def _asked(found: FoundCard, options: PromptOptions, progress: Progress | None) -> Dataset[Prompts]:
    """The prompts of a data set, from the cache where they are there."""
    tables, source = Tables(found, progress), found.card.prompts
    assert source is not None
    key = _cache_key(
        name=found.name,
        files={source.file: tables.digest(tables.path(source))},
        source=source.model_dump(mode="json"),
        options=options.model_dump(mode="json"),
    )
    return cache.cached(key, lambda: _sealed(prompted(found, options, tables)))


def _refuse_other(path: Path, digest: str, sha256: str | None) -> None:
    """Refuse a file that is not the published one."""
    if sha256 is not None and digest != sha256:
        raise UserError(
            f"{path}: SHA-256 is {digest}, and the card says {sha256}: another version, or a damaged copy. "
            "Get the published file again, or describe yours with `attain data import`."
        )


def _matrix_columns(columns: ItemSkill) -> dict[str, str]:
    return {columns.item: "item", columns.skill: "skill"}


def _sealed(dataset: Dataset[C]) -> Dataset[C]:
    return replace(dataset, fingerprint=cache.content_fingerprint(dataset))


def _cache_key(**parts: object) -> str:
    """A key that also changes with any line of the loading code."""
    package = Path(__file__).parent
    code = {str(path.relative_to(package)): of_file(path) for path in sorted(package.rglob("*.py"))}
    return of_json({**parts, "code": code})
