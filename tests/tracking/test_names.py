import random
import re

from attain.tracking.names import ADJECTIVES, ANIMALS, run_name
from attain.tracking.rules import checked_name


def test_a_name_is_an_adjective_an_animal_and_a_number() -> None:
    match = re.fullmatch(r"([a-z]+)-([a-z]+)-(\d{1,3})", run_name(random.Random(1)))
    assert match
    assert match[1] in ADJECTIVES.split()
    assert match[2] in ANIMALS.split()


def test_names_differ_and_are_allowed() -> None:
    names = {checked_name("a run", run_name()) for _ in range(200)}
    assert len(names) > 190


def test_no_word_is_listed_twice() -> None:
    for words in (ADJECTIVES.split(), ANIMALS.split()):
        assert len(words) == len(set(words))
        assert len(words) > 70
