"""Large delimited files piece by piece, each column in a narrow type: bounded memory, no cell as a text object."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
from numpy.typing import NDArray

from attain.data.formats import delimited
from attain.data.formats.columns import Column, check_columns

_BLOCK = 1 << 24


class NotTyped(Exception):  # noqa: N818  # no error of the user's: the file is then read as text
    """A file, or a cell of it, is not of the types asked for; read as text it may do, or its error is found."""


@dataclass(frozen=True, eq=False)
class Piece:
    """Some rows of a file.

    Attributes:
        texts: columns of texts by name.
        numbers: columns of numbers by name, NaN where a cell is empty.
        n_rows: how many rows.
    """

    texts: Mapping[str, Column]
    numbers: Mapping[str, NDArray[np.floating]]
    n_rows: int


def pieces(
    path: Path, texts: Sequence[str], numbers: Sequence[str], *, delimiter: str | None, encoding: str
) -> Iterator[Piece]:
    """The rows of a CSV or TSV file, plain or gzipped, about 16 MB of text at a time.

    Args:
        path: the file.
        texts: columns read as texts.
        numbers: columns read as numbers.
        delimiter: separates fields; None to find it from the header.
        encoding: of the text.

    Raises:
        NotTyped: the file is of another format or encoding, is not whole, or a cell is not of its type.
        UserError: the file lacks a column.
    """
    if encoding.lower() not in ("utf-8", "utf8"):
        raise NotTyped
    try:
        with path.open("rb") as raw:
            magic = raw.read(4)
        if magic == b"PAR1":
            raise NotTyped
        zipped = magic.startswith(b"\x1f\x8b")
        with pa.input_stream(path, compression="gzip" if zipped else None) as stream:
            first = stream.read(1 << 16)
        header, separator = delimited.header(path, first, delimiter)
        check_columns(path, dict.fromkeys([*texts, *numbers], "activity"), header)
        found = False
        with pa.input_stream(path, compression="gzip" if zipped else None) as stream:
            for batch in _batches(stream, texts, numbers, separator):
                found = True
                yield Piece(
                    {name: _text(batch.column(name)) for name in texts},
                    {name: _number(batch.column(name)) for name in numbers},
                    batch.num_rows,
                )
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        raise NotTyped from error
    if not found:
        raise NotTyped


def _batches(
    stream: pa.NativeFile, texts: Sequence[str], numbers: Sequence[str], separator: str
) -> Iterator[pa.RecordBatch]:
    kinds = dict.fromkeys(texts, pa.dictionary(pa.int32(), pa.string())) | dict.fromkeys(numbers, pa.float32())
    reader = pa.csv.open_csv(
        stream,
        read_options=pa.csv.ReadOptions(use_threads=False, block_size=_BLOCK),
        parse_options=pa.csv.ParseOptions(delimiter=separator),
        convert_options=pa.csv.ConvertOptions(
            include_columns=[*kinds], column_types=kinds, strings_can_be_null=False, null_values=[""], check_utf8=False
        ),
    )
    return itertools.filterfalse(lambda batch: not batch.num_rows, reader)


def _number(array: pa.FloatArray) -> NDArray[np.float32]:
    values: NDArray[np.float32] = array.to_numpy(zero_copy_only=False)
    if len(values) - np.isfinite(values).sum() > array.null_count:  # `nan` or `inf` was written in a cell
        raise NotTyped
    return values


def _text(array: pa.DictionaryArray) -> Column:
    names = np.array([text.strip() for text in array.dictionary.to_pylist()], dtype=object)
    return Column(array.indices.to_numpy(zero_copy_only=False), names)
