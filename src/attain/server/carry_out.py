"""What a route does once it may be done: its handler, and for a deletion a line in the ledger, in one transaction."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from attain.server.access_hook import Access
from attain.server.rest.call import Call, Reply, Route

ANYBODY = "anonymous"
"""Who deletes, in the ledger, where access is not controlled."""

_DELETE = ("experiments/delete", "runs/delete", "registered-models/delete", "model-versions/delete")


def carried_out(route: Route, call: Call, access: Access | None) -> Reply:
    """What the handler gives, as who asks may see it; all that it writes is kept, or nothing."""
    deletes = route.method == "DELETE" or route.path in _DELETE
    with call.store.together() if route.writes and (access or deletes) else nullcontext():
        reply = route.handler(call)
        if access is not None:
            reply = access.after(route, call, reply)
        if deletes:  # last, since the ledger is locked from here on
            said = _texts(call.values)
            call.store.access.record(call.user or ANYBODY, "delete", f"{route.method} {route.path}", said)
        return reply


def _texts(values: Mapping[str, Any]) -> dict[str, str]:  # JSON
    """The short texts of a request, which say what was removed."""
    return {key: value[:250] for key, value in values.items() if isinstance(value, str)}
