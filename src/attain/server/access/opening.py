"""Access control over a store, put together."""

from attain.server.access.gate import Gate
from attain.server.access.recognise import Recogniser
from attain.server.access.settings import AccessSettings
from attain.tracking.errors import Invalid
from attain.tracking.sql.store import Store


def open_gate(store: Store, settings: AccessSettings) -> Gate:
    """The gate of a store's users.

    Raises:
        Invalid: there is no user yet, so that nobody could come in.
    """
    access = store.access
    if not access.has_users() and settings.oidc is None:
        raise Invalid(
            "Access control is on, but there is no user yet. Make one that may make others: attain user add NAME --admin."
        )
    return Gate(access, Recogniser(store.sign_in, secure=settings.secure_cookies), settings)
