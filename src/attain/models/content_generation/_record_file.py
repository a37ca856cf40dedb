"""Outputs in a file: JSON lines or a delimited table, one output a row, each with the id of its prompt."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from attain.core.errors import UserError
from attain.data.formats.read import content_of
from attain.data.formats.records import records
from attain.tasks.content_generation import Piece, State

OPTIONAL = ("sample", "state", "error", "seconds", "tokens_in", "tokens_out", "finish_reason")
"""What a row may have beside the id of its prompt and its text; anything else is passed over."""
_NUMBERS: Mapping[str, type[int] | type[float]] = {"sample": int, "seconds": float, "tokens_in": int, "tokens_out": int}


def read_outputs(path: Path, *, prompt: str, text: str) -> list[Piece]:
    """The outputs in a file.

    Args:
        path: JSON lines where its name says so (`.jsonl`, `.ndjson`), else CSV, TSV or Parquet, gzipped or not.
        prompt: the column, or key, of the prompt's id.
        text: of the output.

    Raises:
        UserError: the file cannot be read, a row is not an output, or two are of one prompt and sample.
    """
    rows = records(path, content_of(path), {prompt: "the prompt's id", text: "the output"}, OPTIONAL)
    found: dict[tuple[str, int], tuple[str, Piece]] = {}
    for where, row in rows:
        piece = _piece(row, prompt, text, f"{path}, {where}")
        key = (piece.prompt, piece.sample)
        if key in found:
            raise UserError(
                f"{path}, {where}: prompt {piece.prompt!r} has its sample {piece.sample} in {found[key][0]} already; "
                "keep one, or number them in `sample`."
            )
        found[key] = where, piece
    if not found:
        raise UserError(f"{path}: holds no outputs.")
    return [piece for _, piece in found.values()]


def _piece(row: Mapping[str, Any], prompt: str, text: str, where: str) -> Piece:
    for name in (prompt, text):
        if name not in row:
            raise UserError(f"{where}: has no {name!r}; it has {', '.join(map(repr, row)) or 'nothing'}.")
    identity, said = row[prompt], row[text]
    if not isinstance(identity, str | int) or str(identity) == "":
        raise UserError(f"{where}: {prompt!r} is {identity!r}; expected the id of a prompt.")
    if not isinstance(said, str | None):
        raise UserError(f"{where}: {text!r} is {said!r}; expected a text, or null where there is none.")
    known = {name: _value(name, row[name], where) for name in OPTIONAL if row.get(name) is not None}
    return Piece(prompt=str(identity), text=said or "", **known)


def _value(name: str, value: object, where: str) -> Any:  # as the field of `Piece` has it
    if name == "state" and value not in get_args(State):
        raise UserError(f"{where}: {name!r} is {value!r}; expected one of {', '.join(get_args(State))}.")
    if (kind := _NUMBERS.get(name)) is None:
        return str(value)
    try:
        number = kind(str(value))
    except ValueError:
        raise UserError(f"{where}: {name!r} is {value!r}; expected a number.") from None
    if number < 0:
        raise UserError(f"{where}: {name!r} is {value!r}; expected 0 or more.")
    return number
