"""Answers of a language model on disk: each is kept the moment it is there, and never paid for twice.

A file is JSON lines, one an answer, and can be judged as it is by the generator `recorded`. A line is written at once
and is on the disk before the next request goes out; a half line, left by a machine that went down, is passed over.
"""

import json
import logging
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from attain.core.errors import UserError
from attain.core.fingerprint import sha256_of_json
from attain.tasks.content_generation import Piece

logger = logging.getLogger(__name__)


class AnswersKept:
    """The answers in one file.

    Args:
        path: the file, made with its folder when the first answer is kept.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known = _read(path)
        self._anywhere = {_without_address(kept): kept for kept in self._known.values()}

    def find(self, request: Mapping[str, Any], sample: int, prompt: str, *, address: str | None) -> Piece | None:
        """The answer to a request, as a piece of a prompt; None where there is none.

        Args:
            request: what would be asked.
            sample: number of the sample.
            prompt: id of the prompt.
            address: whose answer is wanted; None for anyone's.
        """
        key = sha256_of_json({**request, "sample": sample})
        kept = self._anywhere.get(key) if address is None else self._known.get(_key(key, address))
        return None if kept is None else _piece({**kept, "prompt": prompt})

    def keep(self, piece: Piece, request: Mapping[str, Any], address: str) -> None:
        """Put an answer on the disk, under the SHA-256 of the request and of who answered.

        Raises:
            UserError: it cannot be written; what was just paid for would be lost.
        """
        own = sha256_of_json({**request, "sample": piece.sample})
        line = {"key": _key(own, address), **asdict(piece), "request": request}
        data = (json.dumps(line, ensure_ascii=False) + "\n").encode()
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            append(self.path, data)
        except OSError as error:
            raise UserError(f"Answers cannot be kept in {str(self.path)!r}: {error.strerror}.") from None
        self._known[line["key"]] = self._anywhere[own] = line


def _key(request: str, address: str) -> str:
    return sha256_of_json({"request": request, "address": address})


def _without_address(kept: Mapping[str, Any]) -> str:
    return sha256_of_json({**kept["request"], "sample": kept["sample"]})


def append(path: Path, line: bytes) -> None:
    """Add a whole line to a file, on the disk when this returns; also while other processes add theirs."""
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        end = os.lseek(handle, 0, os.SEEK_END)
        whole = end == 0 or os.pread(handle, 1, end - 1) == b"\n"
        os.write(handle, line if whole else b"\n" + line)
        os.fsync(handle)
    finally:
        os.close(handle)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """The lines of a file by their keys."""
    if not path.is_file():
        return {}
    known: dict[str, dict[str, Any]] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            kept = json.loads(line)
            _piece(kept)
            _without_address(kept)
            known[kept["key"]] = kept
        except (ValueError, KeyError, TypeError):
            if line.strip():
                logger.warning("%s, line %s is not a whole answer, and is passed over.", path, number)
    return known


def _piece(kept: Mapping[str, Any]) -> Piece:
    return Piece(**{name: kept[name] for name in Piece.__dataclass_fields__ if name in kept})
