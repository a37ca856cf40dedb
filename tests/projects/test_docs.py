"""The worked example of docs/projects.md, done as it is written."""

import random
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.projects.config import Entry
from attain.projects.parameters import TYPES

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import
DOCS = (Path(__file__).parents[2] / "docs" / "projects.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("UV_OFFLINE", "1")
    for kind in ("python", "yaml"):
        ((name, text),) = re.findall(rf"```{kind}\n# (\S+)\n(.*?)```", DOCS, re.DOTALL)
        (home / name).write_text(text)
    rng = random.Random(0)
    rows = [f"l{learner},i{item},{int(rng.random() < 0.3 + item / 20)}" for learner in range(20) for item in range(10)]
    (home / "answers.csv").write_text("\n".join(["learner,item,right", *rows, ""]))
    subprocess.run(["git", "init", "--quiet"], cwd=home, check=True)
    return home


def test_the_worked_example_ends_as_it_says(attain: Attain, folder: Path) -> None:
    (text,) = re.findall(r"```console\n(.*?)```", DOCS, re.DOTALL)
    run, verdicts = "", []
    for line in text.splitlines():
        words, _, remark = line.removeprefix("$ attain ").partition("#")
        said = attain(*shlex.split(words.replace("RUN", run)))
        if words.startswith("run-project"):
            assert "20 learners and 10 items are rated" in said.out, said.err
            run = run or re.findall(r"Run (\w+) finished", said.out)[0]
        if words.startswith("reproduce"):
            verdicts.append(said.out.partition(".")[0].lower())
            assert remark.strip().startswith(f"{verdicts[-1]}:")
    assert verdicts == ["identical", "within seed variation"]


def test_every_field_and_type_is_in_the_docs() -> None:
    for name in {*Entry.model_fields, *TYPES} - {"help"}:
        assert f"`{name}`" in DOCS
