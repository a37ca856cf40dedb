"""The OpenAPI document of the server's JSON endpoints, read from the handlers' own code: it cannot fall behind."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as Place

from attain.server.rest.call import VIEWS, Route
from attain.server.rest.small import VERSION

Json = dict[str, Any]

PATH = "/api/attain/openapi.json"

_TEXT: Json = {"type": "string"}
_WHOLE: Json = {"anyOf": [{"type": "integer", "format": "int64"}, {"type": "string", "pattern": "^[+-]?[0-9]{1,19}$"}]}
_PAIR: Json = {"type": "object", "properties": {"key": _TEXT, "value": _TEXT}, "required": ["key"]}
KINDS: dict[str, Json] = {
    "text": _TEXT,
    "optional": _TEXT,
    "run_id": _TEXT,
    "whole": _WHOLE,
    "flag": {"type": "boolean"},
    "view": {"enum": list(VIEWS)},
    "texts": {"type": "array", "items": _TEXT},
    "pairs": {"type": "array", "items": _PAIR},
    "objects": {"type": "array", "items": {"type": "object"}},
    "get": {},
}
"""The schema of a field, by the method of `Call` that reads it; `get` is of the raw values."""

NEEDED = ("text", "whole")
"""The methods that refuse a request without the field, unless they are given a default."""

Field = tuple[str, str, bool]
"""Its name, how it is read, whether it must be there."""


def openapi_route(routes: Iterable[tuple[str, Route]]) -> Place:
    """The route at which the document lies.

    Args:
        routes: those that it describes, each with the prefix of its path.
    """

    @cache
    def made() -> Json:
        return document(routes)

    async def described(_: Request) -> Response:
        return JSONResponse(made())

    return Place(PATH, described)


def document(routes: Iterable[tuple[str, Route]]) -> Json:
    """The document.

    Args:
        routes: those that it describes, each with the prefix of its path.
    """
    paths: dict[str, Json] = {}
    for prefix, route in routes:
        paths.setdefault(prefix + route.path, {})[route.method.lower()] = _operation(prefix, route)
    error = {
        "type": "object",
        "required": ["error_code", "message"],
        "properties": {"error_code": _TEXT, "message": _TEXT},
        "additionalProperties": False,
    }
    about = f"MLflow's REST protocol ({VERSION}), and what attain's own client needs besides."
    info = {"title": "attain", "version": VERSION, "description": about}
    return {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": {"Error": error}}}


def fields(handler: Callable[..., object]) -> dict[str, Field]:
    """The fields that a handler reads, in itself and in functions of its module that it hands the call to."""
    found: dict[str, Field] = {}
    for name, how, needed in _read(handler):
        ways = {how, found[name][1]} if name in found else {how}
        looked_for = "get" in ways  # whether it is there at all, so it need not be
        how = next(iter(sorted(ways - {"get"})), "get")
        found[name] = (name, how, needed and not looked_for)
    return found


def _operation(prefix: str, route: Route) -> Json:
    read = fields(route.handler)
    in_path = re.findall(r"\{(\w+)\}", route.path)
    parameters = [{"name": name, "in": "path", "required": True, "schema": _TEXT} for name in in_path]
    others = [one for name, one in read.items() if name not in in_path]
    body: Json = {}
    if route.method == "GET":
        parameters += [
            {"name": name, "in": "query", "required": needed, "schema": KINDS[how]} for name, how, needed in others
        ]
    elif others:
        schema: Json = {"type": "object", "properties": {name: KINDS[how] for name, how, _ in others}}
        if must := [name for name, _, needed in others if needed]:
            schema["required"] = must
        body = {"requestBody": {"required": bool(must), "content": {"application/json": {"schema": schema}}}}
    words = re.sub(r"\W+", "_", f"{route.method} {prefix}{route.path}").strip("_")
    refused = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    done = {"application/json": {"schema": {"type": "object"}}}
    return {
        "operationId": words,
        "summary": (inspect.getdoc(route.handler) or "").partition("\n")[0],
        **({"parameters": parameters} if parameters else {}),
        **body,
        "responses": {
            "200": {"description": "Done.", "content": done},
            "4XX": {"description": "Refused; the message says why.", "content": refused},
        },
    }


def _read(function: Callable[..., object], named: str = "") -> Iterator[Field]:
    """What a function reads of the call; `named` is the field's name where the function was given it."""
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(function)))):
        if not isinstance(node, ast.Call):
            continue
        texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if isinstance(node.func, ast.Name) and any(isinstance(a, ast.Name) and a.id == "call" for a in node.args):
            inner = getattr(function, "__globals__", {}).get(node.func.id)
            if inspect.isfunction(inner):
                yield from _read(inner, texts[0] if texts else "")
        elif how := _how(node.func):
            name = "run_id" if how == "run_id" else texts[0] if texts else named
            default = len(node.args) > 1 or bool(node.keywords)
            if name:
                yield name, how, how == "run_id" or (how in NEEDED and not default)


def _how(function: ast.expr) -> str | None:
    """By which method of `Call` a field is read: `call.text(…)`, `call.values.get(…)`."""
    if not isinstance(function, ast.Attribute) or function.attr not in KINDS:
        return None
    owner = function.value.value if isinstance(function.value, ast.Attribute) else function.value
    return function.attr if isinstance(owner, ast.Name) and owner.id == "call" else None
