"""Short, stable names for content: the same content has the same fingerprint everywhere."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the server takes fingerprints of JSON, and starts in half the time without NumPy
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import Buffer

LENGTH = 16


def of_json(value: object) -> str:
    """Fingerprint of plain data; the order of keys does not matter.

    >>> of_json({"a": 1, "b": 2}) == of_json({"b": 2, "a": 1})
    True
    """
    return sha256_of_json(value)[:LENGTH]


def sha256_of_json(value: object) -> str:
    """The whole SHA-256 of plain data, of which `of_json` is the beginning."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def of_file(path: Path) -> str:
    """The whole SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_arrays(arrays: "Iterable[tuple[str, NDArray[np.generic]]]") -> str:
    """Fingerprint of named arrays: names, types, shapes and values."""
    return of_columns((name, array.dtype.str, array.shape, [bytes_of(array)]) for name, array in arrays)


def of_columns(columns: "Iterable[tuple[str, str, tuple[int, ...], Iterable[Buffer]]]") -> str:
    """The fingerprint that `of_arrays` gives, of arrays that come as bytes.

    Args:
        columns: name, type (`<i4`), shape, and the values' bytes in parts.
    """
    digest = hashlib.sha256()
    for name, kind, shape, parts in columns:
        digest.update(f"{name}:{kind}:{shape};".encode())
        for part in parts:
            digest.update(part)
    return digest.hexdigest()[:LENGTH]


def bytes_of(array: "NDArray[np.generic]") -> "Buffer":
    """The bytes of an array, not copied where they stand side by side."""
    return array.reshape(-1).view("u1").data
