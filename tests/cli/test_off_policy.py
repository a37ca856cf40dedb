"""`attain off-policy`: an answer, or which figure says that there is none."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """400 learners with 12 decisions between two items each; the judged policy prefers the better one."""
    generator = np.random.default_rng(0)
    item = generator.integers(2, size=(400, 12))
    reward = (generator.random(item.shape) < np.array([0.3, 0.7])[item]).astype(int)
    target = np.array([0.25, 0.75])[item]
    rows = [f"l{i},{t},{reward[i, t]},0.5,{target[i, t]}" for i in range(400) for t in range(12)]
    path = tmp_path / "log.csv"
    path.write_text("\n".join(["learner,step,reward,propensity,target", *rows, ""]))
    return path


def test_a_policy_that_the_log_can_tell_of_has_estimates_and_a_verdict(attain: Attain, log: Path) -> None:
    said = attain("off-policy", str(log), "--steps", "3")
    assert said.status == 0
    assert [line.split()[0] for line in said.out.splitlines()[2:8]] == [
        "estimate",
        "logged",
        "ips",
        "snips",
        "pdis",
        "wpdis",
    ]
    assert "The judged policy would earn more than the logged one, by every estimate." in said.out
    facts = json.loads(attain("off-policy", str(log), "--steps", "3", "--json").out)
    assert facts["identifiable"]
    one = next(e for e in facts["estimates"] if e["name"] == "wpdis")
    assert one["low"] < 3 * (0.25 * 0.3 + 0.75 * 0.7) < one["high"]
    assert facts["observed_low"] < 1.5 < facts["observed_high"]


def test_where_it_cannot_the_figure_is_named_and_no_estimate_is_given(attain: Attain, log: Path) -> None:
    said = attain("off-policy", str(log))
    assert said.status == 3
    assert "Not identifiable from this log:\n  The weight of 400 learners is that of" in said.out
    assert "pdis" not in said.out
    facts = json.loads(attain("off-policy", str(log), "--json").out)
    assert (facts["identifiable"], facts["estimates"]) == (False, [])
    steps = str(facts["overlap"]["told_up_to"])
    assert f"--steps {steps}" in said.out
    assert attain("off-policy", str(log), "--steps", steps).status == 0


def test_a_mistake_in_the_file_is_one_sentence(attain: Attain, log: Path) -> None:
    log.write_text(log.read_text().replace(",0.5,", ",0,", 1))
    said = attain("off-policy", str(log))
    assert (said.status, said.out) == (2, "")
    assert "log.csv, line 2, column 'propensity': propensity is 0; it must be above 0" in said.err.replace("\n", " ")
