"""The server's app: MLflow's protocol, artifacts, probes, and the pages of access control."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette

from attain.server.access_hook import Access
from attain.server.artifacts import artifact_routes
from attain.server.counts import Counted, Counts
from attain.server.hosts import LOOPBACK, Hosts
from attain.server.openapi import openapi_route
from attain.server.probes import nothing_here, probes
from attain.server.protocol import PREFIXES, Protocol, table
from attain.server.rest import artifacts, attain_jobs, experiments, inputs, logged_models, metrics, registry, runs
from attain.server.rest.call import Route
from attain.server.settings import Settings
from attain.server.ui import rights
from attain.server.ui.site import Site
from attain.server.worker import Worker
from attain.tracking.sql.store import Store

MLFLOW_ROUTES: tuple[Route, ...] = (
    *experiments.ROUTES,
    *runs.ROUTES,
    *metrics.ROUTES,
    *inputs.ROUTES,
    *artifacts.ROUTES,
    *logged_models.ROUTES,
    *registry.ROUTES,
)


def create_app(settings: Settings, store: Store, access: Access | None = None) -> Starlette:
    """The ASGI app over a store, which is closed when the app ends.

    Args:
        settings: of the server.
        store: where everything is kept.
        access: who decides who may do what; None lets everybody do everything.
    """
    worker, counts = Worker(store, settings.threads), Counts()

    def close() -> None:
        worker.close()
        store.close()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        close()

    app = Starlette(lifespan=lifespan)
    app.state.settings, app.state.store, app.state.worker, app.state.access = settings, store, worker, access
    app.state.close = close
    app.router.routes.extend(probes(counts, access=access is not None))
    app.router.routes.append(openapi_route([*_own(), *((PREFIXES[0], route) for route in MLFLOW_ROUTES)]))
    app.router.routes.extend(artifact_routes(store, worker, access, settings.most_artifact))
    if access is not None:
        app.router.routes.extend(access.routes)
    app.router.routes.extend(Site(store, worker, access, endpoints()).routes())
    app.add_exception_handler(404, nothing_here)
    app.add_exception_handler(405, nothing_here)
    app.add_middleware(
        Protocol,
        table=table(_placed()),
        store=store,
        worker=worker,
        access=access,
        most_body=settings.most_body,
    )
    if known := settings.hosts or (LOOPBACK if access is None else ()):
        app.add_middleware(Hosts, known=known)
    pages = {path for place in app.routes if "{" not in (path := getattr(place, "path", "{"))}
    app.add_middleware(Counted, counts=counts, pages=pages)
    return app


def endpoints() -> dict[tuple[str, str], Route]:
    """The endpoints whose rights pages ask for, by method and path: MLflow's below the prefix, and our own."""
    return {(route.method, route.path): route for route in (*MLFLOW_ROUTES, *rights.ROUTES)}


def _placed() -> Iterator[tuple[str, Route]]:
    """Every route of the protocol with its prefix."""
    for prefix in PREFIXES:
        for route in MLFLOW_ROUTES:
            yield prefix, route
    yield from _own()


def _own() -> Iterator[tuple[str, Route]]:
    """The routes that only attain's own client knows."""
    for route in attain_jobs.ROUTES:
        yield attain_jobs.PREFIX, route
