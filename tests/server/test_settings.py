"""Settings of the server, and the file that says them again."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from attain.core.errors import UserError
from attain.core.places import project_folders
from attain.server.access.settings import AccessSettings, OidcSettings
from attain.server.settings import Settings, checked, read_settings
from attain.tracking.errors import Invalid

SHIPPED = next(folder for folder in project_folders("configs") if (folder / "server.yaml").exists()) / "server.yaml"


def uncommented() -> dict[str, Any]:
    """The shipped file with every setting switched on."""
    lines = SHIPPED.read_text().splitlines()
    settings = [line[2:] for line in lines if re.match(r"# +(# |[a-z_]+:( |$))", line)]
    return yaml.safe_load("\n".join(settings).replace("access: null", "access:"))


def named(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def test_the_shipped_file_names_every_setting_and_no_other() -> None:
    shown = uncommented()
    assert set(shown) == named(Settings)
    assert set(shown["access"]) == named(AccessSettings)
    assert set(shown["access"]["oidc"]) == named(OidcSettings)


def test_the_shipped_file_shows_the_defaults() -> None:
    shown = uncommented()
    access = shown.pop("access")
    shown |= {"access": None}
    assert Settings.model_validate(shown) == Settings()
    defaults = AccessSettings().model_dump() | {"oidc": access["oidc"]}
    assert access == defaults


def test_the_shipped_file_changes_nothing_as_it_is() -> None:
    assert read_settings(SHIPPED) == {}


def test_a_setting_that_is_not_known_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "server.yaml"
    path.write_text("host: 127.0.0.1\nprot: 80\n")
    with pytest.raises(UserError, match=r"server.yaml:2: prot: Unknown setting 'prot'. Did you mean 'port'"):
        read_settings(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("port: 70000", "port: 70000 is not right"),
        ("workers: 0", "workers: 0 is not right"),
        ("proxies: [10.0.0.300]", "'10.0.0.300' does not appear to be an IPv4 or IPv6 network"),
        ("- port", "the file is a list; expected fields with values"),
        ("access: {default_permission: all}", "access.default_permission: 'all' is not right"),
    ],
)
def test_a_setting_that_is_not_right_is_explained(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "server.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=re.escape(said)):
        read_settings(path)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "attain.example.org"])
def test_an_address_that_others_reach_demands_access_control(host: str) -> None:
    with pytest.raises(Invalid, match="access is not controlled"):
        checked({"host": host})
    assert checked({"host": host, "access": {}}).host == host


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost", "LOCALHOST"])
def test_an_address_of_this_machine_does_not(host: str) -> None:
    assert checked({"host": host}).access is None
