"""Learner ids become pseudonyms: a keyed hash, the same for the same key, and no way back without it."""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.places import home

LENGTH = 16


def key() -> bytes:
    """The secret key: `ATTAIN_PSEUDONYM_KEY`, else the file `pseudonym.key` in attain's home, made on first use.

    Raises:
        UserError: the file can be neither read nor made.
    """
    if given := os.environ.get("ATTAIN_PSEUDONYM_KEY", ""):
        return given.encode()
    path = home() / "pseudonym.key"
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as stream:
                stream.write(secrets.token_hex(32))
            try:
                os.link(fresh, path)  # whoever comes first sets the key; a rename would replace it
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        text = path.read_text().strip()
    except OSError as error:
        raise UserError(
            f"Cannot read or make the key for learners' pseudonyms, {str(path)!r}: {error.strerror}. "
            "Set ATTAIN_PSEUDONYM_KEY, or ATTAIN_HOME to a folder that can be written."
        ) from None
    if not text:
        raise UserError(f"The key for learners' pseudonyms, {str(path)!r}, is empty. Delete it to get a new one.")
    return text.encode()


def key_mark(secret: bytes) -> str:
    """A mark that tells keys apart and does not reveal them."""
    return hmac.new(secret, b"mark", hashlib.sha256).hexdigest()[:LENGTH]


def pseudonyms(learners: Iterable[str], secret: bytes) -> NDArray[np.object_]:
    """A pseudonym for each id: 16 hexadecimal digits of HMAC-SHA256.

    >>> bool(pseudonyms(["ann"], b"k")[0] == pseudonyms(["bob", "ann"], b"k")[1])
    True
    """
    digests = (hmac.digest(secret, b"learner\x1f" + name.encode(), "sha256").hex()[:LENGTH] for name in learners)
    return np.array(list(digests), dtype=object)
