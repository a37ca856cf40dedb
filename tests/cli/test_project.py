import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import

YAML = """\
name: fit
description: Fits a line.
entries:
  main:
    help: Fit once.
    command: python train.py {deep} --lr={lr} --by={by} --data={data}
    parameters:
      lr: {type: float, ge: 0, le: 1, help: step size}
      by: {type: choice, choices: [adam, sgd], default: sgd}
      deep: {type: bool, default: false, flag: --deep}
      data: {type: path, default: points.csv}
    outputs: [model/]
"""


@pytest.fixture
def folder(home: Path) -> Path:
    (home / "attain.yaml").write_text(YAML)
    return home


def test_a_project_shows_entries_parameters_and_defaults(attain: Attain, folder: Path) -> None:
    said = attain("project", "show")
    assert said.status == 0
    lines = [" ".join(line.split()) for line in said.out.splitlines()]
    assert "fit: Fits a line." in lines
    assert "main: Fit once." in lines
    assert "lr float must be given ge 0, le 1 step size" in lines
    assert "by choice sgd adam, sgd" in lines
    assert "deep bool false --deep" in lines
    assert "outputs: model/" in lines


def test_the_same_as_json(attain: Attain, folder: Path) -> None:
    found = json.loads(attain("project", "show", "--json").out)
    assert found["entries"]["main"]["parameters"]["by"] == {
        "help": "",
        "default": "sgd",
        "type": "choice",
        "choices": ["adam", "sgd"],
    }


def test_a_check_says_what_is_missing_before_anything_runs(attain: Attain, folder: Path) -> None:
    said = attain("project", "check", ".")
    assert said.status == 0
    assert "attain.yaml: project 'fit' is fine: main." in said.out
    assert "main: nothing is at 'points.csv', the default of 'data'." in said.out
    assert "main: has no parameter `seed`" in said.out
    assert "in no git repository" in said.out
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    (folder / "points.csv").touch()
    assert json.loads(attain("project", "check", "--json").out)["remarks"] == [
        "main: has no parameter `seed`, so other seeds cannot tell how much chance changes."
    ]


def test_a_fault_ends_in_status_2_with_its_line(attain: Attain, folder: Path) -> None:
    (folder / "attain.yaml").write_text(YAML.replace("model/", "../model/"))
    said = attain("project", "check")
    assert said.status == 2
    assert "attain.yaml:12: entries.main.outputs.0: '../model/' leads out of the folder" in said.err
