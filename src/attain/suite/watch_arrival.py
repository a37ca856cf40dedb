"""Data that come from elsewhere, on their way into the file that the suite reads."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from attain.core.fingerprint import of_file


class Arrival:
    """The file that a suite reads, and a hidden one beside it in which new content arrives.

    Args:
        to: the file; it is replaced in one step, so that nobody reads half of it.
    """

    def __init__(self, to: Path) -> None:
        self._to = to
        self._part = to.with_name(f".{to.name}.part")

    @contextmanager
    def writing(self) -> Iterator[BinaryIO]:
        """Where new content is written to; what breaks off leaves nothing."""
        self._to.parent.mkdir(parents=True, exist_ok=True)
        try:
            with self._part.open("wb") as stream:
                yield stream
        except BaseException:
            self._part.unlink(missing_ok=True)
            raise

    def fingerprint(self) -> str:
        """Of what has arrived; it is thrown away where the file holds the same already."""
        found = of_file(self._part)
        if self.holds(found):
            self._part.unlink()
        return found

    def holds(self, content: str) -> bool:
        """Whether the file has this content."""
        return self._to.is_file() and of_file(self._to) == content

    def put(self, content: str) -> bool:
        """Put into the file what has arrived, if that is `content`; whether the file holds it now."""
        if self._part.is_file() and of_file(self._part) == content:
            os.replace(self._part, self._to)
        return self.holds(content)
