"""`attain runs` over runs that no suite made; those of suites are in `test_suite_commands`."""

from collections.abc import Callable
from typing import Any

import pytest

from attain.tracking.store import open_store


@pytest.mark.usefixtures("home")
def test_whoever_logged_by_hand_is_told_how_to_see_it(attain: Callable[..., Any]) -> None:
    assert "`attain run quick` makes some" in attain("runs").err
    run_id = open_store().create_run("0", "by hand").run_id
    none = attain("runs")
    assert none.status == 2
    assert "There are no model runs in" in none.err
    assert "but 1 of other kinds: add --kind all." in none.err
    assert run_id[:8] in attain("runs", "--kind", "all").out
    assert "There are no runs where lr = 3" in attain("runs", "params.lr = '3'").err
