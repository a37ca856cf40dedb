"""The app of `attain serve`: learners, MLflow's scoring protocol, and the Open Inference Protocol."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from attain import __version__
from attain.serve import interaction, mlflow, open_inference
from attain.serve.choose import MOST, TARGET, choose
from attain.serve.learners import Learners
from attain.serve.live import Live
from attain.serve.refusals import Unknown, WrongType, explained
from attain.serve.served import Served
from attain.serve.token import Token
from attain.server.hosts import LOOPBACK, Hosts
from attain.server.wire import header, read_body
from attain.server.worker import Worker

Handler = Callable[["Server", Request], Awaitable[Response]]


@dataclass(frozen=True)
class Server:
    """What requests are answered from."""

    live: Live
    learners: Learners
    worker: Worker
    most_body: int

    async def body(self, request: Request, *kinds: str) -> bytes:
        """The body of a request.

        Raises:
            WrongType: it is of another type; that of an HTML form, which any web page could send, is one.
            TooLarge: it is longer than is taken.
        """
        given = header(request.scope, b"content-type")
        if kinds and given.partition(";")[0].strip().lower() not in kinds:
            raise WrongType(f"The Content-Type is {given!r}; expected {' or '.join(map(repr, kinds))}.")
        return await read_body(request.scope, request.receive, self.most_body)


def create_app(
    live: Live, learners: Learners, *, most_body: int, threads: int = 4, poll_s: float = 2.0, token: str | None = None
) -> Starlette:
    """The ASGI app.

    Args:
        live: the model.
        learners: where answers are kept; closed when the app ends.
        most_body: the largest body that is taken, in bytes.
        threads: that score rows and read what is known.
        poll_s: how often the model's alias is looked up.
        token: which requests must show; None lets everybody on this machine ask.
    """
    server = Server(live, learners, Worker(learners, threads), most_body)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        looking = asyncio.create_task(_look_on(server, poll_s)) if live.moves else None
        yield
        if looking is not None:
            looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await looking
        server.worker.close()
        learners.close()

    app = Starlette(lifespan=lifespan, routes=[_route(server, *given) for given in ROUTES])
    app.add_exception_handler(404, _nothing_here)
    app.add_exception_handler(405, _nothing_here)
    if token is None:
        app.add_middleware(Hosts, known=LOOPBACK)
    else:
        app.add_middleware(Token, token=token)
    return app


async def _look_on(server: Server, poll_s: float) -> None:
    while True:
        await asyncio.sleep(poll_s)
        await server.worker.read(server.live.look)


async def _take(server: Server, request: Request) -> Response:
    learner = interaction.checked_name("learner", request.path_params["learner"])
    values = mlflow.object_of(await server.body(request, mlflow.JSON_TYPE))
    work = partial(server.learners.take, server.live.now, learner, interaction.read(values))
    reply = await server.worker.write(work)
    whose = json.dumps({"learner": learner}, ensure_ascii=False)
    return Response(f"{whose[:-1]}, {reply[1:]}", media_type="application/json")


async def _mastery(server: Server, request: Request) -> Response:
    served, learner = server.live.now, request.path_params["learner"]

    def said() -> dict[str, object]:
        known = server.learners.known(served, learner)
        return {
            "learner": learner,
            "answers": known.answers,
            "mastery": dict(served.online.masteries(known.state)),
            "model": _named(served),
        }

    return JSONResponse(await server.worker.read(said))


async def _next(server: Server, request: Request) -> Response:
    served, learner = server.live.now, request.path_params["learner"]
    asked = _query(request, ("k", "policy", "target"))
    k = _number(asked, "k", 5, 1, MOST)
    policy, target = asked.get("policy", "zpd"), _number(asked, "target", TARGET, 0, 1)

    def said() -> dict[str, object]:
        known = server.learners.known(served, learner)
        seen = server.learners.items_of(served, learner)
        now = None if known.time_s is None else max(known.time_s, time.time())
        chosen = choose(served, known.state, seen, k=int(k), policy=policy, target=target, time_s=now)
        items = [
            {"item": one.asked.item, "skills": list(one.asked.skills), "expected": one.expected, "again": one.again}
            for one in chosen
        ]
        return {"learner": learner, "policy": policy, "items": items, "model": _named(served)}

    return JSONResponse(await server.worker.read(said))


async def _forget(server: Server, request: Request) -> Response:
    served, learner = server.live.now, request.path_params["learner"]
    await server.worker.write(partial(server.learners.forget, served, learner))
    return Response(status_code=204)


async def _invocations(server: Server, request: Request) -> Response:
    body = await server.body(request)
    kind = header(request.scope, b"content-type")
    return JSONResponse(await server.worker.read(partial(mlflow.invocations, server.live.now, body, kind)))


async def _ping(server: Server, request: Request) -> Response:
    return PlainTextResponse("\n")


async def _version(server: Server, request: Request) -> Response:
    return PlainTextResponse(__version__)


async def _v2(server: Server, request: Request) -> Response:
    return JSONResponse(open_inference.server())


async def _v2_live(server: Server, request: Request) -> Response:
    return JSONResponse({"live": True})


async def _v2_ready(server: Server, request: Request) -> Response:
    return JSONResponse({"ready": True})


async def _v2_model(server: Server, request: Request) -> Response:
    return JSONResponse(open_inference.model(server.live.now, *_v2_name(request)))


async def _v2_model_ready(server: Server, request: Request) -> Response:
    name, version = _v2_name(request)
    open_inference.check(server.live.now, name, version)
    return JSONResponse({"name": name, "ready": True})


async def _v2_infer(server: Server, request: Request) -> Response:
    values = mlflow.object_of(await server.body(request, mlflow.JSON_TYPE))
    name, version = _v2_name(request)
    return JSONResponse(await server.worker.read(partial(open_inference.infer, server.live.now, name, version, values)))


ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/learners/{learner}/interactions", _take),
    ("GET", "/learners/{learner}/mastery", _mastery),
    ("GET", "/learners/{learner}/next", _next),
    ("DELETE", "/learners/{learner}", _forget),
    ("POST", "/invocations", _invocations),
    ("GET", "/ping", _ping),
    ("GET", "/health", _ping),
    ("GET", "/version", _version),
    ("GET", "/v2", _v2),
    ("GET", "/v2/health/live", _v2_live),
    ("GET", "/v2/health/ready", _v2_ready),
    ("GET", "/v2/models/{name}", _v2_model),
    ("GET", "/v2/models/{name}/ready", _v2_model_ready),
    ("POST", "/v2/models/{name}/infer", _v2_infer),
    ("GET", "/v2/models/{name}/versions/{version}", _v2_model),
    ("GET", "/v2/models/{name}/versions/{version}/ready", _v2_model_ready),
    ("POST", "/v2/models/{name}/versions/{version}/infer", _v2_infer),
)


def _route(server: Server, method: str, path: str, handler: Handler) -> Route:
    async def answered(request: Request) -> Response:
        try:
            return await handler(server, request)
        except Exception as error:  # noqa: BLE001 - the border of the server: whatever it is, the client is answered
            return _refusal(request, *explained(error))

    return Route(path, answered, methods=[method])


def _refusal(request: Request, status: int, code: str, message: str) -> Response:
    """A refusal in the form of the protocol that was spoken."""
    if request.url.path.startswith("/v2"):
        return JSONResponse({"error": message}, status)
    return JSONResponse({"error_code": code, "message": message}, status)


async def _nothing_here(request: Request, error: Exception) -> Response:
    path = request.url.path
    if getattr(error, "status_code", 404) == 405:
        return _refusal(request, 405, "BAD_REQUEST", f"{path} does not take {request.method}.")
    return _refusal(request, 404, "ENDPOINT_NOT_FOUND", f"This server has nothing at {path}.")


def _v2_name(request: Request) -> tuple[str, str | None]:
    return request.path_params["name"], request.path_params.get("version")


def _named(served: Served) -> dict[str, str]:
    return {"name": served.name, "version": served.version}


def _query(request: Request, known: tuple[str, ...]) -> Mapping[str, str]:
    if others := [name for name in request.query_params if name not in known]:
        raise Unknown(f"Unknown query {others[0]!r}; expected {', '.join(known)}.")
    return request.query_params


def _number(asked: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    whole = isinstance(default, int)
    try:
        value = (int if whole else float)(asked.get(name, default))
    except ValueError:
        value = high + 1
    if not low <= value <= high:
        raise Unknown(f"{name!r} is {asked[name][:40]!r}; expected a {'whole ' * whole}number from {low} to {high}.")
    return value
