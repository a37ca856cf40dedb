"""The page of a run: charts of its predictions, files looked into, notes, and how it came about."""

import base64
import io
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from attain.data.dataset import Dataset
from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate
from attain.models.answer_scoring.question_mean import QuestionMean
from attain.server.access.opening import open_gate
from attain.server.access.settings import AccessSettings
from attain.tasks import answer_scoring
from attain.tasks.context import FitContext
from attain.testing.answer_scorer import small_fold
from attain.testing.small_answers import small_answers
from attain.tracking.artifacts import log_files
from attain.tracking.passwords import hashed
from attain.tracking.sql import principals
from attain.tracking.sql.engine import writing
from attain.tracking.sql.store import Store

Filled = Any  # the class of the conftest
HOSTILE = "<script>alert(1)</script>\"'=HYPERLINK(1)"
DIFF = "diff --git a/x.py b/x.py\n--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old <b>\n+new <b>\n same\n"


def written(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def answers(n: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    score = rng.random(n)
    return pd.DataFrame(
        {"unit": [f"{HOSTILE}{i % 40}" for i in range(n)], "target": rng.random(n) < score, "score": score}
    )


def png(side: int = 4) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"".join(b"\0" + bytes(3 * side) for _ in range(side)))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.fixture
def run(filled: Filled) -> str:
    """The page of the first run."""
    return f"/runs/{filled.runs['bkt']}"


@pytest.fixture
def keep(filled: Filled, server: Any) -> Callable[[dict[str, bytes]], None]:
    """Keeps files with the first run."""
    return lambda files: log_files(server.store, filled.runs["bkt"], files)


def test_kept_predictions_are_drawn_as_roc_with_the_intervals_end_and_as_calibration(
    filled: Filled, run: str, keep: Any
) -> None:
    table = answers()
    value = {"metric": "auc", "cohort": None, "value": 0.8, "low": 0.7, "high": 0.9, "n_units": 40}
    keep({"predictions.parquet": written(table), "values.json": json.dumps([value]).encode()})
    roc, calibration = filled.facts(f"{run}.json")["answers"]
    (curve,) = roc["curves"]
    assert curve["area"] == pytest.approx(roc_auc_score(table["target"], table["score"]))
    assert (curve["low"], curve["high"]) == (0.7, 0.9)
    assert sum(one["n"] or 0 for one in calibration["bins"]) == 400
    page = filled.page(run)
    assert 'aria-label="ROC curve"' in page
    assert 'aria-label="Calibration"' in page


def test_only_judged_answers_with_a_known_outcome_are_drawn(filled: Filled, run: str, keep: Any) -> None:
    table = answers().assign(scored=lambda t: t.index < 300)
    table["target"] = table["target"].astype(float)
    table.loc[:49, "target"] = np.nan
    keep({"predictions.parquet": written(table)})
    assert "250 predictions" in filled.facts(f"{run}.json")["answers"][0]["said"]


def test_a_bin_of_few_predictions_is_left_out_and_that_is_said(filled: Filled, run: str, keep: Any) -> None:
    table = pd.DataFrame({"target": [0.0, 1.0] * 20 + [1.0] * 3, "score": [0.75] * 40 + [0.05] * 3})
    keep({"predictions.parquet": written(table)})
    calibration = filled.facts(f"{run}.json")["answers"][1]
    assert [one["n"] for one in calibration["bins"] if one["n"] is not None] == [40]
    assert "1 bin with fewer than 10 left out" in calibration["said"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PAR1 no table", "The predictions of this run cannot be drawn: predictions.parquet cannot be read"),
        (written(answers().assign(score=7.0)), "The scores of this run are no probabilities"),
        (written(answers().assign(target=np.nan)), "No prediction of this run has a known outcome"),
        (written(answers().assign(score="x")), "The predictions of this run cannot be drawn"),
    ],
)
def test_predictions_that_cannot_be_drawn_are_said_in_a_sentence(
    filled: Filled, run: str, keep: Any, content: bytes, said: str
) -> None:
    keep({"predictions.parquet": content})
    assert filled.facts(f"{run}.json")["undrawn"].startswith(said)
    assert said in filled.page(run)


def test_lists_and_tables_of_something_else_have_no_such_charts(filled: Filled, run: str, keep: Any) -> None:
    texts = answers().assign(references="[]", target=np.nan)
    for table in (answers().assign(rank=1), texts, answers()[["unit"]]):
        keep({"predictions.parquet": written(table)})
        found = filled.facts(f"{run}.json")
        assert (found["answers"], found["undrawn"]) == ([], "")


def test_scored_answers_show_each_part_its_questions_and_what_must_stand_beside_and_no_roc(
    filled: Filled, run: str, keep: Any
) -> None:
    fold = small_fold()
    table = answer_scoring.run(QuestionMean(), fold, FitContext())
    asked = [find(f"score_rmse[{part}]") for part in ("unseen_answers", "unseen_questions")]
    values = [asdict(value) for value in evaluate(table, asked, replicates=100)]
    keep({"predictions.parquet": written(table.frame), "values.json": json.dumps(values).encode()})
    told = answer_scoring.said_beside(QuestionMean, fold.split, Dataset("small", small_answers(), ""), 0)
    filled.server.store.log_batch(
        filled.runs["bkt"], tags={"attain.units": "questions", "attain.beside": f"{told} {HOSTILE}"}
    )
    found = filled.facts(f"{run}.json")
    assert [(one["name"], one["n"]) for one in found["metrics"]] == [
        ("score_rmse[unseen_answers]", 4),
        ("score_rmse[unseen_questions]", 2),
    ]
    assert (found["answers"], found["undrawn"]) == ([], "")
    page = filled.page(run)
    assert "On all questions" in page
    assert "only 2 questions" in page
    assert "4 of 40 answers of unseen_answers stand word for word" in page
    assert "<script>alert" not in page
    looked = filled.page(f"{run}?file=predictions.parquet")
    assert "question 5" in looked
    assert "unseen_questions" in looked


def test_a_table_is_looked_into_with_learners_as_they_are_kept(filled: Filled, run: str, keep: Any) -> None:
    keep({"predictions.parquet": written(answers())})
    look = next(one["look"] for one in filled.facts(f"{run}.json")["files"] if one["path"] == "predictions.parquet")
    seen = filled.facts(f"{run}.json?file=predictions.parquet")["preview"]
    assert (seen["head"], len(seen["rows"])) == (["unit", "target", "score"], 20)
    assert seen["said"].startswith("The first 20 of 400 rows, 3 columns.")
    page = filled.page(look.partition("#")[0])
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page


def test_separated_values_texts_and_pictures_are_looked_into(filled: Filled, run: str, keep: Any) -> None:
    long = "a,b\n" + "".join(f'{i},"x, {HOSTILE[:8]}"\n' for i in range(9000))
    keep({"t.csv": long.encode(), "s.tsv": b"a\tb\n1\t2\n", "notes.md": b"# <b>hi</b>", "p.png": png()})
    seen = {
        path: filled.facts(f"{run}.json?file={path}")["preview"] for path in ("t.csv", "s.tsv", "notes.md", "p.png")
    }
    assert (seen["t.csv"]["head"], seen["t.csv"]["rows"][1]) == (["a", "b"], ["1", f"x, {HOSTILE[:8]}"])
    assert "The first 20 rows" in seen["t.csv"]["said"]
    assert (seen["s.tsv"]["head"], seen["s.tsv"]["rows"]) == (["a", "b"], [["1", "2"]])
    assert seen["notes.md"]["text"] == "# <b>hi</b>"
    assert "# &lt;b&gt;hi&lt;/b&gt;" in filled.page(f"{run}?file=notes.md")
    status, body = filled.server.raw("GET", seen["p.png"]["image"])
    assert (status, body) == (200, png())


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("x.png", png()[:-20], "x.png is damaged or no picture, and cannot be shown."),
        ("x.png", png()[:50] + b"\1" + png()[51:], "x.png is damaged or no picture, and cannot be shown."),
        ("x.png", b"<html>", "x.png is damaged or no picture, and cannot be shown."),
        ("x.jpg", b"\xff\xd8\xff cut", "x.jpg is damaged or no picture, and cannot be shown."),
        ("x.gif", b"GIF89a cut", "x.gif is damaged or no picture, and cannot be shown."),
        ("x.webp", b"RIFF\xff\0\0\0WEBP", "x.webp is damaged or no picture, and cannot be shown."),
        ("x.csv", b'a,b\n"1,2\n', "x.csv cannot be read as a table: "),
        ("x.csv", b"a\0b", "x.csv is no text, whatever its name says; download it."),
        ("x.csv", b"", "x.csv has no rows."),
        ("x.parquet", b"PAR1", "x.parquet cannot be read as a Parquet table: "),
        ("x.txt", b"\0\1", "x.txt is no text, whatever its name says; download it."),
        ("x.bin", b"\0\1", "Files of this kind (2 B) are not shown here; download it."),
        ("x.svg", b"<svg onload=alert(1)/>", "Files of this kind (22 B) are not shown here; download it."),
    ],
)
def test_a_broken_file_is_said_in_a_sentence_and_the_page_stays_up(
    filled: Filled, run: str, keep: Any, path: str, content: bytes, said: str
) -> None:
    keep({path: content})
    seen = filled.facts(f"{run}.json?file={path}")["preview"]
    assert seen["said"].startswith(said)
    assert seen["image"] == ""
    page = filled.page(f"{run}?file={path}")
    assert said in page.replace("&#39;", "'")
    assert "<img" not in page


def test_a_content_that_is_gone_and_a_file_that_is_not_there_are_said(
    filled: Filled, run: str, keep: Any, store: Store
) -> None:
    keep({"a.txt": b"gone soon", "b.png": png()})
    store.blobs.remove([str(store.artifact(filled.runs["bkt"], path).sha256) for path in ("a.txt", "b.png")])
    for path in ("a.txt", "b.png"):
        assert "cannot be read" in filled.facts(f"{run}.json?file={path}")["preview"]["said"]
    assert "cannot be read" in filled.page(run)
    assert filled.facts(f"{run}.json?file=nothing.txt")["preview"]["said"] == "This run has no such file."
    assert "This run has no such file." in filled.page(f"{run}?file=%3Cscript%3E")


def test_the_set_params_come_first_where_a_run_says_which(filled: Filled, run: str, server: Any) -> None:
    points = [{"key": f"model.{name}", "value": "1"} for name in ("a", "b")]
    server.post("runs/log-batch", run_id=filled.runs["bkt"], params=points)
    assert filled.facts(f"{run}.json")["usual"] == []
    server.post("runs/set-tag", run_id=filled.runs["bkt"], key="attain.params_set", value='["model.b"]')
    found = filled.facts(f"{run}.json")
    assert [name for name, _ in found["usual"]] == ["model.a"]
    assert "model.b" in [name for name, _ in found["params"]]
    assert "1 params as by default" in filled.page(run)
    server.post("runs/set-tag", run_id=filled.runs["bkt"], key="attain.params_set", value="{")
    assert filled.facts(f"{run}.json")["usual"] == []


def test_a_note_is_shown_as_markdown_and_stays_to_be_changed(filled: Filled, run: str) -> None:
    assert filled.send(run, "note=%2A%2Aodd%2A%2A+%3Cscript%3Ealert(1)%3C/script%3E+[x](javascript:alert(1))") == 303
    page = filled.page(run)
    assert "<strong>odd</strong> &lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1))" in page
    assert "**odd** &lt;script&gt;" in page.partition("<textarea")[2]
    assert "<script>alert" not in page


def test_how_a_run_came_about_is_read_from_the_run_above_it(filled: Filled, run: str, server: Any) -> None:
    above = server.run(experiment_id=filled.experiment, run_name="suite")
    files = {
        "suite.yaml": b"suite: <b>x</b>\n",
        "environment.txt": b"numpy==2\n",
        "code/uncommitted.diff": DIFF.encode(),
    }
    log_files(server.store, above, files)
    commit = "a1b2; rm -rf ~"
    for key, value in (("mlflow.parentRunId", above), ("mlflow.source.git.commit", commit), ("attain.x", HOSTILE)):
        server.post("runs/set-tag", run_id=filled.runs["bkt"], key=key, value=value)
    made = filled.facts(f"{run}.json")["made"]
    assert (made["holder"], made["suite"], made["environment"]) == (above, "suite: <b>x</b>\n", "numpy==2\n")
    assert [kind for kind, _ in made["diff"]] == ["file", "file", "file", "where", "minus", "plus", ""]
    assert made["steps"] == [
        f"git checkout '{commit}'",
        f"attain files {above[:8]} code/uncommitted.diff --to again",
        "git apply again/code/uncommitted.diff",
        f"attain files {above[:8]} suite.yaml --to again",
        "attain run again/suite.yaml --store sqlite:///again/runs.db",
    ]
    page = filled.page(run)
    assert '<span class="plus">+new &lt;b&gt;</span>' in page
    assert '<span class="minus">-old &lt;b&gt;</span>' in page
    assert "<b>" not in page


def test_a_long_diff_is_cut_and_one_without_a_suite_is_not_to_be_repeated(filled: Filled, run: str, keep: Any) -> None:
    keep({"code/uncommitted.diff": b"+x\n" * 5000})
    made = filled.facts(f"{run}.json")["made"]
    assert len(made["diff"]) == 600
    assert made["cut"] == "Cut here, whole among the files: code/uncommitted.diff."
    assert made["steps"] == []


def test_a_run_of_a_project_says_its_command_and_how_to_have_it_again(filled: Filled, run: str, server: Any) -> None:
    tags = {
        "attain.kind": "project",
        "attain.project": f"fit {HOSTILE}",
        "attain.entry": "main",
        "attain.project_command": "python train.py --lr=0.1",
        "attain.project_repeat": "attain run-project . main -P lr=0.1",
        "attain.exit": "0",
        "mlflow.source.git.commit": "a1b2",
    }
    for key, value in tags.items():
        server.post("runs/set-tag", run_id=filled.runs["bkt"], key=key, value=value)
    server.post("runs/set-tag", run_id=filled.runs["bkt"], key="attain.model", value="")
    found = filled.facts(f"{run}.json")
    main = dict(found["made"]["main"])
    assert (main["project"], main["entry"], main["exit status"]) == (f"fit {HOSTILE}", "main", "0")
    assert main["command"] == "python train.py --lr=0.1"
    assert found["repeats"] == f"attain reproduce {filled.runs['bkt'][:8]}"
    assert found["made"]["steps"] == ["git checkout a1b2", "attain run-project . main -P lr=0.1"]
    page = filled.page(run)
    assert found["repeats"] in page
    assert "The last line is for the folder with attain.yaml." in page
    assert "Entry main of the project fit &lt;script&gt;" in page
    assert "whole suite" not in page
    assert "<script>alert" not in page


def test_runs_above_in_a_ring_or_gone_end_the_search(filled: Filled, run: str, server: Any) -> None:
    for above in (filled.runs["bkt"], "0" * 32, "no id"):
        server.post("runs/set-tag", run_id=filled.runs["bkt"], key="mlflow.parentRunId", value=above)
        assert filled.facts(f"{run}.json")["made"]["holder"] == ""


def test_files_of_a_run_above_that_one_may_not_read_are_not_shown(
    filled: Filled, server: Any, serve: Callable[..., Any], store: Store
) -> None:
    secret = server.post("experiments/create", name="secret")["experiment_id"]
    above = server.run(experiment_id=secret, run_name="suite")
    log_files(store, above, {"suite.yaml": b"suite: secret"})
    server.post("runs/set-tag", run_id=filled.runs["bkt"], key="mlflow.parentRunId", value=above)
    with writing(store._engine) as c:
        principals.add(c, "user", "ann", 1, role="member", password=hashed("correct horse battery"))
    store.access.permit("user", "ann", filled.experiment, "read", "root", "experiment")
    guarded = serve(access=open_gate(store, AccessSettings(secure_cookies=False)))
    token = base64.b64encode(b"ann:correct horse battery").decode()
    status, body = guarded.raw("GET", f"/runs/{filled.runs['bkt']}", headers={"Authorization": f"Basic {token}"})
    assert status == 200
    assert b"suite: secret" not in body
    assert "suite: secret" in filled.page(f"/runs/{filled.runs['bkt']}")


def test_what_data_went_in_is_said_with_its_fingerprint_and_size(filled: Filled, run: str, server: Any) -> None:
    data = {"name": HOSTILE, "digest": "abc", "source_type": "local", "source": "{}"}
    for profile, holds in (('{"answers": 24202, "options": {"a": 1}, "ok": true}', "24,202 answers"), ("no JSON", "")):
        one = data | {"profile": profile, "digest": f"abc{len(profile)}"}
        server.post("runs/log-inputs", run_id=filled.runs["bkt"], datasets=[{"dataset": one, "tags": []}])
        assert holds in [used["holds"] for used in filled.facts(f"{run}.json")["made"]["data"]]
    assert "<script>alert" not in filled.page(run)


def test_a_run_names_those_below_it_in_the_order_of_their_start(filled: Filled, run: str, server: Any) -> None:
    for place in range(51):
        tags = [{"key": "mlflow.parentRunId", "value": filled.runs["bkt"]}]
        server.run(experiment_id=filled.experiment, run_name=f"fold {place} {HOSTILE}", start_time=place, tags=tags)
    found = filled.facts(f"{run}.json")
    assert [one["name"].split()[1] for one in found["below"]] == [str(place) for place in range(50)]
    page = filled.page(run)
    assert f'<a href="{found["below"][0]["address"]}">fold 0 &lt;script&gt;' in page
    assert "Runs below this one (50 of more)" in page


def test_a_run_of_generated_pieces_speaks_of_prompts(filled: Filled) -> None:
    server = filled.server
    values = [{"metric": "chrf", "cohort": None, "value": 40.0, "low": 38.0, "high": 42.0, "n": 48, "n_units": 48}]
    runs = []
    for name, value in (("short", 40.0), ("long", 41.0)):
        tags = [{"key": "attain.units", "value": "prompts"}]
        metrics = [{"key": "chrf", "value": value, "timestamp": 1, "step": 0}]
        run_id = server.run(experiment_id=filled.experiment, run_name=name, tags=tags)
        server.post("runs/log-batch", run_id=run_id, metrics=metrics)
        log_files(server.store, run_id, {"values.json": json.dumps(values).encode()})
        runs.append(run_id)
    page = filled.page(f"/runs/{runs[0]}")
    assert "<caption>On all prompts</caption>" in page
    assert '<th scope="col">prompts</th>' in page
    assert "earners" not in page
    compared = filled.page(f"/compare?run={runs[0]}&run={runs[1]}")
    assert "prompt by prompt" in compared
    assert "earner" not in compared
