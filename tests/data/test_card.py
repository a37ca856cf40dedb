from collections.abc import Callable
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.card import dataset_names, find_card, read_card

Write = Callable[..., Path]

CARD = """title: T
tasks: [knowledge_tracing]
description: D
licence:
  name: CC0
  redistribution: true
variants:
  answers:
    file: a.csv
    columns: {learner: u, item: [p, s], correct: c}
    time_unit: ms
"""


def test_the_cards_that_come_with_attain_are_valid_and_name_what_may_be_done() -> None:
    names = dataset_names()
    assert {"simulated", "assistments2009", "assistments2009_split", "statics2011", "algebra2005_20pct"} <= set(names)
    assert {"statistics_cloze", "ednet_kt1_5k", "cognitive_tutor_algebra2006"} <= set(names)
    for name in names:
        card = find_card(name).card
        assert card.licence.name
        assert card.how_to_get
        for source in card.variants.values():
            assert source.sha256


def test_a_card_in_the_working_folder_is_found_first(write: Write) -> None:
    write(CARD, "datasets/simulated/card.yaml")
    write(CARD, "datasets/mine/card.yaml")
    assert find_card("simulated").card.title == "T"
    assert "mine" in dataset_names()


def test_an_unknown_dataset_is_answered_with_the_nearest(write: Write) -> None:
    with pytest.raises(UserError, match=r"Unknown dataset 'statics2012'. Did you mean 'statics2011'"):
        find_card("statics2012")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: T\n", "", r"card\.yaml:1: title: Field required"),
        ("tasks: [knowledge_tracing]", "tasks: [knitting]", r"card\.yaml:2: tasks\.0: Input should be"),
        ("  redistribution: true", "  redistribute: true", r"card\.yaml:4: licence.*"),
        ("    time_unit: ms", "    time_units: ms", r"Unknown field of a card 'time_units'. Did you mean 'time_unit'"),
        ("    time_unit: ms", "    time_unit: h", r"card\.yaml:11: variants\.answers\.time_unit: Input should be"),
        ("item: [p, s], ", "", r"card\.yaml:10: variants\.answers\.columns\.item: Field required"),
        ("learner: u", "lerner: u", r"card\.yaml:10: .*"),
        ("variants:", "generator: simulate\nvariants:", "one of `variants` .* `generator`"),
        ("title: T", "title: T\noptions: {expand: merge}", r"Unknown option of dataset .*Did you mean 'expanded'"),
    ],
)
def test_a_mistake_in_a_card_is_shown_with_its_line(write: Write, old: str, new: str, message: str) -> None:
    assert old in CARD
    with pytest.raises(UserError, match=message):
        read_card(write(CARD.replace(old, new), "datasets/mine/card.yaml"))


def test_a_wrong_field_inside_is_named_with_the_fields_that_may_stand_there(write: Write) -> None:
    with pytest.raises(UserError, match=r"'terms_'. Did you mean 'terms'\? Known: name, redistribution, terms"):
        read_card(write(CARD.replace("  name: CC0", "  name: CC0\n  terms_: x"), "datasets/mine/card.yaml"))
    with pytest.raises(UserError, match=r"'skil'. Did you mean 'skill'"):
        read_card(write(CARD.replace("learner: u", "learner: u, skil: k"), "datasets/mine/card.yaml"))
