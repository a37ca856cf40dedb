"""Who asks a tracking server, and where that is told."""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Login:
    """What is shown to a server: a token, or a name with a password, or nothing."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def header(self) -> dict[str, str]:
        """The header `Authorization`, if there is anything to say."""
        if self.token:
            return {"Authorization": f"Bearer {self.token}"}
        if self.user:
            return {"Authorization": "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()}
        return {}


def login_of(uri: str, environment: Mapping[str, str] = os.environ) -> Login:
    """The login in an address (`http://name:password@host`), else of `ATTAIN_TRACKING_*`, else of `MLFLOW_TRACKING_*`.

    >>> login_of("http://ada:pw@host", {}).user, login_of("http://host", {"ATTAIN_TRACKING_USERNAME": "ada"}).user
    ('ada', 'ada')
    """
    parts = urlsplit(uri)
    if parts.username:
        return Login(unquote(parts.username), unquote(parts.password or ""))
    for prefix in ("ATTAIN", "MLFLOW"):
        user, password, token = (
            environment.get(f"{prefix}_TRACKING_{name}", "") for name in ("USERNAME", "PASSWORD", "TOKEN")
        )
        if user or token:
            return Login(user, password, token)
    return Login()
