from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.metrics.discover import find
from attain.suite.score import score_run
from attain.testing.audits import at_risk_run
from attain.tracking.store import open_database


def test_a_rate_of_flags_that_nobody_set_says_how_flags_are_made(home: Path) -> None:
    store = open_database()
    run = at_risk_run(store, home / ".attain" / "cache")
    with pytest.raises(UserError, match=r"needs flag, .* Say who counts as flagged: precision@10%"):
        score_run(store, run, [find("precision")], [], 100)
    (value,) = score_run(store, run, [find("precision@10%")], [], 100)
    assert value.value > 0.5
