"""From a run to the model in use, by commands only."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attain.testing.audits import at_risk_run, keep_run
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.store import open_database

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import

POLICY = "replicates: 200\nby: [gender]\nmetrics: [false_positive_rate, selection_rate]\ntolerance: {default: 0.2}\n"


@pytest.fixture
def run(home: Path) -> Run:
    (home / "ours.yaml").write_text(POLICY)
    store = open_database()
    made = at_risk_run(store, home / ".attain" / "cache", learners=1800)
    artifacts.log_bytes(store, made.run_id, b"{}", "model/model.json")
    return store.get_run(made.run_id)


def other(run: Run, change: Callable[[pd.DataFrame], "pd.Series[float]"]) -> str:
    """The id of a run on the same data whose log-odds are changed."""
    store = open_database()
    with artifacts.open_artifact(store, run.run_id, "predictions.parquet") as stream:
        frame = pd.read_parquet(stream)
    logit = np.log(frame["score"] / (1 - frame["score"])) + change(frame)
    tags = {"attain__prepared": run.tags["attain.prepared"]}
    made = keep_run(store, frame.assign(score=1 / (1 + np.exp(-logit))), **tags)
    store.log_inputs(made.run_id, list(run.inputs))
    artifacts.log_bytes(store, made.run_id, b"{}", "model/model.json")
    return made.run_id


def champion(attain: Attain, run: Run) -> None:
    assert attain("register", run.run_id[:8], "dropout").status == 0
    assert attain("audit", run.run_id[:8], "--policy", "ours.yaml").status == 0
    said = attain("promote", "dropout", "1", "--as", "champion", "--because", "the first")
    assert said.status == 0, said.err
    assert "Version 1 of 'dropout' is the champion now." in said.out
    assert "between cohorts; it is not signed by anybody." in said.out


def promoted(attain: Attain, version: str, *more: str) -> Any:
    because = ("--because", "it is time", "--without-audit", "a rehearsal", "--policy", "ours.yaml", "--metric", "auc")
    return attain("promote", "dropout", version, "--as", "champion", *because, *more)


def test_a_run_is_registered_promoted_and_rolled_back(attain: Attain, run: Run) -> None:
    champion(attain, run)
    assert (
        "Version 2 of 'dropout'" in attain("register", other(run, lambda f: 1.5 * (f["target"] - 0.5)), "dropout").out
    )
    said = promoted(attain, "2")
    assert said.status == 0, said.out
    assert "comparison  passed       The challenger is better on auc: 0." in said.out
    assert "Written into the ledger." in said.out
    back = attain("rollback", "dropout", "--because", "calls went up")
    assert (back.status, back.out) == (0, "dropout@champion is version 1 again; it was version 2.\n")
    assert "model.rollback" in attain("user", "ledger").out


def test_each_result_has_its_status(attain: Attain, run: Run) -> None:
    champion(attain, run)
    noise = np.random.default_rng(0).normal(size=100_000)
    for change in (lambda f: 3 * noise[: len(f)], lambda f: 0.05 * noise[: len(f)]):
        attain("register", other(run, change), "dropout")
    worse, equal = promoted(attain, "2"), promoted(attain, "3")
    assert worse.status == 1
    assert worse.out.startswith(
        "Version 2 of 'dropout' is refused.\n  comparison  FAILED       The challenger is worse"
    )
    assert equal.status == 3
    assert "comparison  cannot tell  Nobody can tell whether the challenger is better on auc" in equal.out
    again = promoted(attain, "3", "--json")
    assert again.status == 3
    facts = json.loads(again.out)
    assert (facts["result"], facts["checks"][0]["figures"]["look"]) == ("inconclusive", 2)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("promote", "dropout", "1", "--as", "champion"), "A promotion needs its reason"),
        (("promote", "dropout", "1", "--as", "champion", "--because", "x"), "Version 1 of 'dropout' has no audit"),
        (("promote", "dropout", "7", "--as", "champion", "--because", "x"), "'dropout' has no version 7"),
        (("promote", "nothing", "1", "--as", "champion", "--because", "x"), "There is no registered model 'nothing'"),
        (
            ("promote", "dropout", "1", "--as", "king", "--because", "x"),
            "'king' is not one of 'champion', 'challenger'",
        ),
        (
            ("promote", "dropout", "1", "--as", "champion", "--because", "x", "--policy", "no.yaml"),
            "There is no policy",
        ),
        (("rollback", "dropout", "--because", "x"), "'dropout' has no champion that was promoted"),
        (("register", "zzzz", "dropout"), "There is no run 'zzzz'"),
        (("register", "RUN", "a/b"), "must not have '/' or ':' in it"),
        (
            ("register", "RUN", "dropout", "--store", "http://127.0.0.1:9"),
            "registered and promoted where the ledger is",
        ),
    ],
)
def test_a_mistake_is_a_sentence(attain: Attain, run: Run, asked: tuple[str, ...], said: str) -> None:
    attain("register", run.run_id, "dropout")
    found = attain(*(run.run_id if word == "RUN" else word for word in asked))
    assert found.status == 2
    assert said in found.err
    assert found.err.count("\n") == 1
