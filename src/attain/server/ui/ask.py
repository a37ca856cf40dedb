"""What somebody asks of a page: which thing, shown how; all of it stands in the address."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from attain.tracking.entities import Page
from attain.tracking.rights import Thing
from attain.tracking.sql.store import Store

Query = Mapping[str, list[str]]
T = TypeVar("T")


@dataclass(frozen=True)
class Ask:
    """One request for a page.

    Attributes:
        store: where to read.
        parts: the parts of the path, by name.
        query: what stands behind the `?`, each name with its values.
        path: the path, as it was asked for.
        now: ms since 1970.
        user: who asks, by name; "" where access is not checked.
        form: what was filled in, where the page is sent as a form.
        may: whether they have the right to something, without a line in the ledger if not: what they may not do is
            not offered.
        readable: which of some experiments by id, or of some registered models by name, they may read.
    """

    store: Store
    parts: Mapping[str, str]
    query: Query
    path: str
    now: int
    user: str = ""
    form: Mapping[str, str] | None = None
    may: Callable[["Needs"], bool] = lambda _: True
    readable: Callable[[Thing, Sequence[str]], set[str]] = lambda _, names: set(names)

    def one(self, name: str, default: str = "") -> str:
        """A value of the query."""
        values = self.query.get(name)
        return values[-1] if values else default

    def all(self, name: str) -> list[str]:
        """All values of a name, empty ones left out."""
        return [value for value in self.query.get(name, []) if value]

    def address(self, **changed: str | list[str] | None) -> str:
        """This page's address with some values changed; None takes one away."""
        query = {name: list(values) for name, values in self.query.items()}
        for name, value in changed.items():
            query[name] = [] if value is None else [value] if isinstance(value, str) else value
        pairs = [(name, value) for name, values in query.items() for value in values if value]
        return self.path + (f"?{urlencode(pairs)}" if pairs else "")

    def listed(
        self, thing: Thing, name: Callable[[T], str], read: Callable[[str | None], Page[T]]
    ) -> tuple[list[T], str]:
        """What somebody may read of the asked part of a list, and the address of the next part ("" for none).

        A part of which nothing may be read is passed over.
        """
        page = read(self.one("page") or None)
        while not (may := self.readable(thing, [name(one) for one in page.items])) and page.next_token:
            page = read(page.next_token)
        following = self.address(page=page.next_token) if page.next_token else ""
        return [one for one in page.items if name(one) in may], following


Needs = tuple[str, str, Mapping[str, object]]
"""The endpoint whose right a page needs: method, path, and the values that say what it is about."""


@dataclass(frozen=True)
class Table:
    """What the `.csv` of a page holds."""

    head: list[str]
    rows: list[list[object]]
