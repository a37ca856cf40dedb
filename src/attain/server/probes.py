"""What may be asked of the server by anybody: whether it lives, what it speaks, how busy it is."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from attain.server.counts import Counts
from attain.server.rest.small import VERSION, not_offered, server_info


def probes(counts: Counts, *, access: bool) -> list[Route]:
    """Routes of the server's app.

    Args:
        counts: what `/metrics` tells.
        access: whether access is controlled.
    """
    info = server_info(access=access)

    async def health(_: Request) -> Response:
        return PlainTextResponse("OK")

    async def version(_: Request) -> Response:
        return PlainTextResponse(VERSION)

    async def described(_: Request) -> Response:
        return JSONResponse(info)

    async def metrics(_: Request) -> Response:
        return PlainTextResponse(counts.text(), media_type="text/plain; version=0.0.4")

    return [
        Route("/health", health),
        Route("/version", version),
        Route("/metrics", metrics),
        Route("/api/3.0/mlflow/server-info", described),
        Route("/ajax-api/3.0/mlflow/server-info", described),
    ]


async def nothing_here(request: Request, error: Exception) -> Response:
    """The answer for a path or a method that the server does not have."""
    path, status = request.url.path, getattr(error, "status_code", 404)
    if (part := not_offered(path)) is not None:
        code, status, message = "NOT_IMPLEMENTED", 501, f"attain's server does not have this part of MLflow: {part}."
    elif status == 405:
        code, message = "BAD_REQUEST", f"{path} does not take {request.method}."
    else:
        code, message = "ENDPOINT_NOT_FOUND", f"This server has nothing at {path}."
    return JSONResponse({"error_code": code, "message": message}, status)
