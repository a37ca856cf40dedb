"""What preparing files of answers will take, from their beginning, without doing it."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet

from attain.data.source import Source
from attain.data.stream.blocks import Blocks, is_parquet
from attain.data.stream.bound import Bound
from attain.data.stream.files import Files
from attain.data.stream.texts import Utf8

_SAMPLE_BYTES = 1 << 23
_SAMPLE_ROWS = 50_000
_Q_MATRIX_SKILLS = 2.0
_RUN_BYTES = {"time": 8, "duration": 8, "order": 8, "answer_id": 8, "skill": 4}
_KEPT_BYTES = {"time": 8, "duration": 4}
_ALWAYS_RUN = 13
"""Bytes of a row's place, learner, item and answer while rows are sorted."""
_ALWAYS_KEPT = 25
"""Bytes of an answer's learner, item, correctness, number and place of skills in the prepared data."""


@dataclass(frozen=True)
class Plan:
    """What preparing takes.

    Attributes:
        rows: how many there are.
        exact: whether they were counted, not estimated from the beginning of the first file.
        streamed: whether the files are read block by block; else they are read whole.
        kept_bytes: of the prepared data on disk.
        disk_bytes: of disk at most while it is prepared.
        memory_bytes: of memory at most, but for names: about 250 bytes for each learner and item.
        at_once: rows that are worked on at once.
    """

    rows: int
    exact: bool
    streamed: bool
    kept_bytes: int
    disk_bytes: int
    memory_bytes: int
    at_once: int


def plan(files: Files, source: Source, memory: Bound, rows: int | None = None) -> Plan:
    """What preparing some files will take.

    Args:
        files: with the answers.
        source: what the columns mean.
        memory: the bound of memory.
        rows: plan for so many rows like those of the files, whatever they hold.

    Raises:
        UserError: the beginning of the first file cannot be read, or it has no row.
    """
    named = source.columns.model_dump(exclude_none=True)
    run = _ALWAYS_RUN + sum(size for name, size in _RUN_BYTES.items() if name in named) + 4 * len(source.traits())
    kept = _ALWAYS_KEPT + sum(size for name, size in _KEPT_BYTES.items() if name in named) + 4 * _skills(files, source)
    counted, exact = (rows, True) if rows is not None else _rows(files, source)
    streamed = memory.streams(files) or rows is not None
    whole = int(files.text_size * memory.whole_factor)
    return Plan(
        rows=counted,
        exact=exact,
        streamed=streamed,
        kept_bytes=int(counted * kept),
        disk_bytes=int(counted * (kept + run)) if streamed else int(counted * kept),
        memory_bytes=memory.bytes_for(counted) if streamed else whole,
        at_once=min(counted, memory.rows) if streamed else counted,
    )


def _rows(files: Files, source: Source) -> tuple[int, bool]:
    """How many rows there are, about, and whether that is known."""
    if all(map(is_parquet, files.paths)):
        return sum(pyarrow.parquet.read_metadata(path).num_rows for path in files.paths), True
    texts = [path for path in files.paths if not is_parquet(path)]
    per_byte = _rows_of(texts[0], source) / max(texts[0].stat().st_size, 1)
    return max(1, round(files.size * per_byte)), False


def _rows_of(path: Path, source: Source) -> float:
    """About how many rows a text file has, from its beginning."""
    here, lines, size = [0], 0, 0

    def hear(done: int) -> None:
        here[0] = done

    with closing(Utf8(path, source.encoding, hear)) as stream:
        while size < _SAMPLE_BYTES and (piece := stream.read(1 << 20)):
            size += len(piece)
            lines += piece.count(b"\n")
    return max(lines - 1, 1) * path.stat().st_size / max(here[0], 1)


def _skills(files: Files, source: Source) -> float:
    """How many skills an answer has, on average."""
    if source.item_skill is not None:
        return _Q_MATRIX_SKILLS
    table = next(Blocks(files, source).read(_SAMPLE_ROWS))
    if source.columns.skill is None:
        return 0.0
    cells = table.columns[source.columns.skill]
    counts = np.array([text.count(source.skill_separator) + bool(text) for text in cells.texts])
    return float(counts[cells.code].mean())
