"""Running an entry of a project as a run that is tracked, with its script logging into this very run."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from attain.core import places
from attain.core.errors import UserError
from attain.projects import outputs, record
from attain.projects.ask import Asked
from attain.projects.data import read
from attain.projects.heard import Heard, Keeper
from attain.projects.process import TooLongError, carry_out
from attain.tracking.entities import Status
from attain.tracking.follow import SINK, wanted
from attain.tracking.session import RUN_ID
from attain.tracking.store import Store
from attain.tracking.writer import Writer

STDOUT, STDERR = "logs/stdout.txt", "logs/stderr.txt"
_THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)
_NOT_FOR_THE_SCRIPT = (RUN_ID, SINK, "MLFLOW_RUN_ID", "MLFLOW_EXPERIMENT_ID")
"""Variables about another run, and the sink: a run is sent on when it has ended, and not by its script."""


@dataclass(frozen=True)
class Place:
    """Where a run is kept and shown.

    Attributes:
        store: the store, and `uri` its address.
        out, err: where the script is shown; None for nowhere.
    """

    store: Store
    uri: str
    out: TextIO | None = None
    err: TextIO | None = None


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes:
        code: exit status of the script, negative for a signal; None where it was stopped.
        why: in words, "" where all went well.
        outputs: what was kept of what it made.
        last_words: the last line of its standard error.
    """

    run_id: str
    status: Status
    code: int | None
    why: str
    outputs: outputs.Outputs
    last_words: str


def run_project(
    asked: Asked,
    place: Place,
    *,
    python: Path,
    environment: Mapping[str, str] = os.environ,
    name: str | None = None,
    experiment: str | None = None,
) -> Ended:
    """Run it to its end.

    Args:
        asked: what.
        place: where it is kept and shown.
        python: the Python that the word `python` means.
        environment: what the script finds beside the entry's own variables.
        name: of the run.
        experiment: where the run goes; the experiment called as the project where None.

    Raises:
        KeyboardInterrupt: it was stopped from outside; the run is kept as interrupted, with what it had said.
    """
    store = place.store
    variables = _variables(asked, place, python, environment)
    data = [read(one, path, asked.folder) for one, path in asked.paths.items()]
    where = store.ensure_experiment(experiment or asked.project).experiment_id
    run = record.begin(store, where, name, asked, data, record.variables_of(variables))
    with Writer(store) as writer:
        writer.attend(run.run_id)
        try:
            found = variables | _where(place, run.run_id, where, environment)
            ended = _carried_out(asked, place, run.run_id, python, found)
        except BaseException as error:
            status: Status = "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED"
            why = "It was stopped from outside." if status == "KILLED" else str(error)
            with suppress(UserError):  # a store that is away is told later how it ended, by the journal
                store.log_batch(run.run_id, tags={record.ENDED: why})
            writer.end(run.run_id, status)
            raise
        exit_status = "" if ended.code is None else str(ended.code)
        tags = {record.EXIT: exit_status, record.ENDED: "\n".join([ended.why, *ended.outputs.said]).strip()}
        store.log_batch(run.run_id, tags={key: value for key, value in tags.items() if value})
        writer.end(run.run_id, ended.status)
    _send_on(store, run.run_id)
    return ended


def _carried_out(asked: Asked, place: Place, run_id: str, python: Path, environment: Mapping[str, str]) -> Ended:
    entry, folder = asked.entry, asked.folder
    before = outputs.seen(folder, entry.outputs)
    streams = (Heard(STDOUT, place.out), Heard(STDERR, place.err))
    keeper = Keeper(place.store, run_id, streams)
    code: int | None = None
    try:
        code = carry_out(asked.command(python), folder, environment, streams, timeout_s=entry.timeout_s)
        why = _why(code)
    except TooLongError:
        why = f"It was stopped after {entry.timeout_s:g} s, its timeout."
    finally:
        keeper.close()
    kept = outputs.keep(place.store, run_id, folder, entry.outputs, before)
    return Ended(run_id, "FAILED" if why else "FINISHED", code, why, kept, streams[1].last_line)


def _why(code: int) -> str:
    if code == 0:
        return ""
    return f"Its script ended with status {code}." if code > 0 else f"Its script was ended by signal {-code}."


def _variables(asked: Asked, place: Place, python: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """What the script finds, but for where its run is: paths of ours made absolute, for it is run in another folder."""
    own = {"PYTHONUNBUFFERED": "1", "PYTHONHASHSEED": environment.get("PYTHONHASHSEED") or "0"}
    own["PATH"] = os.pathsep.join([str(python.parent), environment.get("PATH", os.defpath)])
    if asked.entry.threads is not None:
        own |= dict.fromkeys(_THREAD_VARIABLES, str(asked.entry.threads))
    own["ATTAIN_HOME"] = environment.get("ATTAIN_HOME") or str(places.home())
    own["ATTAIN_HOME"] = str(Path(own["ATTAIN_HOME"]).expanduser().resolve())
    if (files := environment.get("ATTAIN_ARTIFACTS", "")) and "://" not in files:
        own["ATTAIN_ARTIFACTS"] = str(Path(files).expanduser().resolve())
    if listed := environment.get("ATTAIN_DATA", ""):
        folders = [str(Path(one).expanduser().resolve()) for one in listed.split(os.pathsep) if one]
        own["ATTAIN_DATA"] = os.pathsep.join(folders)
    kept = {key: value for key, value in environment.items() if key not in _NOT_FOR_THE_SCRIPT}
    return {**kept, **own, **asked.variables()}


def _where(place: Place, run_id: str, experiment: str, environment: Mapping[str, str]) -> dict[str, str]:
    """What tells the script, and the client of MLflow in it where a server is the store, where its run is."""
    found = {"ATTAIN_TRACKING_URI": absolute(place.uri), RUN_ID: run_id}
    if not place.uri.startswith(("http://", "https://")):
        return found
    login = {
        f"MLFLOW_TRACKING_{one}": environment[f"ATTAIN_TRACKING_{one}"]
        for one in ("USERNAME", "PASSWORD", "TOKEN")
        if environment.get(f"ATTAIN_TRACKING_{one}")
    }
    return (
        found | login | {"MLFLOW_TRACKING_URI": place.uri, "MLFLOW_RUN_ID": run_id, "MLFLOW_EXPERIMENT_ID": experiment}
    )


def _send_on(store: Store, run_id: str) -> None:
    if (follower := wanted(store)) is not None:
        follower.begin(store.get_run(run_id))
        follower.end(run_id)
        follower.close()


def absolute(uri: str) -> str:
    """The address of a store as it is from another folder."""
    kind, separator, path = uri.partition(":///")
    return f"{kind}{separator}{Path(path).absolute()}" if separator and kind.startswith("sqlite") else uri
