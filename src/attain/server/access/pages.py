"""The pages to sign in and out: plain HTML that needs no script and takes nothing from elsewhere."""

import functools
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from attain.server.access.origin import check_origin
from attain.server.access.recognise import Recogniser, address_of
from attain.tracking.errors import Exists, Invalid
from attain.tracking.rights import Asker
from attain.tracking.sign_in import SESSION_MS, Refused, SignIn, TooMany

HEADERS = {
    "Content-Security-Policy": "default-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
WAIT_S = 15 * 60

_MOST = 16 * 1024
_STATE = "attain-sign-in"


class Provider(Protocol):
    """Where else one can sign in; see `attain.server.access.oidc`."""

    @property
    def label(self) -> str:
        """What the link says."""

    def begin(self, onward: str) -> tuple[str, str]:
        """A state, and the address to go to."""

    def finish(self, answer: Mapping[str, str], state: str) -> tuple[Asker, str]:
        """Who was recognised, and the page to go to; raises `Refused`."""


class SignInPages:
    """Signing in with a password or at a provider, and out again."""

    def __init__(self, sign_in: SignIn, recogniser: Recogniser, provider: Provider | None, *, secure: bool) -> None:
        self._sign_in, self._recogniser, self._provider, self._secure = sign_in, recogniser, provider, secure

    def routes(self) -> list[Route]:
        """For the server's app."""
        found = [
            Route("/sign-in", self._form, methods=["GET"]),
            Route("/sign-in", self._submitted, methods=["POST"]),
            Route("/sign-out", self._out, methods=["POST"]),
        ]
        if self._provider is not None:
            found += [Route("/sign-in/oidc", self._leave), Route("/sign-in/oidc/callback", self._back)]
        return found

    async def _form(self, request: Request) -> Response:
        user = await run_in_threadpool(self._user, request)
        return self._page(user=user.name if user else "", next=local(request.query_params.get("next", "/")))

    async def _submitted(self, request: Request) -> Response:
        fields = await _fields(request)
        name, onward = fields.get("name", ""), local(fields.get("next", "/"))
        if reason := check_origin("POST", request.headers, by_cookie=True):
            return self._page(403, problem=f"Not done: {reason}", name=name, next=onward)
        try:
            asker = await run_in_threadpool(
                self._sign_in.by_password, name, fields.get("password", ""), address_of(request)
            )
        except Refused as error:
            status = 429 if isinstance(error, TooMany) else 403
            return self._page(status, problem=str(error), name=name, next=onward)
        return await self._started(request, asker, "password", onward)

    async def _out(self, request: Request) -> Response:
        if reason := check_origin("POST", request.headers, by_cookie=True):
            return self._page(403, problem=f"Not done: {reason}")
        if session := request.cookies.get(self._recogniser.cookie):
            await run_in_threadpool(self._sign_in.end_session, session)
        answer = RedirectResponse("/sign-in", 303, HEADERS)
        answer.delete_cookie(self._recogniser.cookie, path="/", secure=self._secure, httponly=True, samesite="lax")
        return answer

    async def _leave(self, request: Request) -> Response:
        """Go to the provider; a cookie ties its answer to this browser."""
        assert self._provider is not None
        onward = local(request.query_params.get("next", "/"))
        try:
            state, address = await run_in_threadpool(self._provider.begin, onward)
        except Refused as error:
            return self._page(502, problem=str(error), next=onward)
        answer = RedirectResponse(address, 303, HEADERS)
        answer.set_cookie(
            _STATE, state, max_age=600, path="/sign-in", secure=self._secure, httponly=True, samesite="lax"
        )
        return answer

    async def _back(self, request: Request) -> Response:
        """Take the provider's answer."""
        assert self._provider is not None
        query = dict(request.query_params)
        try:
            asker, onward = await run_in_threadpool(self._provider.finish, query, request.cookies.get(_STATE, ""))
        except (Refused, Exists, Invalid) as error:
            await run_in_threadpool(self._sign_in.failed, "provider", "oidc", address_of(request))
            return self._page(403, problem=str(error))
        answer = await self._started(request, asker, "oidc", onward)
        answer.delete_cookie(_STATE, path="/sign-in")
        return answer

    async def _started(self, request: Request, asker: Asker, by: str, onward: str) -> Response:
        """Begin a session under a new secret, whatever the browser brought along (session fixation)."""
        before = request.cookies.get(self._recogniser.cookie)
        secret = await run_in_threadpool(self._sign_in.start_session, asker.name, by, address_of(request), before)
        answer = RedirectResponse(onward, 303, HEADERS)
        answer.set_cookie(
            self._recogniser.cookie,
            secret,
            max_age=SESSION_MS // 1000,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    def _user(self, request: Request) -> Asker | None:
        try:
            return self._sign_in.by_session(request.cookies.get(self._recogniser.cookie, ""))
        except Refused:
            return None

    def _page(self, status: int = 200, **facts: str) -> Response:
        shown = {"user": "", "problem": "", "name": "", "next": "/"} | facts
        provider = self._provider.label if self._provider else ""
        text = _templates().get_template("sign_in.html").render(**shown, provider=provider)
        headers = HEADERS | ({"Retry-After": str(WAIT_S)} if status == 429 else {})
        return Response(text, status, headers, "text/html; charset=utf-8")


def local(path: str) -> str:
    """A path on this server to go to; the first page for anything else.

    >>> local("/runs?a=1"), local("//evil.example"), local("https://evil.example")
    ('/runs?a=1', '/', '/')
    """
    plain = path.isprintable() and "\\" not in path and " " not in path
    return path if plain and path.startswith("/") and not path.startswith("//") else "/"


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form; none where it is too long or not one."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST:
            return {}
    try:
        return {key: values[-1] for key, values in parse_qs(body.decode(), max_num_fields=20).items()}
    except ValueError:
        return {}


@functools.cache
def _templates() -> Environment:
    return Environment(loader=PackageLoader("attain.server.access"), autoescape=True)
