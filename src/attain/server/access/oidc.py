"""Signing in at an OpenID Connect provider: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0)."""

import hmac
import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]  # has no types
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]  # has no types
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from attain.server.access.settings import OidcSettings
from attain.tracking.rights import Asker
from attain.tracking.sign_in import Refused, SignIn
from attain.tracking.sql.proofs import Pending

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Signatures by a key pair only: never `none`, never one that a shared secret can make."""

_WAIT_S, _LEEWAY_S = 10.0, 60

Json = Mapping[str, Any]


class Provider:
    """An identity provider. Safe to use from several threads; nothing is asked of it before somebody signs in."""

    def __init__(self, settings: OidcSettings, sign_in: SignIn) -> None:
        self._settings, self._sign_in = settings, sign_in
        self._described: Json | None = None

    @property
    def label(self) -> str:
        """What the link on the sign-in page says."""
        return self._settings.label

    def begin(self, onward: str) -> tuple[str, str]:
        """The state of a new sign-in, and the address at the provider to go to."""
        place = self._description()["authorization_endpoint"]
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        state = self._sign_in.begin(Pending(nonce, verifier, onward))
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._settings.redirect_uri,
            "scope": self._settings.scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        return state, f"{place}{'&' if '?' in place else '?'}{urlencode(asked)}"

    def finish(self, answer: Mapping[str, str], state: str) -> tuple[Asker, str]:
        """The user whom the provider has recognised, and the page to go to.

        Args:
            answer: the query that the browser brings back.
            state: what this browser was given when it began.

        Raises:
            Refused: the answer is not one to what this browser asked, or what the provider says is not sound.
            Exists: the name belongs to somebody else here.
        """
        given = answer.get("state", "")
        if not state or not hmac.compare_digest(given.encode(), state.encode()):
            raise Refused("The sign-in was not begun in this browser. Begin again.")
        pending = self._sign_in.answered(state)
        if answer.get("iss", self._settings.issuer) != self._settings.issuer or "code" not in answer:
            raise Refused(f"The provider did not let you sign in ({answer.get('error', 'no code')!r}).")
        claims = self._claims(self._exchanged(answer["code"], pending.verifier), pending.nonce)
        name = next((claims[c] for c in (self._settings.name_claim, "email", "sub") if claims.get(c)), "")
        groups = claims.get(self._settings.groups_claim) or []
        listed = [groups] if isinstance(groups, str) else [group for group in groups if isinstance(group, str)]
        return self._sign_in.provided(f"{claims['iss']} {claims['sub']}"[:500], str(name), listed), pending.next

    def _description(self) -> Json:
        """What the provider says of itself; read once."""
        if self._described is None:
            found = _read("GET", self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if found.get("issuer") != self._settings.issuer:
                raise Refused(f"The provider calls itself {found.get('issuer')!r}, not {self._settings.issuer!r}.")
            if missing := {"authorization_endpoint", "token_endpoint", "jwks_uri"} - found.keys():
                raise Refused(f"The provider does not say its {', '.join(sorted(missing))}.")
            self._described = found
        return self._described

    def _exchanged(self, code: str, verifier: str) -> Json:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._settings.redirect_uri,
            "client_id": self._settings.client_id,
            "code_verifier": verifier,
        }
        secret = self._settings.client_secret
        shown = httpx.BasicAuth(self._settings.client_id, secret.get_secret_value()) if secret else None
        return _read("POST", self._description()["token_endpoint"], data=fields, auth=shown)

    def _claims(self, given: Json, nonce: str) -> Json:
        """What the provider's signed token says, checked (Core 1.0, 3.1.3.7), and what it tells beside."""
        keys, access = _read("GET", self._description()["jwks_uri"]), given.get("access_token")
        demanded = {"iss": self._settings.issuer, "aud": self._settings.client_id, "nonce": nonce}
        try:
            token = jwt.decode(str(given.get("id_token", "")), KeySet.import_key_set(keys), algorithms=ALGORITHMS)  # type: ignore[arg-type]  # JSON as it came; what is not a key set is refused
            claims = CodeIDToken(
                token.claims,
                token.header,
                {name: {"essential": True, "value": value} for name, value in demanded.items()},
                {"nonce": nonce, "client_id": self._settings.client_id, "access_token": access},
            )
            claims.validate(now=int(time.time()), leeway=_LEEWAY_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Refused(f"The provider's token is not sound ({type(error).__name__}).") from None
        wanted = {self._settings.name_claim, self._settings.groups_claim} - claims.keys()
        place = self._description().get("userinfo_endpoint")
        if not wanted or not place or not access:
            return dict(claims)
        more = _read("GET", place, headers={"Authorization": f"Bearer {access}"})
        if more.get("sub") != claims["sub"]:
            raise Refused("The provider's two answers are about different people.")
        return {**more, **claims}


def _read(method: str, address: str, **options: Any) -> Json:  # what httpx takes
    try:
        answer = httpx.request(method, address, timeout=_WAIT_S, **options)
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Refused(f"The provider cannot be asked ({type(error).__name__}). Try again later.") from None
    if not isinstance(found, dict):
        raise Refused("The provider's answer is not a JSON object.")
    return found
