"""Sending a file: whole or a part of it, piece by piece, with headers that keep a browser from running it."""

import asyncio
import json
import mimetypes
import re
from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from attain.core.errors import UserError
from attain.server import wire
from attain.server.worker import Worker
from attain.tracking.entities import ArtifactInfo

PIECE = 256 * 1024
"""Bytes that are read and sent at once."""

_TEXT = re.compile(
    "txt|log|err|cfg|conf|cnf|cf|ini|properties|prop|hocon|toml|yaml|yml|xml|json|js|py|py3|csv|tsv|md|rst|ipynb|"
    "MLmodel|MLproject"
)
"""Endings (and names without one) that MLflow sends as plain text."""

_SHOWN = ("text/plain", "image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")
"""What a browser may show in a page of ours: it cannot hold scripts that would run with our cookies."""


class NoSuchRange(UserError):  # noqa: N818 - the name says what is wrong
    """A part of a file is asked for that it does not have: answered with 416."""


async def send_file(
    scope: Scope, receive: Receive, send: Send, worker: Worker, file: ArtifactInfo, opened: Callable[[], BinaryIO]
) -> None:
    """Answer with a file of a run.

    Args:
        scope: the request; `Range`, `If-Range`, `If-None-Match` and HEAD are understood.
        receive: tells when the client has gone.
        send: takes the answer.
        worker: does the reading.
        file: what is asked for.
        opened: opens its content.

    Raises:
        Unavailable: its content cannot be read.
    """
    size, etag = file.size or 0, f'"{file.sha256}"'
    if etag in re.split(r"\s*,\s*", wire.header(scope, b"if-none-match")):
        await _begin(send, 304, [(b"etag", etag.encode())])
        await send({"type": "http.response.body"})
        return
    asked = wire.header(scope, b"range") if wire.header(scope, b"if-range") in ("", etag) else ""
    try:
        part = wanted(asked, size)
    except NoSuchRange as error:
        await _refuse_range(send, error, size)
        return
    start, end = part or (0, size)
    headers = [*headers_of(file.path), (b"etag", etag.encode()), (b"content-length", str(end - start).encode())]
    if part:
        headers.append((b"content-range", f"bytes {start}-{end - 1}/{size}".encode()))
    if scope["method"] == "HEAD":
        await _begin(send, 200, headers)
        await send({"type": "http.response.body"})
        return
    stream, piece = await worker.read(partial(_first, opened, start, end))
    try:
        await _begin(send, 206 if part else 200, headers)
        await send({"type": "http.response.body", "body": piece, "more_body": stream is not None})
        if stream is not None:
            await _send_rest(receive, send, worker, stream, end - start - len(piece))
    finally:
        if stream is not None:
            await worker.read(stream.close)


def wanted(asked: str, size: int) -> tuple[int, int] | None:
    """The first byte and the one after the last that a `Range` asks for; None for the whole file.

    Several ranges, other units and nonsense mean the whole file, as HTTP has it (RFC 9110, section 14.2).

    >>> wanted("bytes=2-", 10), wanted("bytes=-3", 10), wanted("bytes=0-99", 10), wanted("lines=1-2", 10)
    ((2, 10), (7, 10), (0, 10), None)

    Raises:
        NoSuchRange: none of it lies in the file.
    """
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", asked.strip())
    if not match or match[0].endswith("=-") or (match[1] and match[2] and int(match[1]) > int(match[2])):
        return None
    if match[1]:
        start, end = int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
    else:
        start, end = max(0, size - int(match[2])), size
    if start >= end:
        raise NoSuchRange(f"The file has {size:,} bytes; {asked!r} asks for none of them.")
    return start, end


def headers_of(path: str) -> list[tuple[bytes, bytes]]:
    """What a file is, and that a browser may not guess otherwise or run it."""
    kind = content_type(path)
    said = f"{kind}; charset=utf-8" if kind == "text/plain" else kind
    name = PurePosixPath(path).name
    plain = re.sub(r'[^\x20-\x7e]|["\\%]', "_", name)
    way = "inline" if kind in _SHOWN else "attachment"
    return [
        (b"content-type", said.encode()),
        (b"content-disposition", f"{way}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}".encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"sandbox; default-src 'none'"),
        (b"accept-ranges", b"bytes"),
        (b"cache-control", b"private, no-cache"),
    ]


def content_type(path: str) -> str:
    """The media type of a file by its name.

    >>> content_type("model/MLmodel"), content_type("a.csv"), content_type("roc.png"), content_type("weights")
    ('text/plain', 'text/plain', 'image/png', 'application/octet-stream')
    """
    name = PurePosixPath(path)
    if _TEXT.fullmatch(name.suffix[1:] or name.name):
        return "text/plain"
    return mimetypes.guess_type(name.name)[0] or "application/octet-stream"


def _first(opened: Callable[[], BinaryIO], start: int, end: int) -> tuple[BinaryIO | None, bytes]:
    """The first piece of a content, and where the rest comes from; None if that was all."""
    stream = opened()
    try:
        if start:
            stream.seek(start)
        piece = _read(stream, end - start)
    except BaseException:
        stream.close()
        raise
    if len(piece) < end - start:
        return stream, piece
    stream.close()
    return None, piece


async def _send_rest(receive: Receive, send: Send, worker: Worker, stream: BinaryIO, left: int) -> None:
    gone = asyncio.ensure_future(_gone(receive))
    try:
        while left and not gone.done():
            piece = await worker.read(partial(_read, stream, left))
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
    finally:
        gone.cancel()


def _read(stream: BinaryIO, left: int) -> bytes:
    piece = stream.read(min(PIECE, left))
    if left and not piece:
        raise OSError("A content is shorter than it was when it was kept.")
    return piece


async def _refuse_range(send: Send, error: NoSuchRange, size: int) -> None:
    body = json.dumps({"error_code": "INVALID_PARAMETER_VALUE", "message": str(error)}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-range", f"bytes */{size}".encode())]
    await _begin(send, 416, [*headers, (b"content-length", str(len(body)).encode())])
    await send({"type": "http.response.body", "body": body})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _begin(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
