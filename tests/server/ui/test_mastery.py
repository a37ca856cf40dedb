"""Who knows what: the table of learners by skills, a learner's course, and what stands where a run says nothing."""

import io
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attain.server.ui.pages.mastery import SAY_MASTERY
from attain.tasks.knowledge_tracing import MODELS, HasMastery
from attain.tracking.artifacts import log_files

Filled = Any  # the class of the conftest
HOSTILE = "<b>add</b>\"'"


def written(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def kept(n_learners: int = 60, n_skills: int = 35) -> dict[str, bytes]:
    """Learners 0, 1, … who answer three times on each of their skills; learner n knows skill s with (n + s) / 200."""
    rows = [
        (f"l{n:02}", f"{HOSTILE} {s:02}", step, (n + s) / 200 if step == 2 else 0.01)
        for n in range(n_learners)
        for s in range(n_skills)
        if s < 12 or n % 2
        for step in range(3)
    ]
    frame = pd.DataFrame(rows, columns=["unit", "skill", "step", "mastery"])
    frame["example"] = np.arange(len(frame))
    frame["target"] = (frame["step"] > 0).astype(float)
    answers = frame.assign(unit=frame["unit"].astype("category"), score=0.5)
    return {
        "predictions.parquet": written(answers[["example", "unit", "target", "score", "skill", "step"]]),
        "mastery.parquet": written(frame[["example", "skill", "mastery"]]),
    }


@pytest.fixture
def address(filled: Filled, server: Any) -> str:
    """The page of a run that says mastery."""
    log_files(server.store, filled.runs["bkt"], kept())
    return f"/runs/{filled.runs['bkt']}/mastery"


def test_learners_stand_by_skills_fifty_a_page_and_thirty_skills_at_most(filled: Filled, address: str) -> None:
    grid = filled.facts(f"{address}.json")["grid"]
    assert (len(grid["rows"]), len(grid["columns"]), grid["n_rows"], grid["n_skills"]) == (50, 30, 60, 35)
    assert grid["rows"][0]["learner"] == "l59"
    assert grid["rows"][0]["cells"][0] == pytest.approx((59 + 29) / 200)
    second = filled.facts(f"{address}.json?page=2")["grid"]
    assert [second["first"], len(second["rows"]), second["after"]] == [51, 10, ""]
    for odd in ("-1", "x", "0", "9" * 5000, "%C2%B2"):
        assert filled.facts(f"{address}.json?page={odd}")["grid"]["rows"]


def test_the_order_of_learners_and_skills_stands_in_the_address(filled: Filled, address: str) -> None:
    least = filled.facts(f"{address}.json?order=unknown&skill_order=unknown")["grid"]
    assert least["rows"][0]["learner"] == "l00"
    assert least["columns"][0]["skill"] == f"{HOSTILE} 00"
    names = filled.facts(f"{address}.json?order=name")["grid"]
    assert [row["learner"] for row in names["rows"][:2]] == ["l00", "l01"]
    most = filled.facts(f"{address}.json?order=answers&skill_order=learners")["grid"]
    assert most["rows"][0]["answers"] == 90
    assert [column["learners"] for column in most["columns"][11:13]] == [60, 30]


def test_what_was_not_answered_is_hatched_and_said(filled: Filled, address: str) -> None:
    grid = filled.facts(f"{address}.json?order=name")["grid"]
    by_skill = dict(zip([one["skill"] for one in grid["columns"]], grid["rows"][0]["cells"], strict=True))
    assert by_skill[f"{HOSTILE} 20"] is None
    assert by_skill[f"{HOSTILE} 02"] == pytest.approx(0.01)
    page = filled.page(f"{address}?order=name")
    assert '<td class="n none"><span class="unseen">no answer</span></td>' in page
    assert re.search(r'<td class="n level-\d">\d+</td>', page)
    assert "style=" not in page


def test_skills_are_chosen_and_learners_without_them_left_out(filled: Filled, address: str) -> None:
    grid = filled.facts(f"{address}.json?skill=%3Cb%3Eadd%3C/b%3E%22%27%2020&skill=nothing")["grid"]
    assert [column["skill"] for column in grid["columns"]] == [f"{HOSTILE} 20"]
    assert grid["n_rows"] == 30
    assert [name for name, shown in grid["names"] if shown] == [f"{HOSTILE} 20"]


def test_a_learners_course_is_drawn_by_answer(filled: Filled, address: str) -> None:
    found = filled.facts(f"{address}.json?learner=l01")
    assert [len(chart["lines"]) for chart in found["courses"]] == [6, 6, 6, 6, 6]
    assert found["courses"][0]["lines"][3]["points"] == [[1, 0.01], [2, 0.01], [3, pytest.approx(0.02)]]
    page = filled.page(f"{address}?learner=l01")
    assert "<b>add" not in page
    assert "answer on the skill" in page
    nobody = filled.page(f"{address}?learner=%3Cb%3Enobody")
    assert "No learner &#39;&lt;b&gt;nobody&#39; answered in this run." in nobody
    assert 'value="&lt;b&gt;nobody"' in nobody


def test_skills_stand_beside_each_other_by_difficulty_and_time_from_a_level_in_the_address(
    filled: Filled, address: str
) -> None:
    easy, late = filled.facts(f"{address}.json?level=0.2")["skills"]
    assert {round(dot["value"], 3) for dot in easy["dots"]} == {0.667}
    times = {dot["name"]: dot["value"] for dot in late["dots"]}
    assert times[f"{HOSTILE} 29"] == 3
    assert times[f"{HOSTILE} 00"] is None
    assert "“not known”" in late["said"]
    for odd in ("x", "nan", "-1", "7"):
        assert filled.facts(f"{address}.json?level={odd}")["level"] == 0.95


def test_its_csv_has_a_line_a_learner(filled: Filled, address: str) -> None:
    lines = filled.page(f"{address}.csv?order=name").splitlines()
    assert lines[0].startswith("learner,mean,answers,")
    assert lines[1].startswith("l00,")
    assert len(lines) == 51


def test_a_run_without_mastery_says_which_models_say_it_and_how_to_have_one(filled: Filled, server: Any) -> None:
    parent = server.run(experiment_id=filled.experiment, run_name="suite")
    tags = {"bkt": "bkt", "irt": "irt"}
    for model, run_id in ((model, filled.runs[model]) for model in tags):
        for key, value in (("attain.model", model), ("mlflow.parentRunId", parent), ("attain.suite", "my suite")):
            server.post("runs/set-tag", run_id=run_id, key=key, value=value)
    found = filled.facts(f"/runs/{filled.runs['irt']}/mastery.json")
    assert found["problem"] == "irt keeps no table of mastery: not every model says how well a skill is known."
    assert [address for _, address in found["beside"]] == [f"/runs/{filled.runs['bkt']}/mastery"]
    assert found["teach"] == ""
    assert f'href="/runs/{filled.runs["bkt"]}/mastery"' in filled.page(f"/runs/{filled.runs['irt']}/mastery")
    server.post("runs/delete-tag", run_id=filled.runs["bkt"], key="attain.model")
    assert filled.facts(f"/runs/{filled.runs['irt']}/mastery.json")["teach"] == "attain run 'my suite' --model bkt"
    page = filled.page(f"/runs/{filled.runs['irt']}/mastery")
    assert "akt, bkt, dkt" in page
    assert "attain run &#39;my suite&#39; --model bkt" in page
    assert "learner" in filled.page(f"/runs/{filled.runs['irt']}/mastery.csv")


def test_the_models_named_are_those_that_say_mastery() -> None:
    assert set(SAY_MASTERY) == {name for name in MODELS.names() if issubclass(MODELS.get(name), HasMastery)}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"mastery.parquet": b"no table"}, "mastery.parquet cannot be read as a Parquet table"),
        ({"predictions.parquet": b""}, "predictions.parquet cannot be read as a Parquet table"),
        ({"mastery.parquet": written(pd.DataFrame({"example": [1]}))}, "mastery.parquet has no column 'mastery'"),
        (
            {"mastery.parquet": written(pd.DataFrame({"example": [-1], "skill": ["a"], "mastery": [0.5]}))},
            "No answer in mastery.parquet has a mastery.",
        ),
    ],
)
def test_a_broken_table_is_said_in_a_sentence(filled: Filled, server: Any, files: dict[str, bytes], said: str) -> None:
    log_files(server.store, filled.runs["bkt"], kept(3, 2) | files)
    page = filled.page(f"/runs/{filled.runs['bkt']}/mastery")
    assert "Mastery cannot be shown: " in page
    assert said in page.replace("&#39;", "'")
    assert filled.facts(f"/runs/{filled.runs['bkt']}/mastery.json")["grid"] is None


def test_a_table_of_answers_that_is_missing_is_said_too(filled: Filled, server: Any) -> None:
    log_files(server.store, filled.runs["bkt"], {"mastery.parquet": kept(3, 2)["mastery.parquet"]})
    assert "Mastery cannot be shown: " in filled.page(f"/runs/{filled.runs['bkt']}/mastery")
