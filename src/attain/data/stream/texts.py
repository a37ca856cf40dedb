"""A text file as a stream of UTF-8, whatever it is packed in and encoded with."""

import codecs
import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np

from attain.core.errors import UserError

MAGIC_GZIP = b"\x1f\x8b"
_LINE_END = ord("\n")
_MARK = b"\xef\xbb\xbf"


class Utf8(io.RawIOBase):
    """The text of a file as UTF-8 bytes without a byte-order mark; checked while it is read.

    Reading raises a `UserError` where the file is damaged or in another encoding. It is kept in `error`, for a
    reader in between may hide it.
    """

    def __init__(self, path: Path, encoding: str, hear: Callable[[int], None] | None = None) -> None:
        """Open the file.

        Args:
            path: plain or gzipped.
            encoding: of the text.
            hear: called with the bytes of the file that are read.

        Raises:
            UserError: it cannot be opened, or there is no such encoding.
        """
        self.error: UserError | None = None
        self._path, self._encoding, self._hear = path, encoding, hear
        try:
            self._decoder = codecs.getincrementaldecoder(encoding)()
            self._raw = path.open("rb")
        except LookupError:
            raise UserError(f"{path}: there is no encoding {encoding!r}; try 'utf-8', 'latin-1' or 'utf-16'.") from None
        except OSError as error:
            raise UserError(f"Cannot read {str(path)!r}: {error.strerror}.") from None
        self._utf8 = encoding.lower() in ("utf-8", "utf8")
        self._stream: IO[bytes] = self._raw
        if self._raw.peek(2)[:2] == MAGIC_GZIP:
            self._stream = gzip.GzipFile(fileobj=self._raw)  # type: ignore[assignment]  # reads bytes as a file does
        self._lines, self._begun, self._left = 0, False, b""

    def readable(self) -> bool:
        """It can be read."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._raw.close()
        super().close()

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]  # any buffer is a memoryview here
        """Fill a buffer; 0 at the end."""
        text = self.read(len(buffer))
        buffer[: len(text)] = text
        return len(text)

    def read(self, size: int = -1) -> bytes:
        """At most so many bytes of text, fewer in the middle, none at the end; not copied where they are all there."""
        if size < 0:
            return self.readall()
        while not self._left and self._fill(size):
            pass
        text, self._left = self._left[:size], self._left[size:]
        return text

    def _fill(self, size: int) -> bool:
        """Read more text; False at the end."""
        try:
            got = self._stream.read(size)
            plain = self._utf8 and bool(got) and got.isascii() and not self._decoder.getstate()[0]
            text = "" if plain else self._decoder.decode(got, final=not got)  # ASCII is UTF-8, and sooner told
        except UnicodeDecodeError as error:
            raise self._refused(self._undecoded(error)) from None
        except (OSError, EOFError, zlib.error) as error:
            message = f"{self._path}: the gzip file is damaged ({error}). Get it again."
            raise self._refused(UserError(message)) from None
        if self._hear is not None:
            self._hear(self._raw.tell())
        self._lines += int(np.count_nonzero(np.frombuffer(got, dtype=np.uint8) == _LINE_END))
        self._left = got if self._utf8 else text.encode()
        if not self._begun and self._left:
            self._left, self._begun = self._left.removeprefix(_MARK), True
        return bool(got)

    def _refused(self, error: UserError) -> UserError:
        self.error = error
        return error

    def _undecoded(self, error: UnicodeDecodeError) -> UserError:
        line = self._lines + error.object.count(b"\n", 0, error.start) + 1
        return UserError(
            f"{self._path}, line {line}: byte 0x{error.object[error.start]:02x} is not {self._encoding}. "
            "Save the file as UTF-8 (a spreadsheet calls it CSV UTF-8), or say its encoding on its card or to "
            "`attain data` (`encoding: latin-1`, `--encoding latin-1`)."
        )
