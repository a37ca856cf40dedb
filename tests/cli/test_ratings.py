"""`attain ratings`: from a suite of generators over blind sheets to what people say of it."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.suite.config import read_suite
from attain.suite.execute import Execution
from attain.suite.people.pieces import pieces_of
from attain.suite.plan import make_plan
from attain.suite.progress import View
from attain.suite.report import last_suite_run
from attain.tracking.store import open_store

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import

SUITE = """\
suite: writers
task: content_generation
datasets: [{name: small_lessons, options: {prompts: 12}}]
models:
  - {name: recorded, grid: {system: [careful, careless]}}
  - template
metrics: [text_length]
replicates: 100
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the suite was run once."""
    folder = tmp_path_factory.mktemp("done")
    (folder / "writers.yaml").write_text(SUITE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ATTAIN_HOME", str(folder / ".attain"))
        patch.delenv("ATTAIN_TRACKING_URI", raising=False)
        plan = make_plan(read_suite("writers.yaml"))
        uri = f"sqlite:///{folder / '.attain' / 'attain.db'}"
        assert not Execution(plan, uri, workers=1, threads=1, view=View()).run().failed
    return folder


@pytest.fixture(autouse=True)
def there(done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of it for each test."""
    shutil.copytree(done / ".attain", tmp_path / ".attain")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / ".attain"))
    monkeypatch.delenv("ATTAIN_TRACKING_URI", raising=False)


def facts(attain: Attain) -> Any:
    return json.loads(attain("ratings", "report", "writers", "--json").out)


def test_a_suite_whose_data_hold_ratings_has_its_report_when_it_ends(attain: Attain, tmp_path: Path) -> None:
    suite = last_suite_run(open_store(None), "writers")
    assert suite is not None
    attain("files", suite.run_id, "--to", str(tmp_path / "kept"))
    kept = json.loads((tmp_path / "kept" / "people.json").read_text())
    assert [d["name"] for d in kept["dimensions"]] == ["clarity", "answerability", "relevance"]
    assert (tmp_path / "kept" / "figures" / "agreement.png").exists()


def test_the_report_shows_means_agreement_severity_and_metrics_by_level(attain: Attain) -> None:
    said = attain("ratings", "report", "writers")
    assert said.status == 0
    lines = said.out.splitlines()
    head = next(line for line in lines if line.startswith("mean rating"))
    assert [name.strip() for name in head.split("↑")[1:]] == ["clarity", "answerability", "relevance"]
    assert any(line.startswith("careful") and "[" in line for line in lines)
    assert any(line.startswith("alpha ordinal") for line in lines)
    assert any("answerability: careful has the highest mean" in line for line in lines)
    assert "Not rated: template." in said.out
    assert "Severity of raters" in said.out
    levels = [line.split()[1] for line in lines if line.startswith("text_length")]
    assert levels == ["system", "item", "pooled"]
    assert "2 systems are too few for an interval; p is of shuffled systems" in said.out


def test_sheets_are_written_filled_in_imported_and_reported(attain: Attain, tmp_path: Path) -> None:
    said = attain(
        *("ratings", "sheet", "writers", "-o", "sheet.csv", "--dimensions", "tone", "--raters", "2"),
        *("--per-system", "4"),
    )
    assert said.status == 0
    assert "sheet-1.csv: " in said.out
    assert "Sealed key k" in said.out
    assert "write 1 to 5." in said.out
    for number in (1, 2):
        path = tmp_path / f"sheet-{number}.csv"
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for place, row in enumerate(rows):
            row["tone"] = str(1 + (place + number) % 5)
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
    done = attain("ratings", "import", "writers", "sheet-1.csv", "sheet-2.csv")
    assert done.status == 0, done.err
    assert "sheet-1.csv: 12 ratings, 0 preferences" in done.out
    key = rows[0]["sheet"][:6]
    tone = next(d for d in facts(attain)["dimensions"] if d["name"] == "tone")
    assert (tone["raters"], tone["n_pieces"]) == ([f"rater {number} of {key}" for number in (1, 2)], 12)
    again = attain("ratings", "import", "writers", "sheet-1.csv")
    assert again.status == 2
    assert "12 of 12 rows are kept already" in again.err.replace("\n", " ")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "all 3 systems have the same mean."),
        ({"template": "1"}, "careful and careless have the highest mean; no clear difference between careful and"),
        ({"careful": "5"}, "careful has the highest mean; no clear difference between it and"),
    ],
)
def test_systems_with_the_same_mean_are_not_ranked(
    attain: Attain, tmp_path: Path, values: dict[str, str], said: str
) -> None:
    systems = ("recorded system=careful", "recorded system=careless", "template")
    prompts = pieces_of(open_store(None), "writers").prompts[:3]
    lines = [
        f"{prompt},{system},ann,tone,{values.get(system.rpartition('=')[2], '3')}"
        for prompt in prompts
        for system in systems
    ]
    (tmp_path / "long.csv").write_text("\n".join(["prompt,system,rater,dimension,value", *lines]))
    done = attain("ratings", "import", "writers", "long.csv", "--scale", "1-5")
    assert done.status == 0, done.err
    assert f"tone: {said}" in done.out


def test_a_model_as_judge_is_imported_beside_the_people(attain: Attain, tmp_path: Path) -> None:
    before = next(d for d in facts(attain)["dimensions"] if d["name"] == "clarity")
    attain("ratings", "sheet", "writers", "-o", "j.csv", "--dimensions", "clarity", "--raters", "1")
    text = (tmp_path / "j.csv").read_text(encoding="utf-8-sig")
    with (tmp_path / "j.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert text.startswith("sheet,code,")
    with (tmp_path / "j.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows([{**row, "clarity": str(3 + i % 3)} for i, row in enumerate(rows)])
    said = attain("ratings", "import", "writers", "j.csv", "--model", "--rater", "a model")
    assert said.status == 0, said.err
    assert "Models as judges, beside the people's mean and never in it" in said.out
    after = next(d for d in facts(attain)["dimensions"] if d["name"] == "clarity")
    assert [judge["rater"] for judge in after["judges"]] == ["a model"]
    assert (after["rated"], after["alphas"]) == (before["rated"], before["alphas"])


def test_a_suite_that_ran_again_says_where_the_ratings_of_its_earlier_run_are(attain: Attain, tmp_path: Path) -> None:
    rated = last_suite_run(open_store(None), "writers")
    assert rated is not None
    sheet = attain("ratings", "sheet", "writers", "-o", "s.csv", "--dimensions", "tone", "--raters", "1")
    assert f"attain ratings import {rated.run_id[:8]} s.csv" in sheet.out
    (tmp_path / "filled.csv").write_text((tmp_path / "s.csv").read_text("utf-8-sig").replace(",,", ",3,"))
    (tmp_path / "writers.yaml").write_text(SUITE.replace("- template", "- {name: template, params: {form: cloze}}"))
    assert attain("run", "writers.yaml").status == 0
    lost = attain("ratings", "import", "writers", "filled.csv")
    assert lost.status == 2
    assert f"it lies with run {rated.run_id[:8]}: name that run in place of the suite." in lost.err.replace("\n", " ")
    assert "not counted here" not in attain("ratings", "report", "writers").out
    assert attain("ratings", "import", rated.run_id, "filled.csv").status == 0
    assert f"not counted here: attain ratings report {rated.run_id[:8]}" in attain("ratings", "report", "writers").out


def test_preferences_are_reported_as_strengths(attain: Attain, tmp_path: Path) -> None:
    attain("ratings", "sheet", "writers", "-o", "p.csv", "--pairs", "--raters", "1", "--dimensions", "overall")
    with (tmp_path / "p.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    with (tmp_path / "p.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        words = ("first", "second", "tie")
        writer.writerows([{**row, "overall": words[i % 3]} for i, row in enumerate(rows)])
    said = attain("ratings", "import", "writers", "p.csv")
    assert said.status == 0, said.err
    assert f"Preferences in overall: {len(rows)} by 1 rater, " in said.out
    assert "The piece that stood first won 0.5" in said.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("report", "nothing"), "'nothing'"),
        (("report", "writers", "--coefficients", "cosine"), "'cosine' is no correlation; there are pearson"),
        (("sheet", "writers", "-o", "s.csv", "--scale", "5-1"), "is not two numbers with the lower one first"),
        (("sheet", "writers", "-o", "s.csv", "--dimensions", "text"), "'text' cannot be a dimension"),
        (("import", "writers", "missing.csv"), "Cannot read 'missing.csv'"),
        (("import", "writers", "missing.csv", "--column", "rater"), "--column 'rater' is not OURS=ITS"),
        (("open", "writers", "k1", "-o", "k.csv"), "keeps no key 'k1' (it keeps none)"),
    ],
)
def test_a_mistake_is_one_sentence(attain: Attain, arguments: tuple[str, ...], said: str) -> None:
    found = attain("ratings", *arguments)
    assert found.status == 2
    assert said in found.err.replace("\n", " ")
