"""An archive of a project's run, reproduced where nothing else of it is."""

import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.tracking.store import open_store

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import

YAML = """\
name: fit
entries:
  main:
    command: python train.py --data={data} --seed={seed}
    parameters:
      data: {type: path, default: points}
      seed: {type: int, default: 0}
    outputs: [model.json]
"""
SCRIPT = """\
import pathlib, random, sys
import attain
data, seed = (word.partition("=")[2] for word in sys.argv[1:])
rows = [float(line) for file in sorted(pathlib.Path(data).iterdir()) for line in file.read_text().split()]
attain.log_metric("weight", sum(rows) + random.Random(int(seed)).gauss(0, 0.1))
pathlib.Path("model.json").write_text(str(sum(rows)))
"""


def test_an_archive_of_a_project_is_identical_where_nothing_else_of_it_is(
    attain: Attain, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    folder = home / "fit"
    (folder / "points").mkdir(parents=True)
    (folder / "attain.yaml").write_text(YAML)
    (folder / "train.py").write_text(SCRIPT)
    (folder / "points" / "a.csv").write_text("1\n2\n")
    (folder / "points" / "b.csv").write_text("3\n")
    subprocess.run(["git", "init", "--quiet"], cwd=folder, check=True)
    for seed in range(3):
        said = attain("run-project", "fit", "-P", f"seed={seed}", "--json")
        assert said.status == 0, said.err
    run = json.loads(said.out)["run_id"]
    made = attain("export", run, "-o", "fit.zip", "--with-data", "--repo", "fit")
    assert made.status == 0, made.err
    unnamed = attain("export", run, "--repo", "fit")
    assert f"fit_main-{run[:8]}.zip: " in unnamed.out, "a name that needs no quotes"
    assert "what the script wrote and said is in it as it is" in unnamed.out
    with zipfile.ZipFile(home / "fit.zip") as packed:
        names = packed.namelist()
        readme = packed.read("README.md").decode()
    assert {"attain.yaml", "data/points/a.csv", "data/points/b.csv"} <= set(names)
    assert "`attain.yaml`: how the project is run" in readme
    shutil.rmtree(folder)
    shutil.rmtree(home / ".attain")
    said = attain("reproduce", "fit.zip", "--json")
    assert said.status == 0, said.err
    found = json.loads(said.out)
    assert (found["verdict"], found["reproduces"]) == ("identical", run)
    assert len(found["models"][0]["metrics"][0]["seeds"]["values"]) == 3
    assert open_store().get_run(run).status == "FINISHED"
