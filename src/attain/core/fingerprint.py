"""Short, stable names for content: the same content has the same fingerprint everywhere."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the server takes fingerprints of JSON, and starts in half the time without NumPy
    import numpy as np
    from numpy.typing import NDArray

LENGTH = 16


def of_json(value: object) -> str:
    """Fingerprint of plain data; the order of keys does not matter.

    >>> of_json({"a": 1, "b": 2}) == of_json({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:LENGTH]


def of_file(path: Path) -> str:
    """The whole SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_arrays(arrays: "Iterable[tuple[str, NDArray[np.generic]]]") -> str:
    """Fingerprint of named arrays: names, types, shapes and values."""
    digest = hashlib.sha256()
    for name, array in arrays:
        digest.update(f"{name}:{array.dtype.str}:{array.shape};".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()[:LENGTH]
