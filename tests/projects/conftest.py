"""A project in a git repository, with a script that logs, makes files and can be told to misbehave."""

import subprocess
from pathlib import Path

import pytest

YAML = """\
name: fit
description: Fits a line.
entries:
  main:
    help: Fit once.
    command: python train.py --lr={lr} --data={data} --seed={seed} --how={how}
    parameters:
      lr: {type: float, default: 0.1, ge: 0, le: 1, help: step size}
      data: {type: path, default: data/points.csv}
      seed: {type: int, default: 0}
      how: {type: str, default: well}
    outputs: [model/, "*.svg"]
    varies: [seconds]
"""

SCRIPT = """\
import argparse, json, os, pathlib, random, sys, time
import attain

asked = argparse.ArgumentParser()
for name in ("--lr", "--data", "--seed", "--how"):
    asked.add_argument(name)
asked = asked.parse_args()
rng = random.Random(int(asked.seed))
rows = [float(line) for line in pathlib.Path(asked.data).read_text().split()]
weight = float(asked.lr) * sum(rows) + rng.gauss(0, 0.1)
print("rows", len(rows))
print("a remark", file=sys.stderr)
for step in range(3):
    attain.log_metric("loss", weight / (step + 1), step=step)
attain.log_metric("seconds", time.time())
pathlib.Path("model").mkdir(exist_ok=True)
pathlib.Path("model/weights.json").write_text(json.dumps([weight]))
if asked.how == "badly":
    sys.exit("it went badly")
if asked.how == "slowly":
    print("begun", os.getpid(), flush=True)
    time.sleep(60)
"""


def run_git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def project(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder, a repository of its own with all but the data in it; the working folder is the one above."""
    monkeypatch.setenv("UV_OFFLINE", "1")
    folder = home / "fit"
    (folder / "data").mkdir(parents=True)
    (folder / "attain.yaml").write_text(YAML)
    (folder / "train.py").write_text(SCRIPT)
    (folder / "data" / "points.csv").write_text("1\n2\n3\n")
    (folder / ".gitignore").write_text("data/\nmodel/\n")
    run_git(folder, "init", "--quiet", "--initial-branch=work")
    run_git(folder, "add", ".")
    run_git(folder, "commit", "--quiet", "-m", "first")
    return folder
