"""What can be set about the server; `configs/server.yaml` says each one again, for people."""

import ipaddress
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from attain.core.errors import UserError, unknown
from attain.core.yaml_lines import load_yaml
from attain.server.access.settings import AccessSettings
from attain.tracking.errors import Invalid


class Settings(BaseModel):
    """Settings of `attain server`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = "127.0.0.1"
    """The address to listen on; any but this machine's own demands access control."""
    port: int = Field(5000, ge=0, le=65535)
    """The port to listen on; 0 takes a free one."""
    workers: int = Field(1, ge=1)
    """Processes that answer. Several of them pay with PostgreSQL; SQLite has one writer at a time anyway."""
    store: str | None = None
    """The address of the store; `ATTAIN_TRACKING_URI`, else a SQLite file in attain's home, if not given."""
    artifacts: str | None = None
    """Where the contents of artifacts lie: a folder, or `s3://bucket/prefix`, `gs://…`, `az://…`; `ATTAIN_ARTIFACTS`,
    else a folder `artifacts` beside the store, if not given."""
    threads: int = Field(8, ge=1)
    """Threads of each worker that wait for the store."""
    most_body: int = Field(64 << 20, ge=1024)
    """The largest body of a request that is not an artifact, in bytes."""
    most_artifact: int = Field(0, ge=0)
    """The largest artifact that is taken, in bytes; 0 for no limit."""
    hosts: tuple[str, ...] | None = None
    """The names that the server answers to, as in `Host` headers; without access control those of this machine, with
    it any, if not given."""
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses or networks of reverse proxies that are believed when they name the client (`X-Forwarded-For`)."""
    patience_s: int = Field(30, ge=0)
    """How long the server waits at its end for requests that are being answered."""
    log_requests: bool = False
    """Log each answered request: its route, status and time, and who asked."""
    log_json: bool = False
    """Log a JSON object a line, for machines."""
    access: AccessSettings | None = None
    """Access control; none if not given, which only this machine's own addresses allow."""

    @field_validator("proxies")
    @classmethod
    def _networks(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            ipaddress.ip_network(one)  # uvicorn would take a typing error for a name, and believe nobody
        return given


def read_settings(path: Path) -> dict[str, Any]:  # fields of `Settings`, not yet checked
    """The settings in a YAML file; none where all lines are commented out.

    Raises:
        UserError: the file cannot be read, or has something in it that is not a setting, or not a right one.
    """
    if not any(line.strip() and not line.lstrip().startswith("#") for line in _lines(path)):
        return {}
    file = load_yaml(path)
    try:
        Settings.model_validate(file.data)
    except ValidationError as error:
        problem = error.errors()[0]
        if problem["type"] == "extra_forbidden" and len(problem["loc"]) == 1:
            raise file.error(
                problem["loc"], str(unknown("setting", str(problem["loc"][0]), Settings.model_fields))
            ) from None
        raise file.error(problem["loc"], f"{problem['input']!r} is not right: {problem['msg']}.") from None
    found: dict[str, Any] = file.data
    return found


def checked(fields: dict[str, Any]) -> Settings:  # not yet checked
    """Settings of fields from several places.

    Raises:
        UserError: a field is not right.
        Invalid: the address is not this machine's own and access is not controlled.
    """
    try:
        settings = Settings.model_validate(fields)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        raise UserError(f"{where}: {problem['input']!r} is not right: {problem['msg']}.") from None
    if settings.access is None and not is_own(settings.host):
        raise Invalid(
            f"The address {settings.host!r} can be reached from other machines, and access is not controlled. Listen "
            "on 127.0.0.1, or turn access control on: 'access: {}' in the settings, and 'attain user add NAME --admin'."
        )
    return settings


def is_own(host: str) -> bool:
    """Whether only this machine reaches an address.

    >>> is_own("localhost"), is_own("::1"), is_own("0.0.0.0")
    (True, True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The settings {str(path)!r} cannot be read: {error}.") from None
