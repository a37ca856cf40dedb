"""Access control over a store, put together."""

import os

from pydantic import SecretStr

from attain.core.errors import UserError
from attain.server.access.gate import Gate
from attain.server.access.pages import Provider, SignInPages
from attain.server.access.recognise import Recogniser
from attain.server.access.settings import AccessSettings, OidcSettings
from attain.tracking.errors import Invalid
from attain.tracking.sign_in import SignIn
from attain.tracking.sql.store import Store

SECRET = "ATTAIN_OIDC_CLIENT_SECRET"


def open_gate(store: Store, settings: AccessSettings) -> Gate:
    """Access control for the users of a store.

    Raises:
        Invalid: there is no user yet and no provider, so that nobody could come in.
        UserError: a provider is set, but what is needed to ask it is not installed.
    """
    if not store.access.has_users() and settings.oidc is None:
        raise Invalid("Access control is on, but there is no user yet. Make the first: attain user add NAME --admin.")
    sign_in = store.sign_in
    recogniser = Recogniser(sign_in, secure=settings.secure_cookies)
    provider = _provider(settings.oidc, sign_in) if settings.oidc else None
    pages = SignInPages(sign_in, recogniser, provider, secure=settings.secure_cookies)
    return Gate(store.access, recogniser, settings, pages.routes())


def _provider(settings: OidcSettings, sign_in: SignIn) -> Provider:
    try:
        from attain.server.access import oidc
    except ModuleNotFoundError as error:
        raise UserError(
            f"Signing in by OpenID Connect needs {error.name!r}. Install it: pip install 'attain[oidc]'."
        ) from None
    if settings.client_secret is None and (secret := os.environ.get(SECRET, "")):
        settings = settings.model_copy(update={"client_secret": SecretStr(secret)})
    return oidc.Provider(settings, sign_in)
