"""What can be set about access."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr


class OidcSettings(BaseModel):
    """An OpenID Connect provider that users may sign in at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    """The provider's address; its settings are read from `/.well-known/openid-configuration` below it."""
    client_id: str
    """What the provider calls this server."""
    client_secret: SecretStr | None = None
    """The secret that the provider gave for it; better by the environment, as `ATTAIN_OIDC_CLIENT_SECRET`."""
    redirect_uri: str
    """The address that the provider sends users back to: this server's, with `/sign-in/oidc/callback`."""
    label: str = "Sign in with your organisation"
    """What the link on the sign-in page says."""
    scope: str = "openid profile email"
    """What is asked of the provider; some send groups only if asked for, with `groups`."""
    name_claim: str = "preferred_username"
    """The claim that becomes a new user's name."""
    groups_claim: str = "groups"
    """The claim that lists groups; those that exist here too are joined."""


class AccessSettings(BaseModel):
    """Access control, which any address but this machine's own demands."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    default_permission: Literal["none", "read", "edit"] = "none"
    """What users may do to experiments and models on which nothing was granted to them."""
    secure_cookies: bool = True
    """Send session cookies over HTTPS only; false for plain HTTP on this machine."""
    oidc: OidcSettings | None = None
    """An OpenID Connect provider to sign in at, beside passwords."""
