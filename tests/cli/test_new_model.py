import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import


def test_a_new_generator_passes_its_own_tests(attain: Attain, home: Path) -> None:
    said = attain("new-model", "content_generation", "plain_asker")
    assert "attain run question_generation_quick --model plain_asker.py:PlainAsker" in said.out
    checked = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_plain_asker.py"],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_a_new_predictor_passes_its_own_tests(attain: Attain, home: Path) -> None:
    said = attain("new-model", "dropout_prediction", "handed_in")
    assert "attain run at_risk --model handed_in.py:HandedIn" in said.out
    checked = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_handed_in.py"],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


def test_a_new_scorer_passes_its_own_tests(attain: Attain, home: Path) -> None:
    said = attain("new-model", "answer_scoring", "shared_words")
    assert "attain run short_answers --model shared_words.py:SharedWords" in said.out
    checked = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_shared_words.py"],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
