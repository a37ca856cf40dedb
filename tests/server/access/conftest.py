"""A server that lets nobody in without a reason, and some who may come in."""

import base64
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from attain.server.access.opening import open_gate
from attain.server.access.settings import AccessSettings
from attain.tracking.passwords import hashed
from attain.tracking.rights import Role
from attain.tracking.sql import principals
from attain.tracking.sql.engine import writing
from attain.tracking.sql.store import Store

PASSWORD = "correct horse battery"


def basic(name: str, password: str = PASSWORD) -> dict[str, str]:
    """The header of HTTP basic."""
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"}


class Browser:
    """Keeps cookies, and says which page a form is on."""

    def __init__(self, url: str) -> None:
        self.url, self.host, self.cookies = url, urlsplit(url).netloc, dict[str, str]()
        self.set: list[str] = []

    def get(self, path: str) -> tuple[HTTPResponse, str]:
        return self.send("GET", path, None, {})

    def submit(self, path: str, origin: str | None = "", **fields: str) -> tuple[HTTPResponse, str]:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if origin is not None:
            headers["Origin"] = origin or self.url
        return self.send("POST", path, urlencode(fields), headers)

    def send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection(self.host, timeout=120)
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(method, path, body, headers | ({"Cookie": sent} if sent else {}))
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        self.set = answer.headers.get_all("Set-Cookie") or []
        for cookie in self.set:
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value.strip('"')
        return answer, text


@pytest.fixture
def browsing() -> Callable[[str], Browser]:
    """A browser for a server's address."""
    return Browser


@pytest.fixture
def password() -> str:
    return PASSWORD


@pytest.fixture
def uri(new_store: Any) -> str:
    """One database is enough for most: what is asked of the store is tested on each in `tests/tracking`."""
    found: str = new_store("sqlite")
    return found


@pytest.fixture(scope="session")
def hash() -> str:
    """The password's hash, which takes a while to make."""
    return hashed(PASSWORD)


@pytest.fixture
def people(store: Store, hash: str) -> Store:
    """A store with the admin `root`, the members `ann` and `ben` (of the group `lab`), and the auditor `otto`."""
    roles: dict[str, Role] = {"root": "admin", "ann": "member", "ben": "member", "otto": "auditor"}
    with writing(store._engine) as c:
        for name, role in roles.items():
            principals.add(c, "user", name, 1, role=role, password=hash)
    store.access.add_group("lab", "test")
    store.access.join("ben", "lab", "test")
    return store


@pytest.fixture
def guard(people: Store, serve: Callable[..., Any]) -> Callable[..., Any]:
    """Starts a server with access control, with settings of it as given."""
    return lambda **given: serve(access=open_gate(people, AccessSettings(secure_cookies=False, **given)))


@pytest.fixture
def guarded(guard: Callable[..., Any]) -> Any:  # the class `Running` of the conftest above
    """A server with access control as it is when nothing is set."""
    return guard()


@pytest.fixture
def ask(guarded: Any) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Asks the guarded server as somebody: `ask("ann", "POST", "runs/create", experiment_id="1")`."""

    def asked(name: str, method: str, path: str, /, **fields: Any) -> tuple[int, dict[str, Any]]:  # JSON
        status, reply = guarded.ask(method, path, fields, headers=basic(name))
        return status, reply

    return asked


@pytest.fixture(name="basic")
def basic_header() -> Callable[..., dict[str, str]]:
    return basic
