import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import


@pytest.mark.parametrize(
    ("kind", "name", "tried_by"),
    [
        ("content_generation", "plain_asker", "question_generation_quick --model plain_asker.py:PlainAsker"),
        ("dropout_prediction", "handed_in", "at_risk --model handed_in.py:HandedIn"),
        ("answer_scoring", "shared_words", "short_answers --model shared_words.py:SharedWords"),
    ],
)
def test_a_new_model_passes_its_own_tests(attain: Attain, home: Path, kind: str, name: str, tried_by: str) -> None:
    said = attain("new-model", kind, name)
    assert f"attain run {tried_by}" in said.out
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"test_{name}.py"]
    checked = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout
