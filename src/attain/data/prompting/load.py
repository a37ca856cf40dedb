"""From a table of prompts to prompts."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.cohorts import UNKNOWN
from attain.core.rng import rng
from attain.data.card import FoundCard
from attain.data.courses.tables import Tables, numbers, texts
from attain.data.dataset import Change, Dataset
from attain.data.formats.columns import RawTable
from attain.data.prompting.source import PromptFiles, PromptOptions, RatingColumns
from attain.data.prompts import MOST_SAMPLES, Prompts

Names = NDArray[np.object_]


def prompted(found: FoundCard, options: PromptOptions, tables: Tables) -> Dataset[Prompts]:
    """The prompts of a data set; its fingerprint is left empty.

    Raises:
        UserError: the file cannot be read, or a cell is not what it must be.
    """
    source = found.card.prompts
    assert source is not None
    raw = tables.read(source, source.columns, "prompts")
    changes: list[Change] = []
    first = _first_rows(source, raw)
    system, groups = _systems(source, raw)
    table = _table(source, raw, first)
    cohorts = _cohorts(source, raw, first, groups)
    published = None if source.published is None else numbers(raw, source.published)[first].astype(np.int64)
    prompts = Prompts(table)
    if source.text is not None:
        pieces = _pieces(source, raw, system)
        scale = () if source.ratings is None else source.ratings.scale
        ratings = prompts.ratings if source.ratings is None else _ratings(source.ratings, raw, pieces)
        prompts = Prompts(table, pieces, ratings, scale)
    if options.prompts is not None and options.prompts < len(prompts):
        drawn = np.sort(rng(options.seed, "prompts").permutation(len(prompts))[: options.prompts])
        changes.append(Change("dropped prompts that were not drawn", len(prompts) - len(drawn)))
        prompts = prompts.take(drawn)
        prompts = replace(prompts, table=prompts.table.assign(row=np.arange(len(drawn))))
        cohorts = None if cohorts is None else cohorts.iloc[drawn]
        published = None if published is None else published[drawn]
    return Dataset(
        found.name, prompts, "", tables.sha256, options.model_dump(mode="json"), tuple(changes), cohorts, published
    )


def _first_rows(source: PromptFiles, raw: RawTable) -> NDArray[np.int64]:
    """The first row of each prompt, in the order of the file; the rows of a prompt say the same of it."""
    prompt = pd.Series(texts(raw, source.prompt))
    if (empty := (prompt == "").to_numpy()).any():
        raise raw.error(int(empty.argmax()), source.prompt, "is empty; give every prompt an id of its own.")
    repeated = prompt.duplicated().to_numpy()
    if source.text is None and repeated.any():
        row = int(repeated.argmax())
        other = raw.place(int((prompt == prompt[row]).to_numpy().argmax()))
        raise raw.error(row, source.prompt, f"{prompt[row]!r} is the id of {other} too; give each prompt its own.")
    first = np.flatnonzero(~repeated)
    at = first[pd.factorize(prompt)[0]]
    for name in source.of_prompt:
        code = raw.columns[name].code
        if (other_text := code != code[at]).any():
            row = int(other_text.argmax())
            where = raw.place(int(at[row]))
            raise raw.error(
                row, name, f"differs from {where} of the same prompt {prompt[row]!r}; give it another id, or mend one."
            )
    return first


def _table(source: PromptFiles, raw: RawTable, first: NDArray[np.int64]) -> pd.DataFrame:
    table = pd.DataFrame({"prompt": texts(raw, source.prompt)[first], "row": np.arange(len(first), dtype=np.int64)})
    for name, column in source.fields.items():
        table[name] = texts(raw, column)[first]
    blank = (table[list(source.fields)] == "").all(axis=1).to_numpy()
    if blank.any():
        column = next(iter(source.fields.values()))
        raise raw.error(int(first[blank.argmax()]), column, "is empty: the prompt asks for nothing. Fill it in.")
    table["references"] = _lists(raw, source.references, first)
    if source.options:
        table["options"] = _lists(raw, source.options, first)
    if source.level is not None:
        table["level"] = numbers(raw, source.level)[first]
    return table


def _lists(raw: RawTable, columns: tuple[str, ...], first: NDArray[np.int64]) -> Names:
    """The filled cells of some columns as a JSON list; shape (n_prompts,)."""
    cells = [texts(raw, name)[first] for name in columns]
    joined = [json.dumps([cell for cell in row if cell], ensure_ascii=False) for row in zip(*cells, strict=True)]
    return np.array(joined, dtype=object) if columns else np.full(len(first), "[]", dtype=object)


def _systems(source: PromptFiles, raw: RawTable) -> tuple[Names, pd.DataFrame]:
    """The system of each row, and what else its cell says (a column for each other group of the pattern)."""
    if source.system is None:
        return np.full(raw.n_rows, "", dtype=object), pd.DataFrame(index=range(raw.n_rows))
    column = raw.columns[source.system]
    found = [re.fullmatch(source.system_pattern, text) for text in column.texts]
    if (strange := np.array([match is None for match in found], dtype=bool)[column.code]).any():
        row = int(strange.argmax())
        cell = str(column.texts[column.code[row]])
        raise raw.error(row, source.system, f"{cell!r} is not of the form {source.system_pattern!r}; mend it.")
    read = pd.DataFrame([match.groupdict() for match in found if match])
    return read["system"].to_numpy(dtype=object)[column.code], read.drop(columns="system").iloc[column.code]


def _cohorts(source: PromptFiles, raw: RawTable, first: NDArray[np.int64], groups: pd.DataFrame) -> pd.DataFrame | None:
    own = {name: texts(raw, column)[first] for name, column in source.cohorts.items()}
    own |= {str(name): groups[name].to_numpy(dtype=object)[first] for name in groups}
    if not own:
        return None
    index = pd.Index(texts(raw, source.prompt)[first], dtype=object, name="learner")
    return pd.DataFrame(own, index=index, dtype=object).replace("", UNKNOWN)


def _pieces(source: PromptFiles, raw: RawTable, system: Names) -> pd.DataFrame:
    sample = np.zeros(raw.n_rows) if source.sample is None else numbers(raw, source.sample)
    if (bad := ~(np.isfinite(sample) & (sample == np.floor(sample)) & (sample >= 0) & (sample < MOST_SAMPLES))).any():
        column = source.sample or ""
        raise raw.error(int(bad.argmax()), column, f"is not a whole number from 0 to {MOST_SAMPLES - 1}.")
    assert source.text is not None
    assert source.system is not None
    pieces = pd.DataFrame(
        {
            "prompt": texts(raw, source.prompt),
            "sample": sample.astype(np.int64),
            "system": system,
            "text": texts(raw, source.text),
        }
    )
    keys = ["prompt", "system", "sample"]
    if (twice := pieces.duplicated(keys).to_numpy()).any():
        row = int(twice.argmax())
        same = (pieces[keys] == pieces.loc[row, keys]).all(axis=1).to_numpy()
        where = raw.place(int(same.argmax()))
        problem = (
            f"{system[row]!r} has another output for prompt {pieces['prompt'][row]!r} in {where}; "
            "keep one, or number them in a column `sample`."
        )
        raise raw.error(row, source.system, problem)
    return pieces


def _ratings(source: RatingColumns, raw: RawTable, pieces: pd.DataFrame) -> pd.DataFrame:
    """One row a rater, dimension and piece; an empty cell is no rating."""
    parts = []
    for dimension in source.dimensions:
        for rater in source.raters:
            name = source.name(dimension, rater)
            values = numbers(raw, name)
            low, high = source.scale
            if (outside := (values < low) | (values > high)).any():
                row = int(outside.argmax())
                problem = f"{values[row]:g} is outside the scale of the card, {low:g} to {high:g}; mend it."
                raise raw.error(row, name, problem)
            own = pieces[["prompt", "sample", "system"]].assign(
                rater=rater, kind=source.kind, dimension=dimension, value=values
            )
            parts.append(own[np.isfinite(values)])
    return pd.concat(parts, ignore_index=True)
