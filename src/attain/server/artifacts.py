"""The bytes of artifacts: sent up and down piece by piece, listed, deleted, at the addresses of MLflow's clients."""

import re
from dataclasses import dataclass, replace
from functools import partial

from starlette.requests import HTTPConnection
from starlette.routing import Route as Place
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from attain.server import wire
from attain.server.access_hook import Access
from attain.server.carry_out import carried_out
from attain.server.counts import ROUTE, USER
from attain.server.download import send_file
from attain.server.rest.artifacts import shown
from attain.server.rest.call import Call, Reply, Route
from attain.server.upload import Body, received
from attain.server.worker import Worker
from attain.tracking.artifacts import checked_path, info, list_artifacts
from attain.tracking.blobs import Blob
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.sql.store import Store

PREFIXES = ("/api/2.0/", "/ajax-api/2.0/")
FILES = "mlflow-artifacts/artifacts"
SCHEME = "mlflow-artifacts:/"
NOT_OFFERED = {
    "mpu": "Multipart upload is not supported for the current artifact repository",
    "presigned": "Presigned download is not supported for the current artifact repository",
}
"""What the client must hear so that it sends or fetches the file in one piece."""


@dataclass(frozen=True)
class Address:
    """A file or folder among the proxied artifacts: whose it is (a run or logged model), and the path inside."""

    root: str
    owner: str
    path: str


def address(path: str) -> Address:
    """What a proxied path means: `<experiment>/<run>/artifacts/…` or `<experiment>/models/<model>/artifacts/…`.

    Raises:
        Invalid: it is not a plain path.
        NotFound: it does not lie among the files of a run or logged model.
    """
    whose = r"(?P<root>\d+/(?:models/(?P<model>m-[0-9a-f]{32})|(?P<run>[0-9a-f]{32}))/artifacts)"
    match = re.fullmatch(whose + r"(?:/(?P<path>.*))?", path, re.DOTALL)
    if match is None:
        raise NotFound(f"{checked_path(path)!r} is not among the artifacts of a run or logged model.")
    inside = checked_path(match["path"]) if match["path"] else ""
    return Address(match["root"], match["model"] or match["run"], inside)


def list_proxied(call: Call) -> Reply:
    """What lies directly in a folder, each under its own name alone."""
    where = _found(call.store, call.text("path"))
    files = list_artifacts(call.store, where.owner, where.path)
    return {"files": [shown(file, file.path.rpartition("/")[2]) for file in files]}


def delete_proxied(call: Call) -> Reply:
    """Take away a file or folder, or all files of a run."""
    where = _found(call.store, call.text("path"))
    call.store.remove_artifacts(where.owner, where.path)
    return {}


def get_proxied(call: Call) -> Reply:
    """Whose file it is, and its path; the bytes follow."""
    where = _found(call.store, call.text("path"))
    return {"owner": where.owner, "path": where.path}


def get_of_run(call: Call) -> Reply:
    """The same for a run and a path in it."""
    return {"owner": call.run_id(), "path": checked_path(call.text("path"))}


def get_of_version(call: Call) -> Reply:
    """The same for a version of a registered model."""
    storage = call.store.registry.version(call.text("name"), call.text("version")).storage
    if not storage.startswith(SCHEME):
        raise Invalid(f"The files of this version lie elsewhere: {storage!r}.")
    where = _found(call.store, f"{storage.removeprefix(SCHEME).strip('/')}/{checked_path(call.text('path'))}")
    return {"owner": where.owner, "path": where.path}


LIST = Route("GET", FILES, list_proxied, writes=False)
GET = Route("GET", FILES + "/{path}", get_proxied, writes=False)
PUT = Route("PUT", FILES + "/{path}", get_proxied, writes=False)
DELETE = Route("DELETE", FILES + "/{path}", delete_proxied, writes=True)
GET_OF_RUN = Route("GET", "get-artifact", get_of_run, writes=False)
GET_OF_VERSION = Route("GET", "model-versions/get-artifact", get_of_version, writes=False)


def artifact_routes(store: Store, worker: Worker, access: Access | None = None, most: int = 0) -> list[Place]:
    """Routes for the bytes of artifacts.

    Args:
        store: whose artifacts.
        worker: does what takes time.
        access: who decides who may do what; None lets everybody do everything.
        most: the largest file that is taken, in bytes; 0 for no limit.
    """
    files = _Files(store, worker, access, most)
    places = [
        Place("/get-artifact", _Endpoint(files.get_of_run), methods=["GET"]),
        Place("/model-versions/get-artifact", _Endpoint(files.get_of_version), methods=["GET"]),
    ]
    for prefix in PREFIXES:
        places += [
            Place(prefix + FILES, _Endpoint(files.list), methods=["GET"]),
            Place(prefix + FILES + "/{path:path}", _Endpoint(files.get), methods=["GET"]),
            Place(prefix + FILES + "/{path:path}", _Endpoint(files.put), methods=["PUT"]),
            Place(prefix + FILES + "/{path:path}", _Endpoint(files.delete), methods=["DELETE"]),
            Place(prefix + "mlflow-artifacts/mpu/{path:path}", _Endpoint(_not_offered), methods=["POST"]),
            Place(prefix + "mlflow-artifacts/presigned/{path:path}", _Endpoint(_not_offered), methods=["GET"]),
        ]
    return places


class _Files:
    def __init__(self, store: Store, worker: Worker, access: Access | None, most: int) -> None:
        self._store, self._worker, self._access, self._most = store, worker, access, most

    async def list(self, scope: Scope, receive: Receive, send: Send) -> None:
        await wire.send_json(send, 200, await self._done(scope, LIST, _query(scope)))

    async def delete(self, scope: Scope, receive: Receive, send: Send) -> None:
        await wire.send_json(send, 200, await self._done(scope, DELETE, scope["path_params"]))

    async def get(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._send(scope, receive, send, await self._done(scope, GET, scope["path_params"]))

    async def get_of_run(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._send(scope, receive, send, await self._done(scope, GET_OF_RUN, _query(scope)))

    async def get_of_version(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._send(scope, receive, send, await self._done(scope, GET_OF_VERSION, _query(scope)))

    async def put(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = await self._done(scope, PUT, scope["path_params"])
        if not place["path"]:
            raise Invalid("The path names no file; expected one below '…/artifacts/'.")
        await self._keep(scope, receive, place)
        await wire.send_json(send, 200, {})

    async def _done(self, scope: Scope, route: Route, values: wire.Values) -> wire.Values:
        """What a route's handler gives, if it may be asked."""
        scope[ROUTE], access = route.path, self._access
        call = Call(self._store, values)
        if access is not None:
            request = HTTPConnection(scope)
            scope[USER] = user = await self._worker.read(lambda: access.check(request, route, call))
            call = replace(call, user=user)
        at_work = self._worker.write if route.writes else self._worker.read
        given = await at_work(partial(carried_out, route, call, access))
        assert isinstance(given, dict), "places and lists of files are not written as text"
        return given

    async def _send(self, scope: Scope, receive: Receive, send: Send, place: wire.Values) -> None:
        file = await self._worker.read(lambda: self._store.artifact(place["owner"], place["path"]))
        blob = Blob(file.sha256 or "", file.size or 0)
        await send_file(scope, receive, send, self._worker, file, lambda: self._store.blobs.open(blob))

    async def _keep(self, scope: Scope, receive: Receive, place: wire.Values) -> None:
        """Bring a body to its place, then say that the run has it.

        A content that was there already may be collected as garbage at the last moment before the run has it;
        afterwards nobody takes it, so that one look more is enough.
        """
        store, worker = self._store, self._worker
        async with received(scope, receive, worker, store.blobs, self._most) as (upload, blob):
            await worker.write(lambda: store.add_artifacts(place["owner"], [info(place["path"], blob)]))
            if upload.was_there:
                await worker.read(upload.keep)


class _Endpoint:
    """An ASGI app that answers a refusal in MLflow's form."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, begun = Body(receive), False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, body.receive, sending)
        except Exception as error:  # the border of the server: whatever it is, the client is answered
            if begun:  # the answer breaks off, and the client sees that
                raise
            await body.drain(scope)
            status, reply, scheme = wire.explained(error)
            await wire.send_json(send, status, reply, scheme)


async def _not_offered(scope: Scope, receive: Receive, send: Send) -> None:
    way = "mpu" if "/mpu/" in scope["path"] else "presigned"
    scope[ROUTE] = f"mlflow-artifacts/{way}/{{path}}"
    raise wire.NotOffered(NOT_OFFERED[way])


def _query(scope: Scope) -> wire.Values:
    return wire.from_query(scope["query_string"])[0]


def _found(store: Store, path: str) -> Address:
    """See `address`; the path is also where the run's or model's files really are."""
    where = address(path)
    if store.artifact_uri(where.owner).rstrip("/") != f"{SCHEME}{where.root}":
        raise NotFound(f"There is nothing at {path!r}.")
    return where
