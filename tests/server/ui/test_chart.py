"""Many runs as drawings: which stand out, which axes there are, what is asked for in the address."""

from typing import Any
from urllib.parse import urlencode

import pytest

Filled = Any  # the class of the conftest
OF_SWEEP = "params.rate != ''"


@pytest.fixture
def sweep(filled: Filled) -> str:
    """The path of the drawings of 20 more runs, whose auc grows with their rate."""
    for n in range(20):
        run_id = filled.server.run(experiment_id=filled.experiment, run_name=f"sweep {n}")
        params = [{"key": "rate", "value": str(0.001 * 2**n)}, {"key": "hidden", "value": str(n % 3)}]
        metrics = [{"key": "auc", "value": 0.5 + 0.01 * n, "timestamp": 1, "step": 0}]
        filled.server.post("runs/log-batch", run_id=run_id, params=params, metrics=metrics)
    return f"/experiments/{filled.experiment}/chart"


def drawn(filled: Filled, path: str, **asked: str | list[str]) -> dict[str, Any]:
    query = urlencode({"filter": OF_SWEEP, **asked}, doseq=True)
    return filled.facts(f"{path}.json?{query}")["drawn"]  # type: ignore[no-any-return]


def names(found: dict[str, Any]) -> list[str]:
    return [one["name"] for one in found["parallel"]["threads"] if one["picked"]]


def test_the_best_stand_out_where_nothing_is_asked_for(filled: Filled, sweep: str) -> None:
    found = drawn(filled, sweep)
    assert sorted(names(found)) == sorted(f"sweep {n}" for n in range(15, 20))
    assert [one["name"] for one in found["parallel"]["axes"]] == ["hidden", "rate", "auc"]
    assert "best 5 of 20" in found["parallel"]["said"]


def test_what_is_asked_of_several_axes_holds_together(filled: Filled, sweep: str) -> None:
    asked = {"from.metrics.auc": "0.6", "to.params.rate": "8"}
    assert sorted(names(drawn(filled, sweep, **asked))) == ["sweep 10", "sweep 11", "sweep 12"]
    page = filled.page(f"{sweep}?{urlencode(asked)}")
    assert 'name="from.metrics.auc" value="0.6"' in page


def test_what_is_no_number_is_refused_in_a_sentence(filled: Filled, sweep: str) -> None:
    assert "is no number that auc could be" in filled.page(f"{sweep}?from.metrics.auc=high", 400)
    assert "is no number" in filled.page(f"{sweep}?from.metrics.auc=nan", 400)


def test_axes_and_what_is_drawn_against_what_are_chosen_in_the_address(filled: Filled, sweep: str) -> None:
    found = drawn(filled, sweep, axis=["metrics.auc", "params.hidden"], x="params.hidden", y="params.rate", size="bad")
    assert [one["name"] for one in found["parallel"]["axes"]] == ["auc", "hidden"]
    assert (found["scatter"]["x"], found["scatter"]["y"], found["chosen"]["size"]) == ("hidden", "rate", "")
    assert found["scatter"]["points"][0]["y"] == pytest.approx(0.001 * 2**19)


def test_the_drawings_lead_on_to_the_runs_that_stand_out(filled: Filled, sweep: str) -> None:
    address = filled.facts(f"{sweep}.json?{urlencode({'filter': OF_SWEEP})}")["compare_address"]
    assert len(filled.facts(address.replace("/compare?", "/compare.json?"))["columns"]) == 5


def test_no_run_is_said_and_no_drawing(filled: Filled, sweep: str) -> None:
    page = filled.page(f"{sweep}?{urlencode({'filter': 'metrics.auc > 2'})}")
    assert "No run fits" in page
    assert "<svg" not in page
