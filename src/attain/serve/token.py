"""Who may ask: whoever shows the server's token; probes are open to all."""

import hmac

from starlette.types import ASGIApp, Receive, Scope, Send

from attain.server import wire

OPEN = ("/ping", "/health", "/v2/health/live", "/v2/health/ready")


class Token:
    """An ASGI app that lets only requests with a token through to another."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app, self._wanted = app, f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        shown = wire.header(scope, b"authorization").encode("latin-1") if scope["type"] == "http" else b""
        if scope["type"] != "http" or scope["path"] in OPEN or hmac.compare_digest(shown, self._wanted):
            await self._app(scope, receive, send)
            return
        message = "The request shows no token, or a wrong one: send the header 'Authorization: Bearer TOKEN'."
        reply = {"error": message} if scope["path"].startswith("/v2") else _mlflow(message)
        await wire.send_json(send, 401, reply, "Bearer")


def _mlflow(message: str) -> dict[str, str]:
    return {"error_code": "UNAUTHENTICATED", "message": message}
