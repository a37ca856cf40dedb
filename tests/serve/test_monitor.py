"""What was expected and what came, as runs: a model that no longer fits is told, and by cohort."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from attain.cli.main import application
from attain.core.errors import UserError
from attain.data import pseudonym
from attain.serve.interaction import Interaction
from attain.serve.learners import Learners
from attain.serve.live import Live
from attain.serve.monitor import DAY_MS, DRIFT, monitor
from attain.serve.source import find
from attain.serve.tables import ANSWERS
from attain.suite.results import predictions_of
from attain.tracking.sql.engine import writing
from attain.tracking.store import open_store

NOW = 100 * DAY_MS
LEARNERS = 40


@pytest.fixture
def learners(home: Path) -> Learners:
    return Learners(f"sqlite:///{home / '.attain' / 'learners.db'}", pseudonym.key())


def answered(learners: Learners, folder: Path, *, last_are_wrong: bool) -> None:
    """Learners answer as the model expects for 20 days; in the last week other learners come, of whom some fail."""
    served, rng = Live(None, str(folder)).now, np.random.default_rng(0)
    state = served.online.start()
    items = list(served.items or ())
    for part in ("before", "now"):
        for learner in range(LEARNERS):
            for number in range(8):
                item = items[rng.integers(len(items))]
                expected = served.online.expect(state, [served.asked(item, None, None)])[0]
                right = int(rng.random() < expected)
                if part == "now" and last_are_wrong:
                    right = 0
                learners.take(served, f"{part}{learner}", Interaction(f"{number}", item, None, right, None))
    names = [str(one) for one in pseudonym.pseudonyms([f"now{n}" for n in range(LEARNERS)], pseudonym.key())]
    with writing(learners._engine) as c:
        c.execute(ANSWERS.update().values(kept_ms=NOW - 20 * DAY_MS))
        c.execute(ANSWERS.update().where(ANSWERS.c.learner.in_(names)).values(kept_ms=NOW - DAY_MS))


def test_a_model_that_fits_on_has_not_drifted(home: Path, bkt: Path, learners: Learners) -> None:
    answered(learners, bkt, last_are_wrong=False)
    done = monitor(open_store(), learners, find(None, str(bkt)), now_ms=NOW, days=7)
    values = {value.metric: value for value in done.values}
    assert (done.n_now, done.n_before) == (320, 320)
    assert values["calibration_gap"].low is not None
    drift = values[DRIFT]
    assert drift.value is not None
    assert drift.value < float(drift.note.split()[1])


def test_a_model_that_no_longer_fits_is_told_and_kept_as_a_run(home: Path, bkt: Path, learners: Learners) -> None:
    answered(learners, bkt, last_are_wrong=True)
    store = open_store()
    done = monitor(store, learners, find(None, str(bkt)), now_ms=NOW, days=7)
    values = {value.metric: value for value in done.values}
    gap, older = values["calibration_gap"], values["calibration_gap/before"]
    assert gap.low is not None
    assert older.high is not None
    assert gap.low > max(older.high, 0.1)
    drift = values[DRIFT]
    assert drift.value is not None
    assert drift.value > float(drift.note.split()[1])
    run = store.get_run(done.run_id)
    assert (run.status, run.tags["attain.kind"], run.params["model"]) == ("FINISHED", "serving", "bkt")
    assert run.metrics["calibration_gap"] == pytest.approx(gap.value)
    table = predictions_of(store, done.run_id).frame
    assert len(table) == 320
    assert not any(str(unit).startswith("now") for unit in table["unit"])


def test_drift_and_calibration_are_told_by_cohort_and_small_ones_are_hidden(
    home: Path, bkt: Path, learners: Learners
) -> None:
    answered(learners, bkt, last_are_wrong=True)
    rows = [(f"{part}{n}", "c" if n < 4 else "ab"[n % 2]) for part in ("before", "now") for n in range(LEARNERS)]
    pd.DataFrame(rows, columns=["learner", "school"]).to_csv(home / "schools.csv", index=False)
    done = monitor(open_store(), learners, find(None, str(bkt)), now_ms=NOW, days=7, cohorts=home / "schools.csv")
    for metric in ("calibration_gap", DRIFT):
        own = {value.cohort: value for value in done.values if value.metric == metric}
        assert set(own) == {None, "school=a", "school=b", "school=c"}
        assert own["school=c"].value is None
        assert "fewer than 10 learners" in own["school=c"].reason
        shown = [name for name in ("school=a", "school=b") if own[name].value is not None]
        assert len(shown) == 1  # the other one is hidden, so that the small one cannot be worked out


def test_without_answers_in_the_last_days_nothing_is_kept(home: Path, bkt: Path, learners: Learners) -> None:
    answered(learners, bkt, last_are_wrong=False)
    store = open_store()
    with pytest.raises(UserError, match=r"took no answer in the last 7 days; 640 before them are known"):
        monitor(store, learners, find(None, str(bkt)), now_ms=NOW + 30 * DAY_MS, days=7)
    assert store.experiment_named("serving bkt") is None


def test_the_command_line_says_the_figures(home: Path, bkt: Path, learners: Learners) -> None:
    served = Live(None, str(bkt)).now
    for learner in range(12):
        learners.take(served, f"l{learner}", Interaction("1", "item-3", None, learner % 2, None))
    learners.close()
    said = CliRunner().invoke(application(["monitor"]), ["monitor", str(bkt)], catch_exceptions=False).stdout
    assert "12 answers of the last 7 days, 0 before; kept as run" in said
    assert "calibration_gap" in said
    assert "fewer than 10 learners, before or now" in said
    words = ["monitor", str(bkt), "--json"]
    facts = json.loads(CliRunner().invoke(application(["monitor"]), words, catch_exceptions=False).stdout)
    assert facts["n_now"] == 12
