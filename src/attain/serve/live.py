"""The model that is served now, and the next one as soon as its alias names it."""

import logging
from pathlib import Path

from attain.core.errors import UserError
from attain.serve.served import Served
from attain.serve.source import Found, fetch, find
from attain.tracking.store import Store

_log = logging.getLogger(__name__)


class Live:
    """A model under a name that may come to mean another version; a request keeps to the one that it began with.

    Args:
        store: where the name is looked up; None for a folder.
        text: what a person named; see `source.find`.
        items: see `source.fetch`.
        name: see `source.find`.
    """

    def __init__(self, store: Store | None, text: str, items: Path | None = None, name: str = "") -> None:
        self._store, self._text, self._items, self._name = store, text, items, name
        self._found: Found = find(store, text, name)
        self._told = ""
        self._refused: Found | None = None
        self.now: Served = fetch(store, self._found, items)

    @property
    def moves(self) -> bool:
        """Whether the name may come to mean another version."""
        return "@" in self._text and bool(self._found.run_id)

    def look(self) -> bool:
        """Take the version that the name means now; says whether it is another. One that cannot be read is left."""
        found = None
        try:
            found = find(self._store, self._text, self._name)
            if found in (self._found, self._refused):
                return False
            served = fetch(self._store, found, self._items)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the next model, this one goes on
            self._refuse(error, found)
            return False
        self.now, self._found, self._refused, self._told = served, found, None, ""
        _log.info("Version %s of %s is served now.", served.version, served.name)
        return True

    def _refuse(self, error: Exception, found: Found | None) -> None:
        why = str(error) if isinstance(error, UserError) else type(error).__name__
        if found is None:
            if why != self._told:  # once, not at each look
                _log.warning("The model's name cannot be looked up, the version before goes on: %s", why)
            self._told = why
            return
        self._refused = found
        _log.warning("Version %s of %s cannot be served, the one before goes on: %s", found.version, found.name, why)
