import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.store import Store, open_store

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import


def the_run(store: Store) -> Run:
    (run,) = store.search_runs([one.experiment_id for one in store.list_experiments().items]).items
    return run


def text(store: Store, run: Run, path: str) -> str:
    return artifacts.read_bytes(store, run.run_id, path).decode()


def test_a_script_logs_into_its_run_with_all_that_repeats_it(attain: Attain, project: Path) -> None:
    said = attain("run-project", "fit", "-P", "lr=0.5", "-P", "seed=3", "--name", "first")
    assert said.status == 0, said.err
    assert "rows 3" in said.out
    assert "a remark" in said.err
    assert "kept 1 output file" in said.out
    store = open_store()
    run = the_run(store)
    assert (run.name, run.status, store.experiment(run.experiment_id).name) == ("first", "FINISHED", "fit")
    assert run.params == {"lr": "0.5", "data": "data/points.csv", "seed": "3", "how": "well"}
    history = store.metric_history(run.run_id, "loss").items
    assert [point.step for point in history] == [0, 1, 2]
    assert json.loads(text(store, run, "outputs/model/weights.json")) == [history[0].value]
    assert text(store, run, "logs/stdout.txt") == "rows 3\n"
    assert text(store, run, "logs/stderr.txt") == "a remark\n"
    assert text(store, run, "attain.yaml") == (project / "attain.yaml").read_text()
    (data,) = run.inputs
    assert (data.name, json.loads(data.profile or "")) == ("points.csv", {"bytes": 6, "files": 1})
    facts = json.loads(text(store, run, "provenance.json"))
    assert facts["project"]["values"] == dict(run.params)
    assert facts["code"]["tree"] == run.tags["attain.git.tree"]
    assert (run.tags["attain.kind"], run.tags["attain.seed"], run.tags["attain.entry"]) == ("project", "3", "main")


def test_a_script_that_fails_fails_its_run_and_keeps_what_it_said(attain: Attain, project: Path) -> None:
    said = attain("run-project", "fit", "-P", "how=badly")
    assert said.status == 1
    assert "Its script ended with status 1." in said.err
    store = open_store()
    run = the_run(store)
    assert run.status == "FAILED"
    assert run.tags["attain.exit"] == "1"
    assert "it went badly" in text(store, run, "logs/stderr.txt")
    assert run.metrics["loss"]


def test_a_script_that_takes_too_long_is_stopped_and_has_failed(attain: Attain, project: Path) -> None:
    yaml = project / "attain.yaml"
    yaml.write_text(yaml.read_text().replace("    varies:", "    timeout_s: 1.5\n    varies:"))
    began = time.monotonic()
    said = attain("run-project", "fit", "-P", "how=slowly")
    assert said.status == 1
    assert time.monotonic() - began < 20
    assert "It was stopped after 1.5 s, its timeout." in said.err
    assert the_run(open_store()).status == "FAILED"


def test_all_faults_of_what_was_asked_are_said_before_anything_runs(attain: Attain, project: Path) -> None:
    asked = ("-P", "lr=2", "-P", "sed=1", "-P", "data=none.csv", "-P", "seed=x")
    said = attain("run-project", "fit", *asked)
    assert said.status == 2
    for sentence in (
        "Parameter 'lr': 2 is not at most 1.",
        "Unknown parameter 'sed'. Did you mean 'seed'?",
        "Parameter 'data': there is no file or folder 'none.csv'",
        "Parameter 'seed': 'x' is not a whole number (int).",
    ):
        assert sentence in said.err
    assert not (project.parent / ".attain").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fit", "mian"), "Unknown entry 'mian'. Did you mean 'main'?"),
        (("nowhere",), "There is no folder 'nowhere'."),
        ((".",), "There is no attain.yaml in"),
        (("fit", "-P", "lr"), "-P 'lr': expected NAME=VALUE"),
        (("fit", "-P", "lr=1", "-P", "lr=0"), "-P lr: is given twice"),
    ],
)
def test_bad_input_is_one_sentence(attain: Attain, project: Path, arguments: tuple[str, ...], words: str) -> None:
    said = attain("run-project", *arguments)
    assert said.status == 2
    assert words in said.err


def test_what_is_missing_or_not_to_be_had_is_said(attain: Attain, project: Path) -> None:
    yaml = project / "attain.yaml"
    text = yaml.read_text()
    yaml.write_text(text.replace("{type: float, default: 0.1, ", "{type: float, "))
    assert "Parameter 'lr' has no default and must be given: -P lr=… (float)." in attain("run-project", "fit").err
    yaml.write_text(text.replace("command: python", "command: no-such-program"))
    said = attain("run-project", "fit")
    assert (said.status, "there is no command 'no-such-program' on this machine" in said.err) == (2, True)
    yaml.write_text(text.replace("command: python", "command: ./start.sh"))
    assert "there is no file './start.sh' in the project's folder" in attain("project", "check", "fit").err
    (project / "start.sh").write_text("#!/bin/sh\n")
    assert "'./start.sh' may not be executed" in attain("project", "check", "fit").err


def test_a_path_that_is_here_and_not_there_is_offered(attain: Attain, project: Path) -> None:
    (project.parent / "own.csv").write_text("1\n")
    said = attain("run-project", "fit", "-P", "data=own.csv")
    assert f"Paths start in the project's folder; did you mean {str(project.parent / 'own.csv')!r}?" in said.err


def test_a_value_with_shell_in_it_stays_a_value(attain: Attain, project: Path) -> None:
    value = "well; touch hit $(touch hit) `touch hit` && touch hit"
    said = attain("run-project", "fit", "-P", f"how={value}")
    assert said.status == 0, said.err
    assert not list(project.parent.rglob("hit"))
    assert the_run(open_store()).params["how"] == value


def test_only_outputs_of_this_run_and_of_this_folder_are_kept(attain: Attain, project: Path) -> None:
    (project / "old.svg").write_text("<svg/>")
    (project.parent / "secret.json").write_text("{}")
    (project / "model").mkdir()
    (project / "model" / "link.json").symlink_to(project.parent / "secret.json")
    train = project / "train.py"
    train.write_text("import pathlib; pathlib.Path('../secret.json').write_text('[]')\n" + train.read_text())
    said = attain("run-project", "fit")
    assert said.status == 0
    assert "wrote nothing anew of the output '*.svg'" in said.err
    assert "'model/link.json' leads out of the project's folder and is not kept" in said.err
    store = open_store()
    run = the_run(store)
    assert [one.path for one in store.artifacts_under(run.run_id, "outputs")] == ["outputs/model/weights.json"]
    assert "old.svg" not in run.tags["attain.ended"]
    assert "*.svg" in run.tags["attain.ended"]


def test_json_says_how_it_ended_and_the_script_stays_out_of_it(attain: Attain, project: Path) -> None:
    said = attain("run-project", "fit", "--json")
    found = json.loads(said.out)
    assert (found["status"], found["code"], found["outputs"]["files"]) == ("FINISHED", 0, 1)
    assert "rows 3" in said.err


def test_a_script_may_log_all_that_it_was_given(attain: Attain, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    (home / "attain.yaml").write_text("""\
name: p
entries:
  main:
    command: python a.py {deep} --lr {lr} --n={n}
    environment: {NOTE: "n is {n}"}
    threads: 1
    parameters:
      deep: {type: bool, default: true, flag: --deep}
      lr: {type: float, default: 1e-3}
      n: {type: int}
""")
    (home / "a.py").write_text("""\
import argparse, os, attain
asked = argparse.ArgumentParser()
asked.add_argument("--deep", action="store_true")
asked.add_argument("--lr", type=float)
asked.add_argument("--n", type=int)
attain.log_params(vars(asked.parse_args()))
attain.log_params({"note": os.environ["NOTE"], "threads": os.environ["OMP_NUM_THREADS"]})
attain.end_run()
with attain.start_run(run_name="a part"):
    pass
""")
    for deep in ("true", "false"):
        said = attain("run-project", "-P", f"deep={deep}", "-P", "n=+3", "--json")
        assert said.status == 0, said.err
        run = open_store().get_run(json.loads(said.out)["run_id"])
        expected = {"deep": deep.title(), "lr": "0.001", "n": "3", "note": "n is 3", "threads": "1"}
        assert run.params == expected
        assert run.tags["mlflow.source.name"] == "a.py"
        (part,) = open_store().search_runs([run.experiment_id], f"tags.`mlflow.parentRunId` = '{run.run_id}'").items
        assert part.name == "a part"


def test_whatever_a_script_has_started_ends_with_it(attain: Attain, project: Path) -> None:
    train = project / "train.py"
    train.write_text(
        "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True)\n" + train.read_text()
    )
    began = time.monotonic()
    said = attain("run-project", "fit")
    assert said.status == 0
    assert time.monotonic() - began < 40
    assert not is_there(int(said.out.split()[0]))


def started(project: Path) -> tuple["subprocess.Popen[str]", int]:
    """A run of a slow script as a process, and the process of the script."""
    command = [sys.executable, "-m", "attain.cli", "run-project", "fit", "-P", "how=slowly"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("begun "):
            return process, int(line.split()[1])
    raise AssertionError(process.stderr.read() if process.stderr else "")


def kept(store: Store, run: Run) -> bool:
    there = store.artifacts_under(run.run_id, "logs/stdout.txt")
    return bool(there) and "begun" in text(store, run, "logs/stdout.txt")


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_is_interrupted_keeps_what_it_said_and_leaves_no_process(
    project: Path, how: signal.Signals
) -> None:
    process, script = started(project)
    process.send_signal(how)
    process.communicate(timeout=120)
    assert process.returncode == 130
    assert not is_there(script)
    store = open_store()
    run = the_run(store)
    assert (run.status, run.shown_status) == ("KILLED", "interrupted")
    assert text(store, run, "logs/stdout.txt").startswith("rows 3\nbegun ")
    assert run.metrics["loss"]


def test_a_runner_that_is_killed_takes_its_script_along_and_has_kept_what_was_said(project: Path) -> None:
    process, script = started(project)
    store = open_store()
    run = the_run(store)
    until = time.monotonic() + 20
    while time.monotonic() < until and not kept(store, run):
        time.sleep(0.05)
    process.kill()
    process.communicate(timeout=120)
    until = time.monotonic() + 20
    while time.monotonic() < until and is_there(script):
        time.sleep(0.05)
    assert not is_there(script)
    assert text(store, run, "logs/stdout.txt").startswith("rows 3\nbegun ")
    assert store.get_run(run.run_id).shown_status == "interrupted"
