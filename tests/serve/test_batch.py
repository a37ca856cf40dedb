"""Files scored by a saved model, through the command line."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from attain.cli.main import application
from attain.core.errors import UserError
from attain.models.knowledge_tracing.bkt import BKT
from attain.serve.batch import score_file
from attain.serve.live import Live
from attain.testing.small import small_log


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_file_is_scored_as_the_tracer_scores_the_log(home: Path, bkt: Path, suffix: str) -> None:
    log = small_log(1)
    rows = log.frame()[["learner", "item", "correct"]].assign(note="kept", time_s=np.arange(len(log), dtype=float))
    mixed = rows.sample(frac=1, random_state=0)
    file = home / f"answers{suffix}"
    mixed.to_parquet(file) if suffix == ".parquet" else mixed.to_csv(file, index=False)
    words = ["score", str(bkt), str(file), "--out", str(home / f"scores{suffix}"), "--json"]
    done = CliRunner().invoke(application(["score"]), words, catch_exceptions=False)
    assert json.loads(done.stdout)["rows"] == len(log)
    scored = pd.read_parquet(home / "scores.parquet") if suffix == ".parquet" else pd.read_csv(home / "scores.csv")
    assert scored["item"].tolist() == mixed["item"].tolist()
    assert set(scored["note"]) == {"kept"}
    by_time = scored.sort_values("time_s")["probability"]
    np.testing.assert_allclose(by_time, BKT.load(bkt).predict(log))


def test_the_scores_say_which_model_made_them(tmp_path: Path, bkt: Path) -> None:
    pd.DataFrame({"item": ["item-3"]}).to_parquet(tmp_path / "a.parquet")
    served = Live(None, str(bkt)).now
    done = score_file(served, tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert (done.rows, done.learners, done.questions) == (1, 1, 1)
    assert pq.read_schema(tmp_path / "b.parquet").metadata[b"attain.model"] == f"bkt/{served.version}".encode()


def test_a_file_that_is_not_right_is_refused_and_nothing_is_written(tmp_path: Path, bkt: Path) -> None:
    served = Live(None, str(bkt)).now
    (tmp_path / "a.csv").write_text("item,correct\nitem-3,2\n")
    with pytest.raises(UserError, match=r"a\.csv: Row 0: 'correct' is neither 0 nor 1"):
        score_file(served, tmp_path / "a.csv", tmp_path / "b.csv")
    with pytest.raises(UserError, match="names the file that is read"):
        score_file(served, tmp_path / "a.csv", tmp_path / "a.csv")
    with pytest.raises(UserError, match=r"is neither '\.parquet' nor '\.csv'"):
        score_file(served, tmp_path / "a.csv", tmp_path / "b.txt")
    (tmp_path / "c.parquet").write_text("no parquet")
    with pytest.raises(UserError, match=r"c\.parquet: cannot be read"):
        score_file(served, tmp_path / "c.parquet", tmp_path / "b.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "c.parquet"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["score", "abc"], "Which metric? Name one by --metric"),
        (["score", "abc", "a.csv"], "Where do the predictions go?"),
        (["score", "abc", "a.csv", "--metric", "auc"], "FILE and --metric do not go together"),
    ],
)
def test_a_half_question_is_refused(words: list[str], sentence: str) -> None:
    error = CliRunner().invoke(application(["score"]), words).exception
    assert isinstance(error, UserError)
    assert sentence in str(error)
