"""The gate: each request is let through, or refused with a line in the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from attain.server.access.lists import seen
from attain.server.access.needs import NEEDS, Need
from attain.server.access.origin import check_origin
from attain.server.access.recognise import Recogniser
from attain.server.access.settings import AccessSettings
from attain.server.access_hook import Denied
from attain.server.rest.call import Call, Reply, Route
from attain.tracking.access import Access
from attain.tracking.errors import Invalid
from attain.tracking.rights import Asker, Level, highest, reaches
from attain.tracking.sql.belonging import Things

_MADE: Mapping[str, str] = {"experiments/create": "experiment", "registered-models/create": "model"}
_REMOVED = ("experiments/delete", "runs/delete", "registered-models/delete", "model-versions/delete")


class Gate:
    """Access control as `attain.server.access_hook.Access` wants it."""

    def __init__(
        self, access: Access, recogniser: Recogniser, settings: AccessSettings, routes: Sequence[BaseRoute]
    ) -> None:
        self._access, self._recogniser, self.routes = access, recogniser, routes
        self._default: Level | None = None if settings.default_permission == "none" else settings.default_permission

    def check(self, request: HTTPConnection, route: Route, call: Call) -> str:
        """See the protocol: the name of who asks, or `Unauthenticated`, or `Denied`."""
        asker = self._recogniser.recognise(request, f"{route.method} {route.path}")
        reason = check_origin(route.method, request.headers, by_cookie=self._recogniser.by_cookie(request))
        if reason is None and asker.role != "admin":
            reason = self._lacking(asker, NEEDS.get((route.method, route.path)), call)
        if reason is not None:
            self._access.record(asker.name, "denied", f"{route.method} {route.path}", {"reason": reason})
            raise Denied(f"Permission denied: {reason}")
        return asker.name

    def after(self, route: Route, call: Call, reply: Reply) -> Reply:
        """See the protocol: who made something manages it; what was removed stands in the ledger; lists are cut."""
        if thing := _MADE.get(route.path):
            self._access.permit("user", call.user, _name_of_made(thing, reply), "manage", call.user, thing)  # type: ignore[arg-type]  # one of two
        elif route.method == "DELETE" or route.path in _REMOVED:
            self._access.record(call.user, "delete", f"{route.method} {route.path}", _said(call.values))
        else:
            return seen(self._access, self._default, route, call, reply)
        return reply

    def _lacking(self, asker: Asker, need: Need | None, call: Call) -> str | None:
        """Why somebody may not do something; None if they may."""
        if asker.role == "auditor" and not (need and need.audits):
            return f"user {asker.name!r} is an auditor, who sees audits and reports only."
        if need is None:
            return "this is for admins only."
        found = [(level, find(call)) for level, find in need.on]
        if need.names_something and all(things == Things() for _, things in found):
            raise Invalid("The request does not name what it is about: an id, or a name.")
        if all(reaches(highest([self._default, asker.everywhere]), level) for level, _ in found):
            return None
        for level, things in found:
            for thing, given in self._access.levels(asker, things, self._default).items():
                if not reaches(given, level):
                    has = f"may only {given}" if given else "has no right on"
                    return f"user {asker.name!r} {has} {thing}, and this needs the right to {level}."
        return None


def _name_of_made(thing: str, reply: Reply) -> str:
    name = reply["experiment_id"] if thing == "experiment" else reply["registered_model"]["name"]
    return str(name)


def _said(values: Mapping[str, Any]) -> dict[str, str]:  # JSON
    """The short texts of a request, which say what was removed."""
    return {key: value[:250] for key, value in values.items() if isinstance(value, str)}
