"""`attain runs` over runs that no suite made; those of suites are in `test_suite_commands`."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from attain.suite.protocol import tags_of
from attain.tracking.entities import MetricPoint
from attain.tracking.signatures import tags_of as signed
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


@pytest.mark.usefixtures("home")
def test_runs_of_different_protocols_are_not_ranked_in_one_table(attain: Callable[..., Any]) -> None:
    store = open_store()
    for name, data, auc in (("a", "d1", 0.7), ("b", "d2", 0.9), ("c", "d1", 0.8)):
        record = {"data": {"fingerprint": data * 8}, "split": {"by": "learner"}}
        run = store.create_run("0", name, tags={"attain.kind": "model", **tags_of(record)}).run_id
        store.log_batch(run, metrics=[MetricPoint("auc", auc, 1)])
    ranked = attain("runs", "--order-by", "metrics.auc DESC").out
    assert ranked.index(" b ") < ranked.index("data d1d1d1d1") < ranked.index(" c ") < ranked.index(" a ")
    assert "data d2d2d2d2" in ranked
    assert "not ranked together" in ranked
    facts = json.loads(attain("runs", "--order-by", "metrics.auc DESC", "--json").out)
    assert [run["name"] for run in facts["runs"]] == ["b", "c", "a"]
    assert [len(group["runs"]) for group in facts["protocols"]] == [1, 2]
    assert [list(group["differs"]) for group in facts["protocols"]] == [["data"], ["data"]]
    assert "protocols" not in json.loads(attain("runs", "--json").out)
    assert "not ranked together" not in attain("runs").out
    assert "not ranked together" not in attain("runs", "metrics.auc < 0.85", "--order-by", "metrics.auc DESC").out


@pytest.mark.usefixtures("home")
def test_runs_whose_metric_was_made_with_something_else_are_not_ranked_in_one_table(attain: Callable[..., Any]) -> None:
    store = open_store()
    for name, version in (("a", 1), ("b", 2), ("c", 1)):
        tags = {"attain.kind": "model", **tags_of({"split": 1}), **signed({"bleu": f"v:{version}"})}
        store.log_batch(store.create_run("0", name, tags=tags).run_id, metrics=[MetricPoint("bleu", version, 1)])
    facts = json.loads(attain("runs", "--order-by", "metrics.bleu DESC", "--json").out)
    assert [group["differs"] for group in facts["protocols"]] == [
        {"signature of bleu": "v:2"},
        {"signature of bleu": "v:1"},
    ]
