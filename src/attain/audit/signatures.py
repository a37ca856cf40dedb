"""Who has read an audit and answers for it, as the ledger tells it."""

import json
from datetime import UTC, datetime
from textwrap import shorten
from typing import Any

from attain.audit.words import number

Plain = dict[str, Any]  # JSON
SIGNED, VIEWED = "audit.sign", "audit.view"
"""Actions in the ledger."""
MOST = 3
"""So many signatures have their sentence on the page; the record has all."""
LONGEST = 160
"""So many characters of a reason stand on the page, that two sheets are enough; the record has all."""


def signature(details: str, by: str, time_ms: int) -> Plain:
    """What a line of the ledger says of a signature: the audit, its run, who signed, on which day (UTC), and why."""
    said = json.loads(details)
    on = datetime.fromtimestamp(time_ms / 1000, UTC).date().isoformat()
    return {"audit": said["audit"], "run": said["run"], "by": by, "on": on, "because": said["because"]}


def signatures_sentence(signed: list[Plain]) -> str:
    """Who signed earlier audits, in sentences, the newest first.

    Args:
        signed: signatures, the oldest first.
    """
    if not signed:
        return "No earlier audit of this experiment was signed."
    newest = signed[::-1]
    said = [
        f"Audit {one['audit']} (run {one['run'][:8]}) was signed by {one['by']} on {one['on']}: "
        f"“{shorten(one['because'], LONGEST, placeholder=' …')}”."
        for one in newest[:MOST]
    ]
    more = len(newest) - MOST
    return " ".join(said) + (f" {number(more)} earlier signatures are in the record." if more > 0 else "")
