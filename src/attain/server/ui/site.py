"""The site: every module of `pages` is a page, with its twins as JSON and CSV; nothing else needs to know of it.

A page module has `PATH` (with `{parts}`), `NAME` (of its template), `NAV` (its word in the navigation, or ""),
optionally `PLACE` (the order there; 50 if not given) and `offered(ask)` (whether it stands there), and the
functions `needs(ask)` (the endpoints of the protocol whose rights it needs), `facts(ask)` (a frozen dataclass with
`title`) and `table(facts)` (what its CSV holds). A page with a form has `submit(ask)` too, which gives where to go on.
"""

import csv
import importlib
import io
import json
import math
import pkgutil
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache, partial
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route as Place

from attain.core.errors import UserError
from attain.core.spreadsheet import safe
from attain.server.access.origin import check_origin
from attain.server.access_hook import Access, Denied, Unauthenticated
from attain.server.rest.call import Call, Route
from attain.server.ui import pages, words
from attain.server.ui.ask import Ask, Needs
from attain.server.worker import Worker
from attain.tracking.errors import Invalid, NotFound, Unavailable
from attain.tracking.rights import Thing
from attain.tracking.sql.store import Store

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "object-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
STATIC = {
    "site.css": "text/css; charset=utf-8",
    "site.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
if TYPE_CHECKING:
    from jinja2 import Environment

MOST_FORM = 64 * 1024
LISTS: dict[Thing, tuple[str, str, str]] = {
    "experiment": ("experiments/search", "experiments", "experiment_id"),
    "model": ("registered-models/search", "registered_models", "name"),
}
"""The endpoint that lists things, where its reply has them, and the field that says which one is meant."""


@dataclass(frozen=True)
class Link:
    """A word of the navigation."""

    word: str
    path: str
    here: bool


class Site:
    """The pages over a store."""

    def __init__(
        self, store: Store, worker: Worker, access: Access | None, endpoints: dict[tuple[str, str], Route]
    ) -> None:
        self._store, self._worker, self._access, self._endpoints = store, worker, access, endpoints
        self._pages = found_pages()

    def routes(self) -> list[Place]:
        """For the server's app."""
        made = [Place("/static/{name}", static)]
        for page in self._pages:
            path = page.PATH
            twin = "/index" if path == "/" else path
            for kind in ("json", "csv"):
                made.append(Place(f"{twin}.{kind}", partial(self._twin, page, kind)))
            methods = ["GET", "POST"] if hasattr(page, "submit") else ["GET"]
            made.append(Place(path, partial(self._page, page), methods=methods))
        return made

    async def _page(self, page: ModuleType, request: Request) -> Response:
        try:
            ask = await self._asked(page, request)
            if request.method == "POST":
                onward = await self._worker.write(partial(page.submit, ask))
                return RedirectResponse(onward, 303, HEADERS)
            facts, nav = await self._worker.read(partial(self._shown, page, ask))
        except Unauthenticated:
            onward = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
            return RedirectResponse(f"/sign-in?next={onward}", 303, HEADERS)
        except UserError as error:
            return self._problem(request, error)
        return self._rendered(f"{page.NAME}.html", request, ask=ask, facts=facts, nav=nav, twins=_twins(page, ask))

    async def _twin(self, page: ModuleType, kind: str, request: Request) -> Response:
        try:
            ask = await self._asked(page, request)
            facts = await self._worker.read(partial(page.facts, ask))
        except UserError as error:
            return Response(json.dumps({"message": str(error)}), _status(error), HEADERS, "application/json")
        if kind == "json":
            return Response(json.dumps(_finite(asdict(facts))), 200, HEADERS, "application/json")
        table = page.table(facts)
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(table.head)
        writer.writerows([[safe(cell) if isinstance(cell, str) else cell for cell in row] for row in table.rows])
        return Response(text.getvalue(), 200, HEADERS, "text/csv; charset=utf-8")

    async def _asked(self, page: ModuleType, request: Request) -> Ask:
        """The request, let through with the name of who asks.

        Raises:
            Unauthenticated: nobody knows who asks.
            Denied: they may not see this, or a form comes from elsewhere.
        """
        query = parse_qs(request.url.query, keep_blank_values=True)
        ask = Ask(self._store, request.path_params, query, request.url.path, int(time.time() * 1000))
        if request.method == "POST":
            if reason := check_origin("POST", request.headers, by_cookie=True):
                raise Denied(f"Not done: {reason}")
            ask = replace(ask, form=await _fields(request))
        if self._access is None:
            return ask
        user = await self._worker.read(partial(self._checked, page, ask, request))
        return replace(ask, user=user, may=partial(self._may, request), readable=partial(self._readable, user))

    def _checked(self, page: ModuleType, ask: Ask, request: Request) -> str:
        assert self._access is not None
        user = ""
        for need in page.needs(ask):
            user = self._access.check(request, *self._asking(need))
        return user

    def _shown(self, page: ModuleType, ask: Ask) -> tuple[Any, list[Link]]:
        """The facts of a page, and the navigation for who asks."""
        return page.facts(ask), self._links(ask.path, ask)

    def _links(self, here: str, ask: Ask | None) -> list[Link]:
        """The navigation; where nobody is known to ask, without what is not offered to all."""
        named = [page for page in sorted(self._pages, key=_place) if page.NAV]
        open_to = [page for page in named if not hasattr(page, "offered") or (ask is not None and page.offered(ask))]
        return [Link(page.NAV, page.PATH, _is_here(page.PATH, here)) for page in open_to]

    def _may(self, request: Request, need: Needs) -> bool:
        assert self._access is not None
        return self._access.may(request, *self._asking(need))

    def _asking(self, need: Needs) -> tuple[Route, Call]:
        method, path, values = need
        repeated = {name: value for name, value in values.items() if isinstance(value, list)}
        return self._endpoints[method, path], Call(self._store, values, repeated)

    def _readable(self, user: str, thing: Thing, names: Sequence[str]) -> set[str]:
        """Those that a list of the protocol keeps when it is cut to what they may read."""
        assert self._access is not None
        path, key, name = LISTS[thing]
        call = Call(self._store, {}, {}, user)
        kept = self._access.after(self._endpoints["GET", path], call, {key: [{name: one} for one in names]})
        assert isinstance(kept, dict), "a list that was given as fields comes back as fields"
        return {one[name] for one in kept[key]}

    def _problem(self, request: Request, error: UserError) -> Response:
        status = _status(error)
        return self._rendered("problem.html", request, status, message=str(error), facts=None)

    def _rendered(self, name: str, request: Request, status: int = 200, **facts: Any) -> Response:  # of any page
        facts = (
            {"nav": self._links(request.url.path, None)}
            | facts
            | {"now": int(time.time() * 1000), "access": self._access is not None}
        )
        text = templates().get_template(name).render(**facts)
        return Response(text, status, HEADERS, "text/html; charset=utf-8")


def _place(page: ModuleType) -> int:
    return int(getattr(page, "PLACE", 50))


def _is_here(path: str, here: str) -> bool:
    return here == path or (path != "/" and here.startswith(path))


@cache
def found_pages() -> tuple[ModuleType, ...]:
    """The modules of `pages`, in the order of their place in the navigation."""
    names = [module.name for module in pkgutil.iter_modules(pages.__path__) if not module.name.startswith("_")]
    found = [importlib.import_module(f"attain.server.ui.pages.{name}") for name in names]
    return tuple(sorted(found, key=lambda page: (page.PATH.count("{"), page.PATH)))


@cache
def templates() -> "Environment":
    """The templates, with the words that they use."""
    from jinja2 import Environment, PackageLoader, StrictUndefined  # with the first page, so that a start is quick

    rules = {"autoescape": True, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    made = Environment(loader=PackageLoader("attain.server.ui"), **rules)  # type: ignore[arg-type]  # plain options
    for word in (words.number, words.half, words.ago, words.moment, words.took, words.size, words.cut, words.percent):
        made.filters[word.__name__] = word
    return made


async def static(request: Request) -> Response:
    """The one style sheet, the one script and the icon."""
    name = request.path_params["name"]
    if name not in STATIC:
        return Response("There is no such file.", 404)
    headers = HEADERS | {"Cache-Control": "max-age=300"}
    return Response(_static(name), 200, headers, STATIC[name])


@cache
def _static(name: str) -> bytes:
    from importlib.resources import files

    return files("attain.server.ui").joinpath("static", name).read_bytes()


async def _fields(request: Request) -> dict[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_FORM:
            raise Invalid(f"The form is longer than {MOST_FORM // 1024} KB; shorten the text.")
    return {
        name: values[-1] for name, values in parse_qs(body.decode(errors="replace"), keep_blank_values=True).items()
    }


def _twins(page: ModuleType, ask: Ask) -> dict[str, str]:
    path = "/index" if page.PATH == "/" else ask.path
    _, _, query = ask.address().partition("?")
    return {kind: f"{path}.{kind}" + (f"?{query}" if query else "") for kind in ("json", "csv")}


def _status(error: UserError) -> int:
    kinds: tuple[tuple[type[UserError], int], ...] = (
        (Unauthenticated, 401),
        (Denied, 403),
        (NotFound, 404),
        (Unavailable, 503),
    )
    return next((status for kind, status in kinds if isinstance(error, kind)), 400)


def _finite(value: Any) -> Any:  # whatever stands in facts
    """The same without numbers that JSON cannot say."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    return [_finite(one) for one in value] if isinstance(value, list | tuple) else value
