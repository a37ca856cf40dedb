"""Which names the server answers to."""

from collections.abc import Callable
from typing import Any

import pytest

from attain.server.settings import Settings

pytestmark = pytest.mark.parametrize("uri", ["sqlite"], indirect=True)  # no store takes part


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:5000", "127.0.0.1:1", "[::1]", "[::1]:5000"])
def test_names_of_this_machine_are_its_own(server: Any, host: str) -> None:
    assert server.raw("GET", "/health", headers={"Host": host}) == (200, b"OK")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:5000", "127.0.0.1.evil.example", "", "localhost:x"])
def test_a_page_elsewhere_cannot_reach_it_under_a_name_of_its_own(server: Any, host: str) -> None:
    for path in ("/health", "runs/search", "/get-artifact"):
        status, reply = server.ask("GET", path, headers={"Host": host})
        assert (status, reply["error_code"]) == (403, "PERMISSION_DENIED")


def test_other_names_can_be_set(serve: Callable[..., Any]) -> None:
    server = serve(Settings(hosts=("attain.example",)))
    assert server.raw("GET", "/health", headers={"Host": "attain.example:80"})[0] == 200
    assert server.raw("GET", "/health")[0] == 403
