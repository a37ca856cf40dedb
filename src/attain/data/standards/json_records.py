"""Records of a JSON file one by one, each with its line: JSON Lines, an array, or pages of either."""

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path

from attain.core.errors import UserError
from attain.data.standards.tally import Unreadable

Json = object
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
_SPACE = re.compile(r"[\s,]*")


def records(path: Path, *pages: str) -> Iterator[tuple[int, Json | Unreadable]]:
    """Each record and its line; an error in the place of a line that is no JSON.

    Args:
        path: the file, plain or gzipped.
        pages: fields of an object that holds records, such as the pages of a record store.

    Raises:
        UserError: the file cannot be read, or its one array or object breaks off.
    """
    text = _text(path)
    first = text.lstrip()[:1]
    if first == "[":
        found = _of_array(path, text)
    elif first == "{" and not _is_whole_object(text):
        found = _of_lines(text)
    elif first == "{":
        found = iter([(1, json.loads(text))])
    elif first:
        raise UserError(f"{path}: expected JSON: an array, or an object a line.")
    else:
        found = iter(())
    halves = _HALF.search(text) is not None
    for line, record in found:
        if halves and not _writable(record):
            yield line, Unreadable("has half a character in it, which no text may have")
            continue
        held = next((name for name in pages if isinstance(record, dict) and isinstance(record.get(name), list)), None)
        if held is None:
            yield line, record
        else:
            assert isinstance(record, dict)
            yield from ((line, one) for one in record[held])


def _writable(record: Json | Unreadable) -> bool:
    """Whether a record has a form in UTF-8."""
    try:
        json.dumps(record, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UserError(f"{path}, line {line}: not UTF-8, which JSON must be.") from None
    except FileNotFoundError:
        raise UserError(f"There is no file {str(path)!r}.") from None
    except (OSError, EOFError) as error:
        raise UserError(f"{path}: cannot be read: {error}.") from None


def _is_whole_object(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _of_lines(text: str) -> Iterator[tuple[int, Json | Unreadable]]:
    for line, one in enumerate(text.split("\n"), start=1):
        if not one.strip():
            continue
        try:
            yield line, json.loads(one)
        except (ValueError, RecursionError):
            yield line, Unreadable("is not JSON")


def _of_array(path: Path, text: str) -> Iterator[tuple[int, Json | Unreadable]]:
    decoder, line, before = json.JSONDecoder(), 1, 0
    at = text.index("[") + 1
    while True:
        space = _SPACE.match(text, at)
        assert space is not None, "the pattern matches anything"
        line, before = line + text.count("\n", before, space.end()), space.end()
        if text.startswith("]", before):
            return
        try:
            record, at = decoder.raw_decode(text, before)
        except (ValueError, RecursionError):
            raise UserError(
                f"{path}, line {line}: the record that begins here is not JSON, or the file breaks off in it."
            ) from None
        yield line, record
