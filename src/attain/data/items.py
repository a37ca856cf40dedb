"""Items and where they come from: written by people, or pieces that a generator made.

A piece of a run of `content_generation` is known by its system (the label of the model's run), its prompt and its
sample; joined by `/` they are the id under which learners meet it, so that their answers find back to it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from attain.core.errors import UserError
from attain.data.formats.read import content_of, header_of
from attain.data.formats.records import JSON_LINES, records

Kind = Literal["human", "generated"]
KNOWN = ("item", "system", "prompt", "sample", "kind", "level", "options", "right", "text")
"""Columns that a file of items may have; others are left alone."""
ALIASES = {"generator": "system", "target": "level"}


@dataclass(frozen=True)
class Item:
    """One item.

    Attributes:
        id: under which it is answered.
        kind: who wrote it.
        system: the generator; "human" where people wrote it and nobody says more.
        prompt: what it was made from; "" where not known.
        level: the difficulty that was asked for, on any scale that grows with it; None where not known.
        options: what it offers, the right one first; nothing where it offers none.
        right: the right answer; None where not known.
        text: of the item.
    """

    id: str
    kind: Kind = "human"
    system: str = "human"
    prompt: str = ""
    level: float | None = None
    options: tuple[str, ...] = ()
    right: str | None = None
    text: str = ""


def piece_id(system: str, prompt: str, sample: int | str) -> str:
    """The item id of a generated piece.

    >>> piece_id("template", "p12", 0)
    'template/p12/0'
    """
    return f"{system}/{prompt}/{sample}"


def read_items(path: Path) -> dict[str, Item]:
    """The items in a table (CSV, TSV or Parquet), or in a JSONL file with an object a line.

    Columns are those of `KNOWN`. `item` may be missing where `system`, `prompt` and `sample` are there. `options` is a
    JSON list, or texts joined by ` | `, the right one first unless `right` says which it is. `kind` is `generated`
    where a `system` is named and nothing else is said.

    Raises:
        UserError: the file cannot be read, an item has no id or is there twice, or a level is no number; with the line.
    """
    content = content_of(path)
    if path.suffix not in JSON_LINES:
        _refuse_without_ids(path, header_of(path, content))
    found: dict[str, Item] = {}
    for place, row in records(path, content, {}, (*KNOWN, *ALIASES)):
        item = _item(f"{path}, {place}", {ALIASES.get(name, name): value for name, value in row.items()})
        if item.id in found:
            raise UserError(f"{path}, {place}: the item {item.id!r} is there twice; give each item one row.")
        found[item.id] = item
    if not found:
        raise UserError(f"{path} has no items.")
    return found


def write_items(items: Iterable[Item], path: Path) -> None:
    """Write items as a CSV that `read_items` reads: what a tutor is handed to ask learners.

    Raises:
        UserError: the file cannot be written.
    """
    rows = [
        {
            "item": item.id,
            "system": item.system,
            "prompt": item.prompt,
            "kind": item.kind,
            "level": "" if item.level is None else f"{item.level:g}",
            "options": json.dumps(item.options, ensure_ascii=False) if item.options else "",
            "right": item.right or "",
            "text": item.text,
        }
        for item in items
    ]
    try:
        pd.DataFrame(rows).to_csv(path, index=False)
    except OSError as error:
        raise UserError(f"Cannot write {str(path)!r}: {error.strerror or error}.") from None


def _refuse_without_ids(path: Path, columns: list[str]) -> None:
    if "item" not in columns and not {"system", "prompt", "sample"} <= {ALIASES.get(name, name) for name in columns}:
        raise UserError(
            f"{path}: no column is named 'item' (nor 'system', 'prompt' and 'sample', which name a generated piece); "
            f"the file has: {', '.join(columns)}."
        )


def _item(where: str, row: Mapping[str, object]) -> Item:
    said = {name: row[name] for name in KNOWN if row.get(name) not in (None, "")}
    pieces = [str(said.get(name, "")) for name in ("system", "prompt", "sample")]
    identity = str(said.get("item") or (piece_id(*pieces) if all(pieces) else ""))
    if not identity:
        raise UserError(f"{where}: the item has no id; fill in 'item', or 'system', 'prompt' and 'sample'.")
    kind = said.get("kind", "generated" if said.get("system", "human") != "human" else "human")
    if kind not in ("human", "generated"):
        raise UserError(f"{where}: kind is {kind!r}; expected 'human' or 'generated'.")
    options = options_in(said.get("options"), where)
    right = str(said["right"]) if "right" in said else options[0] if options else None
    return Item(
        id=identity,
        kind="human" if kind == "human" else "generated",
        system=str(said.get("system", kind)),
        prompt=str(said.get("prompt", "")),
        level=_level(said.get("level"), where),
        options=options,
        right=right,
        text=str(said.get("text", "")),
    )


def options_in(value: object, where: str) -> tuple[str, ...]:
    """The options in a cell: a list, a JSON list, or texts joined by ` | `; blanks at their ends do not count."""
    if value is None or value == "":
        return ()
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except json.JSONDecodeError as error:
            raise UserError(f"{where}: options begin like a JSON list, but are none: {error.msg}.") from None
    texts = value if isinstance(value, list) else str(value).split("|")
    found = tuple(text for text in (str(one).strip() for one in texts) if text)
    if len(set(found)) < len(found):
        raise UserError(f"{where}: an option is there twice: {', '.join(map(repr, found))}.")
    return found


def _level(value: object, where: str) -> float | None:
    if value is None:
        return None
    try:
        return float(str(value))
    except ValueError:
        raise UserError(f"{where}: level is {value!r}; expected a number that grows with difficulty.") from None
