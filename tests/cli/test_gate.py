"""A gate in a CI, by commands only: a small suite, a champion, and what came of changes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import pytest

from attain.suite.config import read_suite
from attain.suite.execute import Execution
from attain.suite.gates.promote import Terms, promote
from attain.suite.gates.register import register
from attain.suite.plan import make_plan
from attain.suite.progress import View
from attain.tracking.store import open_database

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import

SUITE = """\
suite: tiny
datasets:
  - name: simulated
    options: {learners: 120, skills: 3, items: 9, answers: 20, seed: 1}
baselines: false
split: {by: learner, folds: 2}
models: [MODELS]
metrics: [auc]
replicates: 100
"""
EASY = "replicates: 200\nby: [gender]\n"


def write(folder: Path, models: str, data: str = "seed: 1", name: str = "tiny") -> None:
    text = SUITE.replace("MODELS", models).replace("seed: 1", data).replace("suite: tiny", f"suite: {name}")
    (folder / "tiny.yaml").write_text(text)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store in which BKT of the suite `tiny` is the champion."""
    folder = tmp_path_factory.mktemp("done")
    (folder / "ours.yaml").write_text(EASY)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ATTAIN_HOME", str(folder / ".attain"))
        patch.delenv("ATTAIN_TRACKING_URI", raising=False)
        write(folder, "bkt")
        uri = f"sqlite:///{folder / '.attain' / 'attain.db'}"
        made = Execution(make_plan(read_suite("tiny.yaml")), uri, workers=1, threads=1, view=View()).run()
        store = open_database()
        version = register(store, store.get_run(next(iter(made.finished.values()))), "tiny", "ada")
        assert (version.tags["attain.task"], version.tags["attain.model"]) == ("knowledge_tracing", "bkt")
        terms = Terms(None, without_audit="it flags nobody")  # type: ignore[arg-type]  # not read for a first one
        assert promote(store, "tiny", "1", "champion", "the first", "ada", terms).result == "promoted"
        store.close()
    return folder


@pytest.fixture(autouse=True)
def there(done: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(done)
    monkeypatch.setenv("ATTAIN_HOME", str(done / ".attain"))
    monkeypatch.delenv("ATTAIN_TRACKING_URI", raising=False)


def gate(attain: Attain, *more: str) -> Any:
    return attain("gate", "tiny.yaml", "--baseline", "champion", "--policy", "ours.yaml", "--workers", "1", *more)


def test_what_is_as_it_was_passes(attain: Attain, done: Path) -> None:
    write(done, "bkt")
    said = gate(attain)
    assert said.status == 0, said.err
    assert "bkt is better than tiny@champion (bkt, version 1) or equal" in said.out
    assert "The challenger's predictions are the champion's, one by one." in said.out


def test_a_worse_model_fails_and_three_files_say_why(attain: Attain, done: Path) -> None:
    write(done, "prior_rate")
    said = gate(attain, "--out", "worse")
    assert said.status == 1, said.err
    assert "comparison  FAILED       The challenger is worse on auc: 0." in said.out
    facts = json.loads((done / "worse/gate.json").read_text())
    assert (facts["outcome"], facts["challenger"]) == ("failed", "prior_rate")
    figures = facts["checks"][0]["figures"]
    assert figures["gain"] < figures["high"] < -figures["margin"] == -0.01
    page = (done / "worse/gate.md").read_text()
    assert page.startswith("## attain gate tiny: failed\n\nprior\\_rate is worse than tiny\\@champion")
    assert "| comparison | **failed** | The challenger is worse on auc: 0." in page
    suites = Xml.parse(done / "worse/gate.xml").getroot()
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")
    failure = suites.find("./testsuite/testcase[@name='comparison']/failure")
    assert failure is not None
    assert "The challenger is worse on auc" in str(failure.get("message"))


def test_a_model_of_which_nobody_can_tell_is_no_pass(attain: Attain, done: Path) -> None:
    write(done, "{name: bkt, params: {forgets: true}}")
    said = gate(attain, "--margin", "0")
    assert said.status == 3, said.out
    assert "nobody can tell" in said.out
    suites = Xml.parse(done / "gate/gate.xml").getroot()
    assert int(str(suites.get("errors"))) >= 1
    assert suites.get("failures") == "0"


def test_a_gate_is_counted_as_a_look_and_moves_nothing(attain: Attain, done: Path) -> None:
    write(done, "prior_rate")
    store = open_database()
    assert gate(attain).status == 1
    before = len(store.access.about("model tiny", ["model.look"]))
    assert gate(attain).status == 1
    assert len(store.access.about("model tiny", ["model.look"])) == before, "the same comparison is no new look"
    assert before >= 1
    assert store.registry.version_by_alias("tiny", "champion").version == 1


def test_on_new_data_the_champions_model_must_stand_beside(attain: Attain, done: Path) -> None:
    write(done, "prior_rate", "seed: 2")
    said = gate(attain)
    assert said.status == 2
    assert "have not answered the same learners: their data differs." in said.err
    assert "Run the champion's model (bkt, with the params of run " in said.err
    write(done, "bkt, prior_rate", "seed: 2")
    said = gate(attain, "--model", "prior_rate")
    assert said.status == 1, said.err
    assert "the same model fitted on the challenger's data stands in for it (run " in said.out


@pytest.mark.parametrize(
    ("models", "more", "said"),
    [
        (
            "bkt, prior_rate",
            (),
            "The suite has several models; say which is to be compared by --model: bkt, prior_rate",
        ),
        ("bkt, prior_rate", ("--model", "bktt"), "Unknown model of the suite 'bktt'. Did you mean 'bkt'?"),
        ("bkt", ("--baseline", "other@champion"), "There is no registered model 'other'"),
        ("bkt", ("--baseline", "challenger"), "'tiny' has no challenger yet, so there is nothing to compare with"),
        ("bkt", ("--baseline", "@champion"), "--baseline '@champion' names nothing"),
        ("bkt", ("--store", "http://127.0.0.1:9"), "registered and promoted where the ledger is"),
        ("nobody", (), "Unknown knowledge tracing model 'nobody'"),
        ("bkt", ("--out", "ours.yaml"), "Cannot write 'ours.yaml': File exists. Name another folder"),
    ],
)
def test_a_mistake_is_a_sentence_and_status_2(
    attain: Attain, done: Path, models: str, more: tuple[str, ...], said: str
) -> None:
    write(done, models)
    found = gate(attain, *more)
    assert found.status == 2
    assert said in found.err


def test_a_suite_that_breaks_is_not_compared(attain: Attain, done: Path) -> None:
    (done / "broken.py").write_text(
        "from attain.core.component import Params\n"
        "from attain.tasks.knowledge_tracing import KnowledgeTracer\n\n\n"
        'class Broken(KnowledgeTracer):\n    """Breaks."""\n\n    name = "broken"\n    params: Params\n\n'
        "    def fit(self, log, context):\n        raise RuntimeError('no luck')\n\n"
        "    def predict(self, log):\n        return None\n\n"
        "    def save(self, directory):\n        pass\n\n"
        "    @classmethod\n    def load(cls, directory):\n        pass\n"
    )
    write(done, "'broken:Broken'")
    said = gate(attain)
    assert said.status == 2
    assert "The suite did not finish, so nothing was compared." in said.err
    assert "no luck" in said.err
