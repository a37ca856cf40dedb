"""Which data is there, and when was it last used?"""

from dataclasses import dataclass

from attain.core.card import cards, words_of
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._data import address_of, card_name, used
from attain.server.ui.pages._readable import readable
from attain.tracking.errors import Invalid
from attain.tracking.sql.data_lineage import Known

PATH, NAME, NAV, PLACE = "/datasets", "datasets", "Data", 57
SHOWN = 100


@dataclass(frozen=True)
class Row:
    """One data set: what its card says ("" where it has none), and the runs that read it."""

    name: str
    address: str
    what: str
    tasks: str
    licence: str
    problem: str
    digests: tuple[str, ...]
    runs: int
    last: int | None


@dataclass(frozen=True)
class Facts:
    """A part of the data sets, the last used first, then the cards that no run has used."""

    title: str
    rows: tuple[Row, ...]
    total: int
    used: int
    first: str
    next: str


def needs(ask: Ask) -> list[Needs]:
    """A list, of which `facts` shows what may be read."""
    return [("GET", "experiments/search", {})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    page = _page(ask)
    by_name: dict[str, list[Known]] = {}
    for one in ask.store.lineage.known([one.experiment_id for one in readable(ask)]):
        by_name.setdefault(one.name, []).append(one)
    known = cards()
    idle = known.keys() - {card_name(name, known) for name in by_name}
    names = [*by_name, *sorted(idle)]
    shown = names[(page - 1) * SHOWN : page * SHOWN]
    return Facts(
        title="Data sets",
        rows=tuple(_row(name, by_name.get(name, [])) for name in shown),
        total=len(names),
        used=len(by_name),
        first=ask.address(page=None) if page > 1 else "",
        next=ask.address(page=str(page + 1)) if len(names) > page * SHOWN else "",
    )


def table(found: Facts) -> Table:
    """One line a data set."""
    head = ["data set", "what it is", "tasks", "licence", "fingerprints", "runs", "last used"]
    rows: list[list[object]] = [
        [r.name, r.what, r.tasks, r.licence, " ".join(r.digests), r.runs, r.last] for r in found.rows
    ]
    return Table(head, rows)


def _page(ask: Ask) -> int:
    text = ask.one("page", "1") or "1"
    if not text.isdecimal() or not 1 <= int(text[:9]) <= 1_000_000:
        raise Invalid(f"`page` is {text[:40]!r}; expected a number from 1.")
    return int(text[:9])


def _row(name: str, known: list[Known]) -> Row:
    found = cards()
    own = card_name(name, found)
    words, problem = (None, "") if not own else ((shown := words_of(found[own])).words, shown.problem)
    use = used(known)
    said = (words.title, ", ".join(words.tasks).replace("_", " "), words.licence.name) if words else ("", "", "")
    return Row(name, address_of(name), *said, problem, use.digests, use.runs, use.last)
