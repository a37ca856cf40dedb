"""Which audits of predictions are there, and who answers for them?"""

from dataclasses import dataclass

from attain.audit.ledger import Line, chain, lines, signatures
from attain.server.ui.ask import Ask, Needs, Table

PATH, NAME, NAV = "/audits", "audits", "Audits"
SHOWN = 50
EVERY: Needs = ("GET", "pages/audits/all", {})


@dataclass(frozen=True)
class Row:
    """One audit: of what, by whom and when (ms since 1970), who signed it; `newest` of its run."""

    audit: str
    model: str
    run_id: str
    run_address: str
    by: str
    made: int
    signed: tuple[str, ...]
    newest: bool


@dataclass(frozen=True)
class Facts:
    """A part of the audits, the newest first; `sealed` says whether the ledger is whole, `changed` that it is not."""

    title: str
    rows: tuple[Row, ...]
    sealed: str
    changed: bool
    first: str
    next: str


def needs(ask: Ask) -> list[Needs]:
    """A list, of which `facts` shows what may be read; auditors see all of it."""
    return [("GET", "pages/audits", {})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    found = _readable(ask, lines(ask.store))
    newest = {line.run_id: line.id for line in reversed(found)}
    signed: dict[str, list[str]] = {}
    for one in signatures(ask.store):
        signed.setdefault(one["audit"], []).append(f"{one['by']}, {one['on']}")
    page = int(asked) if (asked := ask.one("page")[:6]).isdecimal() and int(asked) else 1
    part = found[(page - 1) * SHOWN : page * SHOWN]
    reads = not found or ask.may(("GET", "runs/get", {"run_id": found[0].run_id}))
    whole = chain(ask.store)
    return Facts(
        title="Audits",
        rows=tuple(
            Row(
                audit=one.id,
                model=one.model,
                run_id=one.run_id,
                run_address=f"/runs/{one.run_id}" if reads else "",
                by=one.by,
                made=one.time,
                signed=tuple(signed.get(one.id, ())),
                newest=newest[one.run_id] == one.id,
            )
            for one in part
        ),
        sealed=whole.said,
        changed=not whole.passed,
        first=ask.address(page=None) if page > 1 else "",
        next=ask.address(page=str(page + 1)) if len(found) > page * SHOWN else "",
    )


def table(found: Facts) -> Table:
    """One line an audit."""
    head = ["audit", "model", "run", "made by", "made", "signed by", "newest of its run"]
    rows: list[list[object]] = [
        [r.audit, r.model, r.run_id, r.by, r.made, "; ".join(r.signed), "yes" if r.newest else "no"] for r in found.rows
    ]
    return Table(head, rows)


def _readable(ask: Ask, found: list[Line]) -> list[Line]:
    """Those of experiments that they may read; all, for auditors."""
    if ask.may(EVERY):
        return found
    may = ask.readable("experiment", list(dict.fromkeys(one.experiment for one in found if one.experiment)))
    return [one for one in found if one.experiment in may]
