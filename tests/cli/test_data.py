import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from attain.cli.data import app
from attain.core.errors import UserError

CSV = "user,q,right,kc,sex\n" + "".join(f"u{i},q{i % 3},{i % 2},k~~m,{'F' if i < 30 else 'M'}\n" for i in range(33))
MAP = ["--learner", "user", "--item", "q", "--correct", "right", "--skill", "kc"]


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ATTAIN_DATA", "")
    (tmp_path / "a.csv").write_text(CSV)


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_list_says_which_sets_are_here() -> None:
    rows = {row["name"]: row["files"] for row in json.loads(run("list", "--json"))}
    assert rows["simulated"] == "none needed"
    assert rows["statics2011"] == "no"
    assert "Simulated learners" in run("list")


def test_a_broken_card_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "datasets" / "mine").mkdir(parents=True)
    (tmp_path / "datasets" / "mine" / "card.yaml").write_text("title: T\n")
    rows = {row["name"]: row for row in json.loads(run("list", "--json"))}
    assert rows["mine"]["files"] == "card is broken"
    assert "card.yaml:1" in rows["mine"]["title"]
    assert "simulated" in rows


def test_a_card_is_shown_with_licence_options_and_faults() -> None:
    shown = run("show", "statistics_cloze")
    for part in ("DataShop", "May be handed on: no", "transactions.csv.gz", "min_answers", "3,194 STUDY rows"):
        assert part in shown
    card = json.loads(run("show", "statistics_cloze", "--json"))
    assert card["files"] == {"transactions.csv.gz": "no"}
    assert card["options"]["variant"] == "transactions"


def test_a_data_set_is_checked_with_options() -> None:
    facts = json.loads(run("check", "simulated", "-o", "learners=40", "--option", "truth=irt", "--json"))
    assert facts["learners"] == 40
    assert facts["cohorts"]["school"]["Oakwood"] == "<10"
    shown = run("check", "simulated", "-o", "learners=40")
    assert "Learners by gender" in shown
    assert "Nothing was changed." in shown


def test_a_file_is_checked_by_its_columns_and_no_learner_is_shown() -> None:
    shown = run("check", "a.csv", *MAP)
    assert "share with several skills  1" in shown
    assert "u12" not in shown


def test_an_imported_file_is_checked_by_name() -> None:
    assert "datasets: [mine]" in run("import", "mine", "a.csv", *MAP, "--cohort", "gender=sex", "-o", "min_answers=1")
    facts = json.loads(run("check", "mine", "--json"))
    assert (facts["name"], facts["answers"], facts["skills"]) == ("mine", 33, 2)
    assert facts["cohorts"] == {"gender": {"F": "hidden", "M": "<10"}}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check", "simulatd"], "Did you mean 'simulated'"),
        (["check", "none.csv"], "There is no file"),
        (["check", "a.csv"], "no column is named for 'learner'"),
        (["check", "simulated", "-o", "learners"], "expected NAME=VALUE"),
        (["check", "simulated", "-o", "learners=many"], "'learners' is 'many'"),
        (["check", "statics2011"], "is not here"),
        (["import", "mine", "a.csv", *MAP, "--cohort", "gender"], "--cohort 'gender': expected NAME=VALUE"),
        (["import", "mine", "a.csv", *MAP, "--time", "kc"], r"line 2, column 'kc'"),
    ],
)
def test_a_mistake_is_one_sentence(words: list[str], message: str) -> None:
    with pytest.raises(UserError, match=message):
        CliRunner().invoke(app, words, catch_exceptions=False)


@pytest.mark.parametrize("role", ["item", "correct", "skill", "time", "duration", "order", "answer-id", "cohort"])
def test_the_column_with_the_learners_may_have_no_other_role_and_no_learner_is_named(role: str) -> None:
    words = {"--item": "q", "--correct": "right", f"--{role}": "who=user" if role == "cohort" else "user"}
    asked = ["import", "leak", "a.csv", "--learner", "user", *(w for pair in words.items() for w in pair)]
    told = str(CliRunner().invoke(app, asked).exception)
    assert "the column 'user' is named for learner and for" in told
    assert role.replace("-", "_") in told
    assert "u0" not in told


@pytest.mark.parametrize(
    ("text", "more", "offered", "remedy"),
    [
        ("l,i,c\na,1,ja\nb,2,nein\n", [], "--right", ["--right", "ja", "--wrong", "nein"]),
        ("l,i,c\na,1,1\nb,2,STUDY\n", [], "--not-answer", ["--not-answer", "STUDY"]),
        ("l,i,c,t\na,1,1,1446515390344\n", ["--time", "t"], "--time-unit s", ["--time-unit", "s"]),
        ("l,i,c,k\na,1,1,x\na,1,1,y\n", ["--skill", "k"], "--option expanded=merge", ["--option", "expanded=merge"]),
        ("l,i,c,k,n\na,1,1,x,7\na,1,1,y,7\n", ["--skill", "k"], "--answer-id", ["--answer-id", "n"]),
        ("l,i,c\nä,1,1\n".encode("latin-1"), [], "--encoding latin-1", ["--encoding", "latin-1"]),
    ],
)
def test_each_remedy_is_named_as_an_option_that_works(
    tmp_path: Path, text: str | bytes, more: list[str], offered: str, remedy: list[str]
) -> None:
    (tmp_path / "b.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    named = ["b.csv", "--learner", "l", "--item", "i", "--correct", "c", *more]
    for command in (["check"], ["import", "mine"]):
        refused = CliRunner().invoke(app, [*command, *named])
        assert f"`{offered}" in str(refused.exception)
        assert "answers" in run(*command, *named, *remedy)


def test_a_file_is_prepared_in_bounded_memory_and_what_that_takes_is_planned() -> None:
    planned = json.loads(run("prepare", "a.csv", *MAP, "--stream", "--plan", "--json"))
    assert (planned["rows"], planned["streamed"]) == (33, True)
    assert "131,000,000" in run("prepare", "a.csv", *MAP, "--plan", "--rows", "131000000")
    whole = json.loads(run("prepare", "a.csv", *MAP, "--cohort", "sex=sex", "--json"))
    (Path(whole["folder"]) / "about.json").unlink()
    streamed = json.loads(run("prepare", "a.csv", *MAP, "--cohort", "sex=sex", "--stream", "--json"))
    assert streamed["fingerprint"] == whole["fingerprint"]
    assert "33 answers of 33 learners" in run("prepare", "a.csv", *MAP)
    with pytest.raises(UserError, match="--rows goes with --plan"):
        run("prepare", "a.csv", *MAP, "--rows", "5")
