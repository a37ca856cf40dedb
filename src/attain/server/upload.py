"""Taking a file in: a body of any length in constant memory, kept as a whole or not at all."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from starlette.types import Message, Receive, Scope

from attain.server import wire
from attain.server.worker import Worker
from attain.tracking.blobs import PIECE, Blob, Blobs, Upload

DRAINED = 64 << 20
"""Bytes of a refused upload that are still read, so that the client sends all and then sees the answer."""


class Body:
    """A request's body, of which one can tell whether it was read to its end."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._ended = receive, False

    async def receive(self) -> Message:
        """The next message."""
        message = await self._receive()
        self._ended = message["type"] == "http.disconnect" or not message.get("more_body")
        return message

    async def drain(self, scope: Scope) -> None:
        """Read what a client still sends, within limits; one that waits for a go-ahead sends nothing."""
        left = 0 if wire.header(scope, b"expect") else DRAINED
        while left > 0 and not self._ended:
            left -= len((await self.receive()).get("body", b""))


@asynccontextmanager
async def received(
    scope: Scope, receive: Receive, worker: Worker, blobs: Blobs, most: int
) -> AsyncIterator[tuple[Upload, Blob]]:
    """The content of a request, which lies in its place now; within, it can be kept again.

    Raises:
        TooLarge: it has more than `most` bytes (if that is not 0).
        BadRequest: the client went away in the middle of it.
        Unavailable: the place cannot be written to.
    """
    declared = wire.header(scope, b"content-length")
    _check_size(int(declared) if declared.isdigit() else 0, most)
    with blobs.upload() as upload:
        async for piece, last in _pieces(receive, most):
            blob = await worker.read(partial(_step, upload, piece, last=last))
        assert blob is not None
        yield upload, blob


def _step(upload: Upload, piece: bytearray, *, last: bool) -> Blob | None:
    upload.write(piece)
    return upload.keep() if last else None


async def _pieces(receive: Receive, most: int) -> AsyncIterator[tuple[bytearray, bool]]:
    """The body in pieces of about 1 MiB, and whether each is the last."""
    piece, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise wire.BadRequest("The upload broke off before its end; nothing of it is kept.")
        part = message.get("body", b"")
        piece += part
        size += len(part)
        _check_size(size, most)
        last = not message.get("more_body")
        if last or len(piece) >= PIECE:
            yield piece, last
            piece = bytearray()
        if last:
            return


def _check_size(size: int, most: int) -> None:
    if most and size > most:
        raise wire.TooLarge(f"The file has more than {most:,} bytes, which is the most that this server takes.")
