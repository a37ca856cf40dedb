"""YAML files as plain data that still know their lines, so that a mistake can be shown where it stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from attain.core.errors import UserError

Where = tuple[str | int, ...]
"""The way to a value: `("models", 1, "grid")`."""


@dataclass(frozen=True)
class YamlFile:
    """A parsed file.

    Attributes:
        path: where it lies.
        text: what it says.
        data: mappings, lists, strings, numbers, true, false and null.
    """

    path: Path
    text: str
    data: Any  # whatever the file holds; its reader checks it
    _lines: dict[Where, int]

    def line(self, where: Sequence[str | int] = ()) -> int:
        """The line, from 1, of the value at `where`, or of its nearest parent that is in the file."""
        known = tuple(where)
        while known not in self._lines and known:
            known = known[:-1]
        return self._lines.get(known, 1)

    def error(self, where: Sequence[str | int], message: str) -> UserError:
        """The error for the value at `where`, with file and line in front."""
        dotted = ".".join(map(str, where))
        return UserError(f"{self.path}:{self.line(where)}: {f'{dotted}: ' if dotted else ''}{message}")


def load_yaml(path: Path) -> YamlFile:
    """Read one document.

    Words are read as YAML 1.2 has them: only `true` and `false` are truth values, `1e-3` is a number, and `no`, `on`,
    `007`, `12:30` and `2020-01-01` are text.

    Raises:
        UserError: the file is missing, empty, not UTF-8, not YAML, no fields with values, or names a key twice.
    """
    text = _text(path)
    lines: dict[Where, int] = {}
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise UserError(f"{path}:1: the file is empty.")
        if not isinstance(node, yaml.MappingNode):
            found = "a list" if isinstance(node, yaml.SequenceNode) else "a text"
            raise UserError(f"{path}:1: the file is {found}; expected fields with values, such as `name: value`.")
        _walk(node, (), lines, path, open_nodes=())
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise UserError(f"{path}:{line}: not valid YAML: {error.problem or error.context}.") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UserError(
            f"{path}:{line}: not valid YAML: the character {text[error.position]!r} may not be in it."
        ) from None
    return YamlFile(path, text, data, lines)


def value_of(text: str) -> Any:  # as `data` above
    """The value that a text has in a file: `200` the number, `true` the truth value, `[1, 2]` the list.

    Raises:
        UserError: the text is not YAML.
    """
    try:
        return yaml.load(text, _Loader)
    except yaml.YAMLError:
        raise UserError(f"{text!r} is not a value; put it in quotes if it is a text.") from None


class _Loader(yaml.SafeLoader):
    """SafeLoader with the words of YAML 1.2's core schema."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # PyYAML's own name and form
        first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":null", ":merge"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), "tTfF")
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^(?:[-+]?(?:0|[1-9]\d*)|0x[0-9a-fA-F]+)$"), "-+0123456789"
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^(?:[-+]?(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"),
    "-+.0123456789",
)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise UserError(f"There is no file {str(path)!r}.") from None
    except OSError as error:
        raise UserError(f"Cannot read {str(path)!r}: {error.strerror}.") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise UserError(f"{path}:{line}: byte 0x{byte:02x} is not UTF-8. Save the file as UTF-8.") from None


def _walk(node: yaml.Node, where: Where, lines: dict[Where, int], path: Path, open_nodes: tuple[int, ...]) -> None:
    """Note the line of every value; refuse keys that occur twice and nodes that contain themselves."""
    lines.setdefault(where, node.start_mark.line + 1)
    if id(node) in open_nodes:
        raise UserError(f"{path}:{node.start_mark.line + 1}: the value contains itself (an alias to its own parent).")
    inside = (*open_nodes, id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            _walk(child, (*where, index), lines, path, inside)
    elif isinstance(node, yaml.MappingNode):
        first: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in first:
                raise UserError(f"{path}:{line}: {name!r} is given twice; the first is in line {first[name]}.")
            first[name] = line
            lines[*where, name] = line
            _walk(value, (*where, name), lines, path, inside)
