"""The ledger's lines about audits: that one was made or signed, and what advisors decided on its flags."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from attain.audit.overrides import DECIDED, MADE, Noted, noted
from attain.audit.record import checked_id
from attain.audit.signatures import SIGNED, signature
from attain.audit.verify import Check
from attain.core.errors import UserError
from attain.tracking.access import Access
from attain.tracking.sql.ledger import FIRST, Entry
from attain.tracking.sql.store import Store as Database
from attain.tracking.store import Store

START = "audit "


@dataclass(frozen=True)
class Line:
    """That an audit was made, as the ledger has it.

    Attributes:
        id: of the audit.
        run_id: the run that was audited.
        json_sha256: of the record.
        html_sha256: of the page.
        table_sha256: of the predictions.
        model: what the audited model is called; "" in lines from before it was written down.
        on: the day on which it was made (UTC, ISO 8601).
        by: who made it.
        experiment: id of the experiment that the run is in; "" in lines from before it was written down.
        time: when it was made, in ms since 1970.
    """

    id: str
    run_id: str
    json_sha256: str
    html_sha256: str
    table_sha256: str
    model: str
    on: str
    by: str
    experiment: str
    time: int


def with_ledger(store: Store) -> Database:
    """The store, if it is a database that has the ledger.

    Raises:
        UserError: it is a server.
    """
    if isinstance(store, Database):
        return store
    raise UserError(
        f"Audits are made where the ledger is, and {store.place} is a server. Give its database by --store, such as "
        "--store sqlite:///attain.db."
    )


def ledger_of(store: Database) -> Access:
    """The ledger of a store."""
    return store.access


def chain(store: Database) -> Check:
    """Whether the ledger is whole; what is sealed in one that is not is worth nothing."""
    found = ledger_of(store).verify()
    if found.broken is None:
        return Check("ledger", True, f"all {found.rows:,} rows follow each other")
    return Check("ledger", False, f"broken at row {found.broken}: {found.reason}")


def stand(store: Database) -> tuple[int, str]:
    """The number and the hash of the ledger's last row; 0 where it is empty."""
    newest = ledger_of(store).entries(1).items
    return (newest[0].seq, newest[0].hash) if newest else (0, FIRST)


def lines(store: Database, audit: str = "") -> list[Line]:
    """The audits that were made, the newest first; those whose id begins as `audit` does."""
    found = []
    for entry in _entries(store):
        if entry.action == MADE and entry.object.startswith(START + audit):
            found.append(_line(entry))
    return found


def _line(entry: Entry) -> Line:
    """What a row says of an audit.

    Raises:
        UserError: the run or a hash is not in it.
    """
    try:
        said = json.loads(entry.details)
        run, json_sha256, html_sha256, table_sha256 = (
            str(said[key]) for key in ("run", "json_sha256", "html_sha256", "table_sha256")
        )
        on = datetime.fromtimestamp(entry.time / 1000, UTC).date().isoformat()
        audit, model = entry.object.removeprefix(START), str(said.get("model", ""))
        where = str(said.get("experiment", ""))
        return Line(audit, run, json_sha256, html_sha256, table_sha256, model, on, entry.actor, where, entry.time)
    except (ValueError, KeyError, TypeError):
        raise UserError(
            f"Row {entry.seq} of the ledger is not as attain writes it. `attain user ledger --verify` checks them all."
        ) from None


def line_of(store: Database, text: str) -> Line:
    """The audit with an id, or with an id that begins so.

    Raises:
        UserError: the ledger has none, or more than one.
    """
    found = lines(store, checked_id(text))
    if not found:
        raise UserError(f"The ledger of {store.place} has no audit {text!r}. `attain audit list` lists them.")
    if len({line.id for line in found}) > 1:
        raise UserError(f"{text!r} is the beginning of several audits: {', '.join(line.id for line in found[:5])}.")
    return found[0]


def notes(store: Database, experiment_id: str, *, up_to: int) -> list[Noted]:
    """Decisions and outcomes on the runs of an experiment, the oldest first, up to a row of the ledger."""
    found: list[Noted] = []
    for entry in _entries(store):
        if entry.action == DECIDED and entry.seq <= up_to:
            said: Any = json.loads(entry.details)  # JSON
            if said.get("experiment") == experiment_id:
                found.append(noted(said, entry.actor))
    return found[::-1]


def words_on(store: Database, audit: str) -> list[Noted]:
    """Decisions and outcomes on the flags of one audit, the oldest first."""
    own = [entry for entry in _entries(store) if entry.action == DECIDED and entry.object == f"{START}{audit}"]
    return [noted(json.loads(entry.details), entry.actor) for entry in own[::-1]]


def signatures(store: Database, experiment_id: str | None = None, *, up_to: int | None = None) -> list[dict[str, Any]]:
    """Who signed audits, the oldest first: those of an experiment, or all; up to a row of the ledger, where given."""
    found = []
    for entry in _entries(store):
        if entry.action == SIGNED and (up_to is None or entry.seq <= up_to):
            said: Any = json.loads(entry.details)  # JSON
            if experiment_id in (None, said.get("experiment")):
                found.append(signature(entry.details, entry.actor, entry.time))
    return found[::-1]


def since(store: Database, time: int) -> Iterator[Entry]:
    """Rows about audits from a moment on (ms since 1970), the newest first."""
    return takewhile(lambda entry: entry.time >= time, _entries(store))


def _entries(store: Database) -> Iterator[Entry]:
    """All rows about audits, the newest first."""
    token: str | None = None
    while True:
        page = ledger_of(store).entries(1_000, token, "audit.")
        yield from page.items
        if (token := page.next_token) is None:
            return
