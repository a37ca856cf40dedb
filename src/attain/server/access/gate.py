"""The gate: each request is let through, or refused with a line in the ledger."""

from collections.abc import Mapping, Sequence

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from attain.server.access.lists import seen
from attain.server.access.memory import Memory
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


class Gate:
    """Access control as `attain.server.access_hook.Access` wants it."""

    def __init__(
        self, access: Access, recogniser: Recogniser, settings: AccessSettings, routes: Sequence[BaseRoute]
    ) -> None:
        self._access, self._recogniser, self.routes = access, recogniser, routes
        self._known, self._let_through = Memory[Asker](), Memory[bool]()
        self._default: Level | None = None if settings.default_permission == "none" else settings.default_permission

    def recognise(self, request: HTTPConnection, route: Route) -> None:
        """See the protocol."""
        self._recognised(request, route, self._access.last_entry())

    def check(self, request: HTTPConnection, route: Route, call: Call) -> str:
        """See the protocol: the name of who asks, or `Unauthenticated`, or `Denied`."""
        row = self._access.last_entry()
        asker = self._recognised(request, route, row)
        reason = check_origin(route.method, request.headers, by_cookie=self._recogniser.by_cookie(request))
        reason = reason or self._refused(asker, route, call, row)
        if reason is not None:
            self._access.record(asker.name, "denied", f"{route.method} {route.path}", {"reason": reason})
            raise Denied(f"Permission denied: {reason}")
        return asker.name

    def may(self, request: HTTPConnection, route: Route, call: Call) -> bool:
        """See the protocol."""
        row = self._access.last_entry()
        return self._refused(self._recognised(request, route, row), route, call, row) is None

    def after(self, route: Route, call: Call, reply: Reply) -> Reply:
        """See the protocol: who made something manages it; lists are cut."""
        if thing := _MADE.get(route.path):
            self._access.permit("user", call.user, _name_of_made(thing, reply), "manage", call.user, thing)  # type: ignore[arg-type]  # one of two
            return reply
        return seen(self._access, self._default, route, call, reply)

    def _recognised(self, request: HTTPConnection, route: Route, row: int) -> Asker:
        shown = f"{request.headers.get('authorization', '')}\n{request.cookies.get(self._recogniser.cookie, '')}"
        if (known := self._known.get(key := self._known.secret(shown), row)) is not None:
            return known
        asker = self._recogniser.recognise(request, f"{route.method} {route.path}")
        self._known.put(key, row, asker)
        return asker

    def _refused(self, asker: Asker, route: Route, call: Call, row: int) -> str | None:
        """Why somebody's rights do not reach; None if they do."""
        if asker.role == "admin":
            return None
        return self._lacking(asker, NEEDS.get((route.method, route.path)), call, row)

    def _lacking(self, asker: Asker, need: Need | None, call: Call, row: int) -> str | None:
        """Why somebody may not do something; None if they may."""
        if asker.role == "auditor":
            of_audits = need is not None and need.audits
            return None if of_audits else f"user {asker.name!r} is an auditor, who sees audits and reports only."
        if need is None or need.admins:
            return "this is for admins only."
        found = tuple((level, find(call)) for level, find in need.on)
        if need.names_something and all(things == Things() for _, things in found):
            raise Invalid("The request does not name what it is about: an id, or a name.")
        if all(reaches(highest([self._default, asker.everywhere]), level) for level, _ in found):
            return None
        if self._let_through.get((asker, found), row):
            return None
        return self._lacking_on(asker, found, row)

    def _lacking_on(self, asker: Asker, found: tuple[tuple[Level, Things], ...], row: int) -> str | None:
        lasting = True
        for level, things in found:
            levels = self._access.levels(asker, things, self._default)
            for thing, given in levels.items():
                if not reaches(given, level):
                    has = f"may only {given}" if given else "has no right on"
                    return f"user {asker.name!r} {has} {thing}, and this needs the right to {level}."
            lasting = lasting and things.by_id() == len(levels)
        if lasting:
            self._let_through.put((asker, found), row, value=True)
        return None


def _name_of_made(thing: str, reply: Reply) -> str:
    assert isinstance(reply, dict), "the name of what was made is looked up in the reply"
    name = reply["experiment_id"] if thing == "experiment" else reply["registered_model"]["name"]
    return str(name)
