"""How requests are read and answers written, in MLflow's form."""

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from attain.core.errors import UserError
from attain.server.access_hook import Denied, Unauthenticated
from attain.tracking.errors import Exists, Invalid, NotFound, Unavailable

Values = dict[str, Any]  # JSON

DISCARDED = 1 << 30
"""How much of a body that is too large is read all the same, since a client hears nothing before it has sent it all."""

_log = logging.getLogger(__name__)


class TooLarge(UserError):  # noqa: N818 - the name says what is wrong
    """A body is larger than the server takes: answered with 413."""


class BadRequest(UserError):  # noqa: N818
    """A body that cannot be read at all: answered with 400 BAD_REQUEST."""


class NotOffered(UserError):  # noqa: N818
    """A part of MLflow that this server does not have: answered with 501 NOT_IMPLEMENTED."""


ANSWERS: tuple[tuple[type[UserError], int, str], ...] = (
    (Invalid, 400, "INVALID_PARAMETER_VALUE"),
    (Exists, 400, "RESOURCE_ALREADY_EXISTS"),
    (BadRequest, 400, "BAD_REQUEST"),
    (Unauthenticated, 401, "UNAUTHENTICATED"),
    (Denied, 403, "PERMISSION_DENIED"),
    (NotFound, 404, "RESOURCE_DOES_NOT_EXIST"),
    (TooLarge, 413, "INVALID_PARAMETER_VALUE"),
    (NotOffered, 501, "NOT_IMPLEMENTED"),
    (Unavailable, 503, "TEMPORARILY_UNAVAILABLE"),
)
"""The status and MLflow's code of each kind of refusal."""


async def read_body(scope: Scope, receive: Receive, most: int) -> bytes:
    """The body of a request.

    Raises:
        TooLarge: it has more than `most` bytes.
        BadRequest: the client went away in the middle of it.
    """
    declared = header(scope, b"content-length")
    if declared.isdigit() and int(declared) > most and header(scope, b"expect"):  # it waits for a go-ahead
        raise TooLarge(f"The body has {int(declared):,} bytes; at most {most:,} are taken. Send smaller batches.")
    parts, size, more = [], 0, True
    while more and size <= max(most, DISCARDED):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The request broke off before its end.")
        body, more = message.get("body", b""), message.get("more_body", False)
        size += len(body)
        if size <= most:
            parts.append(body)
    if size > most:
        raise TooLarge(f"The body has more than {most:,} bytes, which is the most that is taken. Send smaller batches.")
    return parts[0] if len(parts) == 1 else b"".join(parts)


def is_longer(scope: Scope, size: int) -> bool:
    """Whether a body has more than so many bytes, or does not say how many."""
    declared = header(scope, b"content-length")
    return bool(header(scope, b"transfer-encoding")) or (declared.isdigit() and int(declared) > size)


def header(scope: Scope, name: bytes) -> str:
    """A header of a request; empty where it is missing."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def from_json(body: bytes, content_type: str) -> Values:
    """The fields of a JSON body; none where it is empty.

    Raises:
        BadRequest: the content type is another one, or the body is not a JSON object.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise BadRequest(f"The Content-Type is {content_type!r}; expected 'application/json'.")
    if not body:
        return {}
    try:
        found = json.loads(body)
        if isinstance(found, str):  # old clients encode twice
            found = json.loads(found)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}.") from None
    if not isinstance(found, dict):
        raise BadRequest(f"The body is a JSON {type(found).__name__}; expected an object.")
    return found


def from_query(query: bytes) -> tuple[Values, Mapping[str, list[str]]]:
    """The fields of a query: the last value of each, and all values of each."""
    if not query:
        return {}, {}
    try:
        repeated = parse_qs(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=10_000)
    except ValueError as error:
        raise BadRequest(f"The query cannot be read: {error}.") from None
    return {name: values[-1] for name, values in repeated.items()}, repeated


def explained(error: Exception) -> tuple[int, Values, str | None]:
    """The status, the body and perhaps a `WWW-Authenticate` for what went wrong."""
    for kind, status, code in ANSWERS:
        if isinstance(error, kind):
            scheme = error.scheme if isinstance(error, Unauthenticated) else None
            return status, {"error_code": code, "message": str(error)}, scheme
    _log.error("A request could not be answered.", exc_info=error)
    return 500, {"error_code": "INTERNAL_ERROR", "message": "The server made a mistake; its log says which."}, None


async def send_json(send: Send, status: int, reply: Values | str, scheme: str | None = None) -> None:
    """Answer with a JSON object, or its text."""
    text = reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False, separators=(",", ":"))
    body = text.encode("utf-8", "surrogatepass")
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if scheme:
        headers.append((b"www-authenticate", scheme.encode("latin-1")))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
