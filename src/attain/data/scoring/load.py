"""From a file of scored answers to `ScoredAnswers`."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError, unknown
from attain.data.card import FoundCard
from attain.data.courses.tables import Tables, numbers, texts
from attain.data.dataset import Change, Dataset
from attain.data.formats.columns import RawTable
from attain.data.scored_answers import ScoredAnswers, Texts
from attain.data.scoring.source import ScoredFile, ScoringOptions


def scored(found: FoundCard, options: ScoringOptions, tables: Tables) -> Dataset[ScoredAnswers]:
    """The scored answers of a data set; its fingerprint is left empty.

    Raises:
        UserError: the file cannot be read, a cell is not as it must be, or nothing is left after the choices.
    """
    source = found.card.scored_answers
    assert source is not None
    wanted = (source.question, source.wording, source.reference, source.response, source.points)
    table = tables.read(source, [*wanted, source.maximum, source.part], "scored answers")
    changes: list[Change] = []
    kept = _kept(found.name, table, source, options, changes)
    names = texts(table, source.question)
    code, questions = pd.factorize(names[kept], sort=True)
    part, parts = pd.factorize(texts(table, source.part)[kept], sort=True)
    reference, start = _references(source, texts(table, source.reference)[kept], code, len(questions))
    log = ScoredAnswers(
        question=code.astype(np.int32),
        response=texts(table, source.response)[kept],
        points=numbers(table, source.points)[kept],
        part=part.astype(np.int32),
        row=np.arange(len(kept), dtype=np.int64),
        maximum=_maxima(found.name, table, source, options, kept, np.asarray(questions, dtype=object)),
        reference_start=start,
        questions=np.asarray(questions, dtype=object),
        wording=_wordings(table, source, kept, code, len(questions)),
        reference=reference,
        parts=np.asarray(parts, dtype=object),
    )
    again = int(pd.DataFrame({"question": log.question, "response": log.response}).duplicated().sum())
    if again:
        changes.append(Change("kept answers that repeat another to the same question word for word", again))
    return Dataset(found.name, log, "", tables.sha256, options.model_dump(mode="json"), tuple(changes))


def _kept(
    name: str, table: RawTable, source: ScoredFile, options: ScoringOptions, changes: list[Change]
) -> NDArray[np.int64]:
    """The rows with points, of the questions that are wanted."""
    question, points = texts(table, source.question), numbers(table, source.points)
    if (empty := question == "").any():
        raise table.error(int(empty.argmax()), source.question, "is empty; every row must say what was asked.")
    if (low := points < 0).any():
        raise table.error(int(low.argmax()), source.points, "is below 0; points count from 0.")
    known = set(question)
    for wanted in (*options.questions, *options.maxima):
        if wanted not in known:
            raise unknown(f"question of {name!r}", wanted, known)
    none = np.isnan(points)
    if none.any():
        changes.append(Change("dropped answers without points", int(none.sum())))
    keep = ~none
    if options.questions:
        other = keep & ~np.isin(question, options.questions)
        changes.append(Change("dropped answers to other questions", int(other.sum())))
        keep &= ~other
    if not keep.any():
        raise UserError(f"Dataset {name!r}: no answers are left; it needs rows with points.")
    return np.flatnonzero(keep)


def _wordings(
    table: RawTable, source: ScoredFile, kept: NDArray[np.int64], code: NDArray[np.int64], n_questions: int
) -> Texts:
    """What each question asks."""
    wording = texts(table, source.wording)[kept]
    first = np.zeros(n_questions, dtype=np.int64)
    first[code[::-1]] = np.arange(len(code))[::-1]
    if (differs := wording != wording[first][code]).any():
        row = int(kept[int(differs.argmax())])
        raise table.error(row, source.wording, "differs from that of the same question above; give each its own name.")
    return np.asarray(wording[first], dtype=object)


def _references(
    source: ScoredFile, cells: Texts, code: NDArray[np.int64], n_questions: int
) -> tuple[Texts, NDArray[np.int64]]:
    """The distinct model answers of each question, one after the other, and where those of each begin."""
    of_question: list[dict[str, None]] = [{} for _ in range(n_questions)]
    for question, cell in dict.fromkeys(zip(code.tolist(), cells.tolist(), strict=True)):
        of_question[question] |= dict.fromkeys(_several(cell, source.reference_separator))
    flat = [text for own in of_question for text in own]
    start = np.cumsum([0, *map(len, of_question)]).astype(np.int64)
    return np.array(flat, dtype=object), start


def _several(cell: str, separator: str | None) -> Iterable[str]:
    parts = cell.split(separator) if separator else [cell]
    return [part.strip() for part in parts if part.strip()]


def _maxima(
    name: str,
    table: RawTable,
    source: ScoredFile,
    options: ScoringOptions,
    kept: NDArray[np.int64],
    questions: Texts,
) -> NDArray[np.float64]:
    """The points of a full answer to each question, where the file or the options say so; NaN elsewhere."""
    question, points = texts(table, source.question)[kept], numbers(table, source.points)[kept]
    of_answer = np.full(len(kept), np.nan)
    if source.maximum is not None:
        of_answer = numbers(table, source.maximum)[kept]
        first = pd.Series(of_answer).groupby(question).transform("first").to_numpy()
        for bad, why in (
            (~(of_answer > 0), "is no number above 0."),
            (of_answer != first, "differs from that of the same question above."),
        ):
            if bad.any():
                raise table.error(int(kept[int(bad.argmax())]), source.maximum, why)
    for wanted, value in options.maxima.items():
        of_answer[question == wanted] = value
    if (above := points > of_answer).any():
        row = int(kept[int(above.argmax())])
        full = of_answer[int(above.argmax())]
        raise table.error(row, source.points, f"more points than a full answer has ({full:g}); mend one of the two.")
    return pd.Series(of_answer).groupby(question).first().reindex(questions).to_numpy(dtype=np.float64)
