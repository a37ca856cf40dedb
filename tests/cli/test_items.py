"""`attain items`: from a file of answers to a table, files and figures, or to one sentence."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attain.core import table_file
from attain.core.table import Predictions
from attain.data.simulate.exposure import exposed
from attain.suite.record import KIND, LABEL
from attain.tracking import artifacts
from attain.tracking.store import open_database

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import
OPTIONS = ["right", "often", "seldom", "never"]


@pytest.fixture
def world(tmp_path: Path) -> tuple[Path, Path]:
    """Two generators, one of which makes items as hard as asked; people; a steered tutor; one unfair item; options."""
    rng = np.random.default_rng(3)
    levels = np.tile(np.arange(1, 6), 6)
    aimed, blind = 0.7 * (levels - 3) + 0.2 * rng.standard_normal(30), rng.standard_normal(30)
    b = np.concatenate([rng.standard_normal(40), aimed, blind])
    names = [f"h{k}" for k in range(40)] + [f"{s}/p{k}/0" for s in ("good", "blind") for k in range(30)]
    harder = np.zeros(100)
    harder[45] = 1.8
    made = exposed(rng, learners=500, items=100, answers=40, width=1.0, difficulty=b, harder_for_focal=harder)
    answers, items = tmp_path / "answers.csv", tmp_path / "items.csv"
    with answers.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["learner", "item", "correct", "option", "school", "exposure"])
        rows = zip(made.learner, made.item, made.correct, made.option, strict=True)
        out.writerows(
            [f"u{who}", names[item], right, OPTIONS[option], "east" if made.focal[who] else "west", "adaptive"]
            for who, item, right, option in rows
        )
    with items.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["item", "system", "level", "options"])
        out.writerows([name, "human", "", ""] for name in names[:40])
        out.writerows(
            [name, name.partition("/")[0], levels[place % 30], json.dumps(OPTIONS)]
            for place, name in enumerate(names[40:])
        )
        out.writerow(["good/p99/0", "good", 3, ""])
    return answers, items


def test_a_table_of_items_with_the_warning_first_and_files_without_learners(
    attain: Attain, world: tuple[Path, Path], tmp_path: Path
) -> None:
    answers, items = world
    said = attain("items", str(answers), "--items", str(items), "--by", "school", "-o", str(tmp_path / "out"))
    assert said.status == 0, said.err
    lines = said.out.splitlines()
    assert lines[0] == "20,000 first answers of 500 learners to 101 items"
    assert lines[1].startswith("Exposure depended on ability (")
    assert lines[1].endswith("shares right and item-rest correlations do not compare items. Read the difficulty.")
    assert lines[2] == "Declared: adaptive 20,000."
    assert "items of the table without an answer: 1 (such as 'good/p99/0')" in said.out
    assert "school: east / west" in said.out or "school: west / east" in said.out
    found = {path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")}
    assert found == {"items.json", "items.csv"} | {
        f"figures/item_{name}.{ending}" for name in ("difficulty", "targets", "options") for ending in ("svg", "png")
    }
    for name in ("items.json", "items.csv"):
        text = (tmp_path / "out" / name).read_text()
        assert not any(f'"u{who}"' in text or f",u{who}," in text for who in range(500)), "no learner is told of"


def test_the_facts_tell_the_good_generator_from_the_blind_one(attain: Attain, world: tuple[Path, Path]) -> None:
    answers, items = world
    said = attain("items", str(answers), "--items", str(items), "--by", "school", "--json")
    facts = json.loads(said.out)
    systems = {row["system"]: row for row in facts["systems"]}
    assert systems["good"]["targets"]["rank"]["low"] > 0.7
    assert systems["blind"]["targets"]["rank"]["low"] < 0.3
    assert systems["good"]["targets"]["slope"]["low"] < 0.7 < systems["good"]["targets"]["slope"]["high"]
    large = sorted((row for row in facts["dif"] if row["size"] == "C"), key=lambda row: -abs(row["delta"]))
    assert large[0]["item"] == "good/p5/0"
    assert len(large) <= 2, "of a hundred"
    assert facts["gain"]["learners"] > 400
    assert all(len(option["options"]) == 4 for option in facts["options"] if "/" in option["item"])


def test_columns_of_other_names_are_mapped(attain: Attain, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rng = np.random.default_rng(0)
    rows = [f"a{i},q{j},{int(rng.random() < 0.6)},{rng.normal():.3f}" for i in range(60) for j in range(8)]
    path.write_text("\n".join(["who,question,ok,logit", *rows, ""]))
    names = ("--learner", "who", "--item", "question", "--correct", "ok", "--ability-column", "logit")
    facts = json.loads(attain("items", str(path), *names, "--json").out)
    assert facts["ability"] == "column"
    assert len(facts["items"]) == 8
    assert {row["state"] for row in facts["items"]} == {"ok"}
    assert attain("items", str(path), *names[:-2], "--ability", "column").err == (
        "attain: The answers have no column of abilities. Name it: --ability-column NAME.\n"
    )


def test_long_names_are_cut_in_the_middle_in_the_table_and_not_in_the_files(attain: Attain, tmp_path: Path) -> None:
    path, long = tmp_path / "log.csv", f"which of {'these many ' * 8}is"
    lines = [f"l{learner},{long} {item},{(learner + item) % 2}" for learner in range(40) for item in range(3)]
    path.write_text("\n".join(["learner,item,correct", *lines]))
    said = attain("items", str(path), "-o", str(tmp_path / "out")).out
    rows = [line for line in said.splitlines() if line.startswith("which of")]
    assert {row.partition(" is ")[2].split()[0] for row in rows} == {"0", "1", "2"}
    assert max(map(len, rows)) < 160
    assert f"{long} 2" in (tmp_path / "out" / "items.csv").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.csv",), "There is no data set and no file 'nowhere.csv'."),
        (("{answers}", "--by", "scool"), "Unknown column of '{answers}' 'scool'. Did you mean 'school'?"),
        (("{answers}", "--ability", "irtt"), "Unknown knowledge tracing model 'irtt'. Did you mean 'irt'?"),
        (("{answers}", "--chosen", "choice"), "Unknown column of '{answers}' 'choice'."),
        (
            ("{answers}", "--chosen", "item"),
            "{answers}: the column 'item' is named for 'item' and for another purpose.",
        ),
        ((), "Name the answers: attain items RESPONSES. Or a run and a folder"),
        (("{answers}", "--run", "abc"), "There is no run 'abc' in"),
        (("{answers}", "--option", "learners"), "--option 'learners': expected NAME=VALUE."),
        (("{answers}", "--option", "learners=abc"), "'learners' is 'abc': Input should be a valid integer"),
        (("{answers}", "--option", "lerners=3"), "Did you mean 'learners'?"),
        (("{answers}", "--items", "{other}"), "None of the 1 items is answered: their ids are like 'x1', those of the"),
    ],
)
@pytest.mark.usefixtures("home")
def test_a_mistake_is_one_sentence(
    attain: Attain, world: tuple[Path, Path], tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("item,level\nx1,2\n")
    places = {"answers": str(world[0]), "other": str(other)}
    found = attain("items", *(one.format(**places) for one in arguments))
    assert found.status == 2
    assert said.format(**places) in found.err
    assert found.err.count("\n") == 1


def test_the_commands_in_the_docs_exist_with_their_options() -> None:
    import typer

    from attain.cli.main import application

    text = (Path(__file__).parents[2] / "docs" / "items.md").read_text(encoding="utf-8")
    typed = [line[2:].partition("  #")[0].split() for line in text.splitlines() if line.startswith("$ attain ")]
    assert len(typed) == 4
    command = typer.main.get_command(application()).commands["items"]  # type: ignore[attr-defined]  # it is a group
    known = {option for parameter in command.params for option in parameter.opts}
    for words in typed:
        assert words[1] == "items"
        assert {word for word in words if word.startswith("-")} <= known
    assert set(re.findall(r"`(--[a-z-]+)", text)) | set(re.findall(r" (--[a-z-]+)", text)) <= known


def test_the_pieces_of_a_run_are_handed_out_and_answers_find_back_to_them(attain: Attain, home: Path) -> None:
    store = open_database()
    run = store.create_run(store.create_experiment("q"), "tiny", tags={KIND: "model", LABEL: "tiny"})
    frame = pd.DataFrame(
        {"unit": [f"p{k}" for k in range(8)], "sample": 0, "text": "Why?", "state": "ok", "level": 2.0}
    )
    frame = frame.assign(fold=0, example=range(8), target=float("nan"), score=1.0)
    (home / "table").mkdir()
    table_file.write(Predictions(frame), home / "table")
    artifacts.log_artifacts(store, run.run_id, home / "table")
    said = attain("items", "--run", run.run_id[:8], "-o", "ask")
    assert said.out.startswith("8 items are in ask/items_to_ask.csv.")
    with Path("ask/items_to_ask.csv").open() as file:
        ids = [row["item"] for row in csv.DictReader(file)]
    assert ids == [f"tiny/p{k}/0" for k in range(8)]
    rng = np.random.default_rng(0)
    rows = [f"u{who},{name},{int(rng.random() < 0.6)}" for who in range(50) for name in ids]
    Path("answers.csv").write_text("\n".join(["learner,item,correct", *rows, ""]))
    said = attain("items", "answers.csv", "--run", run.run_id[:8])
    assert said.status == 0, said.err
    assert f"Kept with run {run.run_id[:8]}" in said.out
    kept = json.loads(artifacts.read_bytes(store, run.run_id, "items.json"))
    assert sorted(row["item"] for row in kept["items"]) == ids
    assert "u17" not in json.dumps(kept)
    both = home / "more.csv"
    both.write_text(f"item,level\n{ids[0]},2\n")
    said = attain("items", "answers.csv", "--run", run.run_id[:8], "--items", str(both))
    assert (said.status, said.err) == (
        2,
        f"attain: {both}: the item 'tiny/p0/0' is a piece of the run already; leave it out of the table.\n",
    )
