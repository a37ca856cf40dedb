"""Audits that were kept: given out again as they were sealed, and signed by a person who answers for them."""

from dataclasses import dataclass
from typing import Any

from attain.audit import record as records
from attain.audit.ledger import START, Line, ledger_of, line_of, since
from attain.audit.signatures import SIGNED, VIEWED
from attain.core.errors import UserError
from attain.tracking import artifacts
from attain.tracking.access import DAY_MS
from attain.tracking.sql.ledger import Fact
from attain.tracking.sql.store import Store as Database

Plain = dict[str, Any]  # JSON


@dataclass(frozen=True)
class Made:
    """An audit that was made.

    Attributes:
        record: all that it says.
        json: its bytes.
        html: its page's bytes.
    """

    record: Plain
    json: bytes
    html: bytes

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.record["id"])


def view_audit(store: Database, text: str, by: str) -> tuple[Line, Made]:
    """A kept audit; the ledger is told who saw it.

    Args:
        store: where the audit is.
        text: its id, or how that begins.
        by: who sees it.

    Raises:
        UserError: there is none, or it is not as it was sealed.
    """
    line = line_of(store, text)
    kept = as_sealed(store, line)
    _note(store, line, VIEWED, by, {})
    return line, kept


def note_view(store: Database, line: Line, by: str, now: int) -> None:
    """Tell the ledger that somebody sees an audit, once a day (UTC).

    Args:
        store: where the audit is.
        line: of the audit.
        by: who sees it.
        now: ms since 1970.
    """
    seen = (by, VIEWED, f"{START}{line.id}")
    if not any((one.actor, one.action, one.object) == seen for one in since(store, now - now % DAY_MS)):
        _note(store, line, VIEWED, by, {})


def sign_audit(store: Database, text: str, because: str, by: str) -> Line:
    """Write into the ledger that a person has read an audit and answers for it.

    Args:
        store: where the audit is.
        text: its id, or how that begins.
        because: what the person answers for, or why.
        by: who signs.

    Raises:
        UserError: there is no such audit, it is not as it was sealed, or no reason is given.
    """
    if not because.strip():
        raise UserError('A signature needs its reason: --because "…".')
    line = line_of(store, text)
    as_sealed(store, line)
    _note(store, line, SIGNED, by, {"because": because, "experiment": store.get_run(line.run_id).experiment_id})
    return line


def as_sealed(store: Database, line: Line) -> Made:
    """The record and the page, if they are those whose hashes the ledger has.

    Raises:
        UserError: they are not, or they are gone.
    """
    record = artifacts.read_bytes(store, line.run_id, records.json_path(line.id))
    page = artifacts.read_bytes(store, line.run_id, records.html_path(line.id))
    if (records.sha256(record), records.sha256(page)) != (line.json_sha256, line.html_sha256):
        raise UserError(
            f"Audit {line.id} is not as it was sealed in the ledger: something was changed. "
            f"`attain audit verify {line.id}` says what."
        )
    return Made(records.read_record(record), record, page)


def _note(store: Database, line: Line, action: str, by: str, details: dict[str, Fact]) -> None:
    which: dict[str, Fact] = {"audit": line.id, "run": line.run_id, "json_sha256": line.json_sha256}
    ledger_of(store).record(by, action, f"{START}{line.id}", which | details)
