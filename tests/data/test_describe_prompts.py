from collections.abc import Callable
from pathlib import Path

import pytest

from attain.data.dataset import Dataset
from attain.data.describe_prompts import describe_prompts
from attain.data.load import load
from attain.testing.small_prompts import small_prompt_set


def test_a_set_with_outputs_and_ratings(home: Path) -> None:
    facts = describe_prompts(load("small_lessons", {"raters": 3}))
    assert (facts.prompts, facts.pieces, facts.with_reference, facts.missing_pieces) == (48, 144, 48, 0)
    assert facts.systems == ("careful", "careless", "plain")
    assert facts.ratings == 144 * 3 * 3
    assert facts.raters == ("rater_01", "rater_02", "rater_03")
    assert all(1 <= mean <= 5 for mean in facts.dimensions.values())
    assert facts.cohorts == {"topic": {"forces": 12, "numbers": 12, "plants": 12, "water": 12}}


def test_missing_and_empty_outputs_are_counted(home: Path) -> None:
    dataset = load("small_lessons")
    pieces = dataset.log.pieces.iloc[1:].reset_index(drop=True)
    pieces.loc[0, "text"] = ""
    log = type(dataset.log)(dataset.log.table, pieces, dataset.log.ratings, dataset.log.scale)
    facts = describe_prompts(Dataset("cut", log, "f"))
    assert (facts.missing_pieces, facts.empty_pieces) == (1, 1)


def test_a_set_of_prompts_alone() -> None:
    facts = describe_prompts(small_prompt_set())
    assert (facts.systems, facts.ratings, facts.at_the_top, facts.missing_pieces) == ((), 0, None, 0)


def test_it_is_shown_on_the_command_line(attain: Callable[..., object], home: Path) -> None:
    said = attain("data", "check", "small_lessons")
    out = getattr(said, "out", "")
    assert "outputs on record" in out
    assert "Prompts by topic" in out
    assert "earner" not in out
    assert '"fingerprint"' in getattr(attain("data", "check", "small_lessons", "--json"), "out", "")


@pytest.mark.data
def test_qgeval_has_the_faults_that_its_card_names(real: Callable[[str], None]) -> None:
    real("qgeval")
    facts = describe_prompts(load("qgeval"))
    assert facts.dimensions["relevance"] == pytest.approx(2.99, abs=0.005)
    assert (facts.missing_pieces, facts.empty_pieces) == (0, 0)
    assert facts.at_the_top is not None
    assert facts.at_the_top > 0.8
