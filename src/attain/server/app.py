"""The server's app: MLflow's protocol, and what goes beyond it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from attain.server.access_hook import Access
from attain.server.artifacts import artifact_routes
from attain.server.protocol import PREFIXES, Protocol, table
from attain.server.rest import artifacts, attain_jobs, experiments, metrics, runs
from attain.server.rest.call import Route
from attain.server.settings import Settings
from attain.server.worker import Worker
from attain.tracking.sql.store import Store

MLFLOW_ROUTES: tuple[Route, ...] = (*experiments.ROUTES, *runs.ROUTES, *metrics.ROUTES, *artifacts.ROUTES)
VERSION = "3.18.0"
"""The MLflow version that is spoken."""


def create_app(settings: Settings, store: Store, access: Access | None = None) -> FastAPI:
    """The ASGI app over a store.

    Args:
        settings: of the server.
        store: where everything is kept; the caller closes it.
        access: who decides who may do what; None lets everybody do everything.
    """
    worker = Worker(store, settings.threads)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        worker.close()

    app = FastAPI(title="attain", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.settings, app.state.store, app.state.worker, app.state.access = settings, store, worker, access
    app.add_route("/health", _health)
    app.add_route("/version", _version)
    app.router.routes.extend(artifact_routes(store, worker, access, settings.most_artifact))
    app.add_exception_handler(404, _not_found)
    app.add_exception_handler(405, _not_found)
    app.add_middleware(
        Protocol, table=table(_placed()), store=store, worker=worker, access=access, most_body=settings.most_body
    )
    return app


def _placed() -> Iterator[tuple[str, Route]]:
    """Every route of the protocol with its prefix."""
    for prefix in PREFIXES:
        for route in MLFLOW_ROUTES:
            yield prefix, route
    for route in attain_jobs.ROUTES:
        yield attain_jobs.PREFIX, route


async def _health(_: Request) -> Response:
    return PlainTextResponse("OK")


async def _version(_: Request) -> Response:
    return PlainTextResponse(VERSION)


async def _not_found(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    code = "ENDPOINT_NOT_FOUND" if status == 404 else "BAD_REQUEST"
    message = f"This server has nothing at {request.method} {request.url.path}."
    return JSONResponse({"error_code": code, "message": message}, status)
