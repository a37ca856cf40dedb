"""Who asks: by HTTP basic, by bearer token, or by the cookie of a session."""

import base64

from starlette.requests import HTTPConnection

from attain.server.access_hook import Unauthenticated
from attain.tracking.rights import Asker
from attain.tracking.sign_in import Refused, SignIn

CHALLENGE = 'Basic realm="attain", charset="UTF-8"'


class Recogniser:
    """Reads what a request shows, and asks the store whose it is."""

    def __init__(self, sign_in: SignIn, *, secure: bool) -> None:
        self._sign_in = sign_in
        self.cookie = "__Host-attain-session" if secure else "attain-session"
        """The name of the cookie; with `__Host-` browsers take it over HTTPS from this very host only."""

    def recognise(self, request: HTTPConnection, asked: str) -> Asker:
        """The user who asks.

        Raises:
            Unauthenticated: nothing is shown, or what is shown is not good (any more).
        """
        address = address_of(request)
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        try:
            if scheme.lower() == "basic":
                return self._sign_in.by_password(*_name_and_password(shown), address)
            if scheme.lower() == "bearer":
                return self._sign_in.by_token(shown.strip(), address)
            if not scheme and (session := request.cookies.get(self.cookie)):
                return self._sign_in.by_session(session)
        except Refused as error:
            raise Unauthenticated(str(error), CHALLENGE) from None
        self._sign_in.stranger(address, asked)
        raise Unauthenticated(
            "You are not authenticated. Set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or "
            "MLFLOW_TRACKING_TOKEN, or sign in at /sign-in.",
            CHALLENGE,
        )

    def by_cookie(self, request: HTTPConnection) -> bool:
        """Whether it is a cookie that says who asks."""
        return "authorization" not in request.headers


def address_of(request: HTTPConnection) -> str:
    """The address that a request comes from."""
    return request.client.host if request.client else ""


def _name_and_password(shown: str) -> tuple[str, str]:
    try:
        name, colon, password = base64.b64decode(shown.strip(), validate=True).decode().partition(":")
    except ValueError:  # no base64, not even ASCII, or no UTF-8 in it
        name, colon, password = "", "", ""
    if not colon:
        raise Refused("The Authorization header cannot be read; expected 'Basic' and base64 of 'name:password'.")
    return name, password
