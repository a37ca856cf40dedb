"""The record of an audit: one JSON text that holds every number and what it rests on, the same bytes each time."""

import hashlib
import json
import re
from typing import Any

from attain.core.errors import UserError

Plain = dict[str, Any]  # JSON
FOLDER = "audit"
FORM = 1
"""Raised when the record's form changes."""
ID_LENGTH = 16


def canonical(record: Plain) -> bytes:
    """The record as bytes: keys sorted, no spaces, ASCII only."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode()


def sha256(content: bytes) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def make_record(
    *,
    made: Plain,
    inputs: Plain,
    policy: Plain,
    results: Plain,
    card: Plain,
    overrides: Plain,
    signed: list[Plain] | None = None,
) -> Plain:
    """The record with its id, which is taken from all that it says.

    Args:
        made: who made it and when (ISO 8601, UTC).
        inputs: the run, the SHA-256 of its table, the cohorts, the policy's file, the code, where the ledger stood.
        policy: every value of the policy.
        results: see `attain.audit.results`.
        card: what is known of the model and its data.
        overrides: see `attain.audit.overrides`.
        signed: who signed earlier audits, see `attain.audit.signatures`; records of before there were any lack it.
    """
    record = {
        "form": FORM,
        "made": made,
        "inputs": inputs,
        "policy": policy,
        "results": results,
        "card": card,
        "overrides": overrides,
        "signed": signed or [],
    }
    return record | {"id": identity(record)}


def identity(record: Plain) -> str:
    """The id that a record must have: the beginning of the SHA-256 of all else in it."""
    return sha256(canonical({key: value for key, value in record.items() if key != "id"}))[:ID_LENGTH]


def read_record(content: bytes) -> Plain:
    """A record from its bytes.

    Raises:
        UserError: they are no record, or not as they were written.
    """
    try:
        record = json.loads(content)
        plain = isinstance(record, dict) and record["form"] == FORM and canonical(record) == content
    except (ValueError, KeyError, RecursionError):
        plain = False
    if not plain:
        raise UserError("The audit's JSON is not as attain writes it: some byte was changed.")
    if record.get("id") != identity(record):
        raise UserError(
            f"The audit's id {record.get('id')!r} does not follow from what it says: something was changed."
        )
    return dict(record)


def json_path(audit_id: str) -> str:
    """Where the record lies among the run's artifacts."""
    return f"{FOLDER}/{audit_id}.json"


def html_path(audit_id: str) -> str:
    """Where its page lies."""
    return f"{FOLDER}/{audit_id}.html"


def checked_id(text: str) -> str:
    """The id of an audit, or how it begins.

    Raises:
        UserError: it can be none.
    """
    if not re.fullmatch(rf"[0-9a-f]{{4,{ID_LENGTH}}}", text):
        raise UserError(f"{text!r} is not the id of an audit ({ID_LENGTH} of 0-9 and a-f, or how it begins).")
    return text
