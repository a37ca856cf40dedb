"""Sealed keys: which code on a review sheet is whose piece.

A key lies with the suite's run and never on the sheet. The sheet bears the key's hash, and so does the ledger, so that
a key cannot be changed after people have rated.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from attain.core.errors import UserError
from attain.core.review_sheet import KEYS
from attain.suite.people.scale import Scale
from attain.tracking import artifacts
from attain.tracking.sql.store import Store as Database
from attain.tracking.store import Store

SEALED, OPENED = "ratings.sealed", "ratings.opened"
"""What the ledger calls making a key and looking into it."""

Piece = tuple[str, int, str]
"""Prompt, sample, system."""


@dataclass(frozen=True)
class Key:
    """What the codes of the sheets stand for.

    Attributes:
        suite_run: id of the suite's run.
        dimensions: what is rated.
        scale: lowest and highest rating.
        pairs: whether two pieces are compared.
        seed: of the choice and the order.
        salt: random, so that the hash tells nothing to whoever guesses the rest.
        strata: prompt to why it was chosen.
        sheets: one a rater: code to the pieces it stands for; several where systems put out the same text, and with
            pairs the one that stood first and the other.
    """

    suite_run: str
    dimensions: tuple[str, ...]
    scale: tuple[float, float]
    pairs: bool
    seed: int
    salt: str
    strata: Mapping[str, str]
    sheets: tuple[Mapping[str, tuple[Piece, ...]], ...]

    @property
    def scaled(self) -> Scale:
        """The scale."""
        return Scale(*self.scale)

    def content(self) -> bytes:
        """The file of the key."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode()


@dataclass(frozen=True)
class Opening:
    """That somebody looked into a key."""

    by: str
    on: str


def id_of(sha256: str) -> str:
    """The id that a sheet bears; it begins with a letter that no spreadsheet takes for a number's."""
    return f"k{sha256[:15]}"


def seal(store: Store, key: Key, by: str) -> tuple[str, str, bool]:
    """Keep a key with the suite's run.

    Returns:
        Its id, its SHA-256, and whether a ledger holds it.
    """
    content = key.content()
    sha256 = hashlib.sha256(content).hexdigest()
    identity = id_of(sha256)
    artifacts.log_bytes(store, key.suite_run, content, f"{KEYS}/{identity}.json")
    details = {"run": key.suite_run, "sha256": sha256, "sheets": len(key.sheets)}
    return identity, sha256, _noted(store, by, SEALED, identity, details)


def read_key(store: Store, suite_run: str, identity: str) -> Key:
    """The key with an id, which must be what was sealed.

    Raises:
        UserError: the run keeps no such key, or it is not what the sheet and the ledger say.
    """
    path = f"{KEYS}/{identity}.json"
    known = sorted(f.path.split("/")[-1].removesuffix(".json") for f in store.artifacts_under(suite_run, KEYS))
    if identity not in known:
        there = f"it keeps {', '.join(known)}" if known else "it keeps none"
        raise UserError(
            f"Run {suite_run[:8]} of this suite keeps no key {identity!r} ({there}); {_whose(store, identity)}"
        )
    content = artifacts.read_bytes(store, suite_run, path)
    sha256 = hashlib.sha256(content).hexdigest()
    sealed = _sealed(store, identity)
    if id_of(sha256) != identity or sealed not in (None, sha256):
        raise UserError(
            f"Key {identity!r} is not what was sealed: it has another SHA-256. No ratings can be joined by it."
        )
    said: dict[str, Any] = json.loads(content)
    sheets = tuple(
        {code: tuple((str(p), int(s), str(n)) for p, s, n in pieces) for code, pieces in sheet.items()}
        for sheet in said.pop("sheets")
    )
    said |= {"dimensions": tuple(said["dimensions"]), "scale": tuple(said["scale"])}
    return Key(sheets=sheets, **said)


def note_opening(store: Store, identity: str, by: str) -> bool:
    """Write into the ledger that a key was looked into; whether there is a ledger."""
    return _noted(store, by, OPENED, identity, {})


def openings(store: Store, identity: str) -> list[Opening]:
    """Who looked into a key, the first one first; nobody where there is no ledger."""
    if not isinstance(store, Database):
        return []
    found = store.access.about(f"sheet {identity}", [OPENED])
    return [Opening(e.actor, datetime.fromtimestamp(e.time / 1000, UTC).date().isoformat()) for e in found]


def _noted(store: Store, by: str, action: str, identity: str, details: Mapping[str, Any]) -> bool:
    if not isinstance(store, Database):
        return False
    store.access.record(by, action, f"sheet {identity}", details)
    return True


def _whose(store: Store, identity: str) -> str:
    """To which run a sheet belongs that was tried on another; a suite that ran again has a new one."""
    run = _sealing(store, identity).get("run")
    if run is None:
        return "the sheet is of another suite or another store."
    return f"it lies with run {run[:8]}: name that run in place of the suite."


def _sealed(store: Store, identity: str) -> str | None:
    """The hash that the ledger has; None where it has none."""
    return _sealing(store, identity).get("sha256")


def _sealing(store: Store, identity: str) -> dict[str, str]:
    """What the ledger says of a key's sealing; nothing where it has none."""
    if not isinstance(store, Database):
        return {}
    found = store.access.about(f"sheet {identity}", [SEALED])
    return {name: str(value) for name, value in json.loads(found[0].details).items()} if found else {}
