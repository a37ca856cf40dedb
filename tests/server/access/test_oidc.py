"""Signing in at a provider: a small one that the test starts on loopback, with real HTTP and real signatures."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from attain.server.access.opening import open_gate
from attain.server.access.settings import AccessSettings, OidcSettings
from attain.tracking.sql.store import Store

CLIENT, SECRET = "attain", "the provider's secret"
KEY = RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256", "use": "sig"}, private=True)
Json = dict[str, Any]


class Provider:
    """An OpenID provider; what it says can be bent by the test.

    Attributes:
        claims: put over the sound claims of each token; None takes a claim away.
        sign: makes the token of header and claims.
        userinfo: what it tells to who has an access token.
        tokens_asked: the forms that came to its token endpoint.
    """

    def __init__(self) -> None:
        self.claims: Json = {}
        self.userinfo: Json = {}
        self.sign: Callable[[Json], str] = lambda claims: jwt.encode({"alg": "RS256", "kid": "1"}, claims, KEY)
        self.tokens_asked: list[Json] = []
        self.codes: dict[str, Json] = {}
        self.issuer = ""

    def authorize(self, address: str) -> dict[str, str]:
        """What the browser brings back after the user has said yes at an address."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.issuer}/authorize?")
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def get(self, path: str, authorization: str) -> Json | None:
        if path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
            return {"issuer": self.issuer} | {
                name: f"{self.issuer}/{end}" for name, end in {**ends, "userinfo_endpoint": "userinfo"}.items()
            }
        if path == "/keys":
            return {"keys": [KEY.as_dict(private=False)]}
        return self.userinfo if path == "/userinfo" and authorization == "Bearer access" else None

    def token(self, form: Json, authorization: str) -> Json | None:
        """A token for a code that is good once, to who knows the secret and the verifier (RFC 7636)."""
        self.tokens_asked.append(form)
        asked = self.codes.pop(form.get("code", ""), None)
        shown = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or shown != f"{CLIENT}:{SECRET}" or challenge != asked["code_challenge"]:
            return None
        if form["redirect_uri"] != asked["redirect_uri"]:
            return None
        now = int(time.time())
        sound = {"iss": self.issuer, "sub": "u-1", "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked["nonce"]}
        claims = sound | {"preferred_username": "olga", "groups": ["lab", "unknown"]} | self.claims
        id_token = self.sign({name: value for name, value in claims.items() if value is not None})
        return {"access_token": "access", "token_type": "Bearer", "id_token": id_token}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        self._answer(self.provider.get(self.path, self.headers.get("Authorization", "")))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(self.provider.token(form, self.headers.get("Authorization", "")))

    def _answer(self, reply: Json | None) -> None:
        content = json.dumps(reply or {"error": "invalid_request"}).encode()
        self.send_response(400 if reply is None else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield provider
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def browser(  # a Browser of the conftest
    people: Store, serve: Any, provider: Provider, browsing: Any, monkeypatch: pytest.MonkeyPatch
) -> Any:
    monkeypatch.setenv("ATTAIN_OIDC_CLIENT_SECRET", SECRET)
    oidc = OidcSettings(
        issuer=provider.issuer,
        client_id=CLIENT,
        redirect_uri="http://127.0.0.1/sign-in/oidc/callback",
        label="Sign in at school",
    )
    return browsing(serve(access=open_gate(people, AccessSettings(secure_cookies=False, oidc=oidc))).url)


def came_back(browser: Any, provider: Provider, **changes: str) -> tuple[Any, str]:
    """Go to the provider and come back with its answer; what the server says."""
    answer, _ = browser.get("/sign-in/oidc?next=/runs")
    assert answer.status == 303
    brought = provider.authorize(answer.headers["Location"]) | changes
    found: tuple[Any, str] = browser.get(f"/sign-in/oidc/callback?{urlencode(brought)}")
    return found


def test_who_the_provider_knows_is_signed_in_and_joins_the_groups_that_exist(
    browser: Any, provider: Provider, people: Store
) -> None:
    assert "Sign in at school" in browser.get("/sign-in")[1]
    answer, _ = came_back(browser, provider)
    assert (answer.status, answer.headers["Location"]) == (303, "/runs")
    assert "signed in as <strong>olga</strong>" in browser.get("/sign-in")[1]
    olga = next(user for user in people.access.principals("user").items if user.name == "olga")
    assert (olga.groups, olga.role, olga.has_password) == (("lab",), "member", False)


def test_groups_follow_the_provider_but_those_given_here_stay(browser: Any, provider: Provider, people: Store) -> None:
    people.access.add_group("here", "test")
    came_back(browser, provider)
    people.access.join("olga", "here", "test")
    provider.claims = {"groups": "unknown", "preferred_username": "renamed"}
    came_back(browser, provider)
    users = {user.name: user.groups for user in people.access.principals("user").items}
    assert users["olga"] == ("here",)
    assert "renamed" not in users


def test_what_the_token_does_not_say_the_provider_is_asked_for(browser: Any, provider: Provider, people: Store) -> None:
    provider.claims = {"preferred_username": None, "groups": None}
    provider.userinfo = {"sub": "u-1", "preferred_username": "olga", "groups": ["lab"]}
    assert came_back(browser, provider)[0].status == 303
    assert people.access.asker("olga").name == "olga"
    provider.userinfo["sub"] = "u-2"
    assert "different people" in came_back(browser, provider)[1]


UNSOUND: list[Json] = [
    {"nonce": "another"},
    {"nonce": None},
    {"aud": "another"},
    {"aud": None},
    {"iss": "http://evil.example"},
    {"exp": 1},
    {"exp": None},
    {"iat": 2**40},
    {"sub": None},
    {"azp": "another"},
]


def test_a_token_that_is_not_for_this_sign_in_is_refused(browser: Any, provider: Provider) -> None:
    for claims in UNSOUND:
        provider.claims = claims
        answer, text = came_back(browser, provider)
        assert (claims, answer.status, "not sound" in text) == (claims, 403, True)
    assert "Signed in" not in browser.get("/sign-in")[1]


def _unsigned(claims: Json) -> str:
    parts = [json.dumps({"alg": "none"}), json.dumps(claims)]
    return ".".join(base64.urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in parts) + "."


STRANGER = RSAKey.generate_key(2048, {"kid": "1"}, private=True)
SHARED = OctKey.import_key(SECRET)


FORGED: dict[str, Callable[[Json], str]] = {
    "unsigned": _unsigned,
    "another key": lambda claims: jwt.encode({"alg": "RS256", "kid": "1"}, claims, STRANGER),
    "shared secret": lambda claims: jwt.encode({"alg": "HS256", "kid": "1"}, claims, SHARED),
    "rubbish": lambda claims: "rubbish",
}


def test_a_token_that_the_provider_did_not_sign_is_refused(browser: Any, provider: Provider) -> None:
    for name, sign in FORGED.items():
        provider.sign = sign
        answer, text = came_back(browser, provider)
        assert (name, answer.status, "not sound" in text) == (name, 403, True)


def test_an_answer_that_was_not_asked_for_is_refused(browser: Any, provider: Provider) -> None:
    for changes in ({"state": "another"}, {"code": "stolen"}, {"iss": "http://evil.example"}):
        assert came_back(browser, provider, **changes)[0].status == 403


def test_an_answer_is_good_once_and_in_the_browser_that_asked(browser: Any, provider: Provider, browsing: Any) -> None:
    answer, _ = browser.get("/sign-in/oidc")
    brought = f"/sign-in/oidc/callback?{urlencode(provider.authorize(answer.headers['Location']))}"
    assert "not begun in this browser" in browsing(browser.url).get(brought)[1]
    state = browser.cookies["attain-sign-in"]
    assert browser.get(brought)[0].status == 303
    browser.cookies["attain-sign-in"] = state
    assert "answered before" in browser.get(brought)[1]


def test_a_name_that_somebody_has_already_is_not_taken_over(browser: Any, provider: Provider, people: Store) -> None:
    provider.claims = {"preferred_username": "root"}
    answer, text = came_back(browser, provider)
    assert (answer.status, "called &#39;root&#39; already" in text) == (403, True)
    actions = [entry.action for entry in people.access.entries().items]
    assert "sign_in.failed" in actions


def test_a_provider_that_is_away_is_told_in_words(browser: Any, provider: Provider) -> None:
    provider.issuer = "http://127.0.0.1:1"  # it calls itself something else now
    answer, text = browser.get("/sign-in/oidc")
    assert answer.status == 502
    assert "calls itself" in text
