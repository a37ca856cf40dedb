"""How a run came about, and what to type to have it again: from its own files, or those of the runs above it."""

import json
import shlex
from dataclasses import dataclass

from attain.core.errors import UserError
from attain.server.ui.ask import Ask
from attain.tracking.artifacts import open_artifact
from attain.tracking.entities import DatasetInput, Run
from attain.tracking.provenance import DIFF_PATH, ENVIRONMENT_PATH

SUITE = "suite.yaml"
MOST_ABOVE, MOST_LINES, MOST_BYTES = 3, 600, 100_000
MADE = ("mlflow.source", "mlflow.user", "mlflow.parentRunId", "attain.", "mlflow.runName")
"""How the tags begin that say how a run came about."""
WORDS = {
    "mlflow.source.git.commit": "commit",
    "mlflow.source.git.branch": "branch",
    "attain.git.dirty": "uncommitted changes",
    "attain.command": "typed",
    "mlflow.source.name": "script",
    "mlflow.user": "by",
    "attain.suite": "suite",
    "attain.project": "project",
    "attain.entry": "entry",
    "attain.project_command": "command",
    "attain.exit": "exit status",
    "attain.ended": "how it ended",
    "attain.split": "split",
    "attain.seed": "seed",
    "attain.code": "fingerprint of the model's code",
    "attain.data_fingerprint": "fingerprint of the data",
    "attain.python": "Python",
    "attain.platform": "system",
    "attain.cpu": "processor",
    "attain.cpus": "processors",
    "attain.threads": "threads",
}
PROJECT_REPEAT = "attain.project_repeat"
"""Tag of a project's run with what to type in the project's folder to run its script again."""
PARAMS_SET = "attain.params_set"
"""Tag with a JSON list of the params that are other than usual."""


@dataclass(frozen=True)
class DataUsed:
    """A data set that went in: its fingerprint, what it holds, and what it was for."""

    name: str
    digest: str
    holds: str
    context: str


@dataclass(frozen=True)
class Made:
    """How a run came about.

    Attributes:
        main: what most people ask for, in words.
        others: tags that say more.
        data: what went in.
        suite, environment: texts kept; "" for none.
        diff: lines of uncommitted changes with their kind (`plus`, `minus`, `where`, `file`, or "").
        cut: what is left out of these texts.
        holder: the run that has the files: this one, or one above it.
        steps: commands that make the run again.
    """

    main: tuple[tuple[str, str], ...]
    others: tuple[tuple[str, str], ...]
    data: tuple[DataUsed, ...]
    suite: str
    environment: str
    diff: tuple[tuple[str, str], ...]
    cut: str
    holder: str
    steps: tuple[str, ...]


def made(ask: Ask, run: Run) -> Made:
    """What is known of it."""
    texts, cut = {}, []
    holder = _holder(ask, run)
    for path in (SUITE, ENVIRONMENT_PATH, DIFF_PATH) if holder else ():
        texts[path], whole = _text(ask, holder, path)
        if not whole:
            cut.append(path)
    diff = texts.get(DIFF_PATH, "").splitlines()
    if len(diff) > MOST_LINES:
        cut.append(DIFF_PATH)
    tags = {key: value for key, value in sorted(run.tags.items()) if key.startswith(MADE)}
    return Made(
        main=tuple((word, tags[key]) for key, word in WORDS.items() if key in tags),
        others=tuple((key, value) for key, value in tags.items() if key not in WORDS),
        data=tuple(_data(one) for one in run.inputs),
        suite=texts.get(SUITE, ""),
        environment=texts.get(ENVIRONMENT_PATH, ""),
        diff=tuple((_kind(line), line[:500]) for line in diff[:MOST_LINES]),
        cut=f"Cut here, whole among the files: {', '.join(dict.fromkeys(cut))}." if cut else "",
        holder=holder,
        steps=_steps(run, holder, texts),
    )


def params_set(run: Run) -> frozenset[str] | None:
    """Names of the params that are other than usual; None where the run does not say."""
    try:
        names = json.loads(run.tags.get(PARAMS_SET, ""))
    except ValueError:
        return None
    return frozenset(map(str, names)) if isinstance(names, list) else None


def _holder(ask: Ask, run: Run) -> str:
    """The nearest run, from this one upwards, that keeps a suite, an environment or a diff; "" for none seen."""
    for _ in range(MOST_ABOVE + 1):
        paths = {one.path for one in ask.store.artifacts_under(run.run_id)}
        if paths & {SUITE, ENVIRONMENT_PATH, DIFF_PATH}:
            return run.run_id
        above = run.parent_run_id
        if not above or not ask.may(("GET", "runs/get", {"run_id": above})):
            return ""
        try:
            run = ask.store.get_run(above)
        except UserError:
            return ""
    return ""


def _text(ask: Ask, run_id: str, path: str) -> tuple[str, bool]:
    """The beginning of a text, and whether that is all; a sentence where it cannot be read."""
    if not ask.store.artifacts_under(run_id, path):
        return "", True
    try:
        with open_artifact(ask.store, run_id, path) as stream:
            content = stream.read(MOST_BYTES + 1)
    except UserError as error:
        return f"This file cannot be read: {error}", True
    return content[:MOST_BYTES].decode(errors="replace"), len(content) <= MOST_BYTES


def _kind(line: str) -> str:
    if line.startswith(("diff ", "index ", "--- ", "+++ ")):
        return "file"
    return {"+": "plus", "-": "minus", "@": "where"}.get(line[:1], "")


def _data(one: DatasetInput) -> DataUsed:
    try:
        profile = json.loads(one.profile or "{}")
    except ValueError:
        profile = {}
    numbers = profile.items() if isinstance(profile, dict) else ()
    holds = ", ".join(f"{value:,} {name}" for name, value in numbers if type(value) is int)
    return DataUsed(one.name, one.digest, holds, one.tags.get("mlflow.data.context", ""))


def _steps(run: Run, holder: str, texts: dict[str, str]) -> tuple[str, ...]:
    """The code as it was, and then the script; or the suite into a store of its own: what is finished in this one is
    not run again."""
    script = run.tags.get(PROJECT_REPEAT)
    if not script and not texts.get(SUITE):
        return ()
    steps = []
    if commit := run.tags.get("mlflow.source.git.commit"):
        steps.append(f"git checkout {shlex.quote(commit)}")
    if texts.get(DIFF_PATH):
        steps += [f"attain files {holder[:8]} {DIFF_PATH} --to again", f"git apply again/{DIFF_PATH}"]
    if script:
        return (*steps, script)
    steps.append(f"attain files {holder[:8]} {SUITE} --to again")
    steps.append(f"attain run again/{SUITE} --store sqlite:///again/runs.db")
    return tuple(steps)
