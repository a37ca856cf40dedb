import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attain.projects.command import fill, filled, names_in, split, unsafe

NASTY = [
    "; touch hit",
    "$(touch hit)",
    "`touch hit`",
    "a' 'b",
    'a" "b',
    "a && touch hit",
    "| sh",
    "\n touch hit",
    "{x}",
    "*",
]


def plain(name: str, value: str) -> str | None:
    return value


@pytest.mark.parametrize("value", NASTY)
def test_no_value_gets_out_of_its_word(value: str, tmp_path: Path) -> None:
    """The process itself says what it was given."""
    code = "import json, sys; print(json.dumps(sys.argv[1:]))"
    words = filled(split("--note={note} last"), {"note": value}, plain)
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == [f"--note={value}", "last"]
    assert list(tmp_path.iterdir()) == []


@given(st.dictionaries(st.sampled_from(["a", "b"]), st.text(), min_size=2))
@settings(max_examples=200)
def test_values_are_put_in_once_and_never_read_as_places(values: dict[str, str]) -> None:
    assert filled(["{a}", "x{b}y", "{{a}}"], values, plain) == [values["a"], f"x{values['b']}y", "{a}"]


@pytest.mark.parametrize("command", ["", "  ", []])
def test_an_empty_command_is_refused(command: str | list[str]) -> None:
    with pytest.raises(ValueError, match="the command is empty"):
        split(command)


@pytest.mark.parametrize(
    "word", ["|", "&&", ";", ">", "2>&1", ">>", "<", "||", "&", "$HOME", "${HOME}", "$(date)", "`date`"]
)
def test_what_is_for_a_shell_is_refused_and_may_stand_in_a_list(word: str) -> None:
    with pytest.raises(ValueError, match="is for a shell"):
        split(f"python a.py {word} b")
    assert split(["python", "a.py", word]) == ["python", "a.py", word]


def test_quotes_and_places_stay_whole() -> None:
    assert split("run 'a b' {x} --y={y}") == ["run", "a b", "{x}", "--y={y}"]
    assert names_in("{x}{{y}}{z}") == ["x", "z"]
    with pytest.raises(ValueError, match="No closing quotation"):
        split("run 'a")


@pytest.mark.parametrize(
    "words",
    [
        ["sh", "-c", "echo {x}"],
        ["env", "bash", "-lc", "echo {x}"],
        ["/bin/bash", "-c", "echo '{x}'"],
        ["python", "-c", "print({x})"],
        ["python3.12", "-c", "print({x})"],
        ["Rscript", "-e", "cat({x})"],
        ["node", "--eval", "{x}"],
        ["python", "-W", "error", "-c", "print({x})"],
        ["python", "-cprint({x})"],
        ["{x}", "train.py"],
    ],
)
def test_values_are_not_code_and_do_not_choose_the_program(words: list[str]) -> None:
    assert unsafe(words)


def test_values_behind_code_are_words_of_their_own() -> None:
    assert not unsafe(["sh", "-c", 'echo "$1"', "sh", "{x}"])
    assert not unsafe(["python", "train.py", "-c", "{x}"])
    assert not unsafe(["python", "-m", "train", "-e", "{x}"])
    assert fill("{a}-{a}", {"a": "{a}"}) == "{a}-{a}"


def test_a_word_that_is_only_a_place_of_nothing_falls_away() -> None:
    said = {"deep": None, "lr": "0.1"}
    assert filled(["a", "{deep}", "{lr}"], {"deep": "false", "lr": "0.1"}, lambda name, _: said[name]) == ["a", "0.1"]
