from typing import ClassVar

import pytest

from attain.models.content_generation.template import Template, cloze, wh_question
from attain.tasks.context import FitContext
from attain.testing.generator import GeneratorTests
from attain.testing.small_prompts import small_prompts


class TestQuestions(GeneratorTests):
    model = Template
    params: ClassVar = {"max_failed_share": 0.5}


class TestCloze(GeneratorTests):
    model = Template
    params: ClassVar = {"form": "cloze", "max_failed_share": 0.5}


@pytest.mark.parametrize("form", ["cloze", "wh"])
def test_questions_of_any_script_hold_a_gap_and_not_the_answer(form: str) -> None:
    prompts = small_prompts()
    answers = dict(zip(prompts.table["prompt"], prompts.table["answer"], strict=True))
    model = Template.create(form=form)
    for piece in model.generate(prompts.asked(), FitContext()):
        if "_____" in piece.text:
            sentence = piece.text.split(": ", 1)[1]
            assert sentence.count("_____") == 1
            assert answers[piece.prompt] not in sentence.replace("It is _____", "") or piece.prompt.startswith("more")


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
