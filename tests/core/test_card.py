"""The words of cards, without what reads the data."""

import os
import subprocess
import sys
from pathlib import Path

from attain.core.card import cards, words_of

CARD = "title: {}\ntasks: [knowledge_tracing]\ndescription: D\nlicence: {{name: CC0, redistribution: true}}\n"


def test_a_card_is_read_again_when_its_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    for title in ("one", "another one"):
        path.write_text(CARD.format(title))
        words = words_of(path).words
        assert words is not None
        assert (words.title, words.licence.name) == (title, "CC0")
    path.unlink()
    assert "is gone" in words_of(path).problem


def test_every_card_that_comes_with_attain_has_words() -> None:
    assert len(cards()) > 10
    assert [words_of(path).problem for path in cards().values() if words_of(path).problem] == []


def test_words_are_read_without_the_libraries_of_data() -> None:
    code = "import sys, attain.core.card; print({'pandas', 'numpy', 'torch'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.strip() == "set()"
