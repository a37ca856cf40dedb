"""A prompt's wording as a file: plain text with the fields of a prompt in braces, such as {passage}."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Any

from attain.core.errors import UserError, unknown

DEFAULT = "Write one question about this text whose answer is: {answer}\n\n{passage}\n\nQuestion:"
"""The wording where no file is named."""


def read_wording(file: str, folder: Path) -> str:
    """The text of a wording's file.

    Raises:
        UserError: it cannot be read, is empty, or its braces are not in pairs.
    """
    path = folder / file
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UserError(f"The prompt file {str(path)!r} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8.") from None
    if not text:
        raise UserError(f"{path}: is empty; write what is asked of the model, with fields such as {{passage}}.")
    fields_of(text, str(path))
    return text


def digest(text: str) -> str:
    """The short name of a wording: another text has another one."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def fields_of(text: str, where: str) -> list[str]:
    """The names in braces, each once.

    Raises:
        UserError: a brace stands alone, or holds more than a name.
    """
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        problem = f"{where}: {error}. Double a brace that is meant as one: {{{{ and }}}}."
        raise UserError(problem) from None
    for _, name, spec, conversion in parts:
        if name is not None and (spec or conversion or not name.isidentifier()):
            raise UserError(
                f"{where}: {{{name}}} is not the name of a field. Double braces that are meant as text: {{{{ and }}}}."
            )
    return list(dict.fromkeys(name for _, name, _, _ in parts if name))


def check_fields(text: str, known: Sequence[str], where: str) -> None:
    """Refuse a wording that asks for what the prompts do not have.

    Raises:
        UserError: a field is unknown; near names are offered.
    """
    for name in fields_of(text, where):
        if name not in known:
            raise unknown("field of these prompts", name, known, where=f"{where}: ")


def filled(text: str, row: Mapping[str, Any]) -> str:
    """The wording with a prompt's texts in it; lists as one line an entry, whole numbers without a point.

    >>> filled("Ask about {concept} for grade {level}.", {"concept": "water", "level": 4.0})
    'Ask about water for grade 4.'
    """
    return text.format_map({name: _plain(value) for name, value in row.items()})


def _plain(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(f"- {entry}" for entry in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
