from typing import ClassVar

import pytest

from attain.models.content_generation.template import Template, cloze, sentence_with, wh_question
from attain.tasks.context import FitContext
from attain.testing.generator import GeneratorTests
from attain.testing.small_prompts import small_prompts


class TestQuestions(GeneratorTests):
    model = Template
    params: ClassVar = {"max_failed_share": 0.5}


class TestCloze(GeneratorTests):
    model = Template
    params: ClassVar = {"form": "cloze", "max_failed_share": 0.5}


def test_questions_of_any_script_hold_a_gap_and_not_the_answer() -> None:
    prompts = small_prompts()
    answers = dict(zip(prompts.table["prompt"], prompts.table["answer"], strict=True))
    made = {piece.prompt: piece.text for piece in Template.create(form="cloze").generate(prompts.asked(), FitContext())}
    assert made.pop("answer only") == "What is meant by a gas?"
    assert made["japanese"] == "Fill the gap: 水は_____。"
    for prompt, text in made.items():
        assert text.count("_____") == 1
        assert answers[prompt] not in text


@pytest.mark.parametrize(
    ("sought", "passage", "made"),
    [
        ("ice", "The price fell. Ice melts.", "Fill the gap: _____ melts."),
        ("ion", "An action frees an ion.", "Fill the gap: An action frees an _____."),
        ("+ 4", "It is 3 + 4 now.", "Fill the gap: It is 3 _____ now."),
        ("gas", "Gases are light.", "Fill the gap: _____es are light."),  # nowhere a word of its own
    ],
)
def test_a_word_of_its_own_goes_before_a_part_of_another(sought: str, passage: str, made: str) -> None:
    assert cloze(sought, sentence_with(sought, passage), "") == made


def test_only_the_first_place_of_the_answer_becomes_the_gap() -> None:
    assert cloze("ice", "Ice is cold, and ice melts.", "") == "Fill the gap: _____ is cold, and ice melts."


@pytest.mark.parametrize(
    ("sought", "sentence", "concept", "question"),
    [
        ("seven", "", "seven", "What is meant by seven?"),
        ("42", "It has 42 legs.", "", "How many is meant: It has _____ legs?"),
        ("蒸発する", "水は蒸発する。", "", "What is meant: 水は_____?"),
        ("", "", "", ""),
    ],
)
def test_the_question_follows_from_what_is_known(sought: str, sentence: str, concept: str, question: str) -> None:
    assert wh_question(sought, sentence, concept) == question


def test_a_prompt_that_gives_nothing_to_ask_for_is_a_failed_piece() -> None:
    prompts = small_prompts()
    bare = prompts.table.assign(answer="", concept="")
    pieces = list(Template().generate(type(prompts)(bare), FitContext()))
    assert {piece.state for piece in pieces} == {"failed"}
    assert "nothing to ask for" in pieces[0].error
