"""What the store keeps of a project's run beside what its script logs, so that it can be found and run again."""

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attain.core.fingerprint import of_json
from attain.projects.ask import SEED, Asked
from attain.projects.config import FILE
from attain.projects.data import Read
from attain.tracking import artifacts
from attain.tracking.entities import DatasetInput, Run
from attain.tracking.environment import VARIABLES
from attain.tracking.provenance import PROVENANCE_PATH, Provenance, capture_now
from attain.tracking.store_protocol import Store

KIND, PROJECT, ENTRY, SEED_TAG = "attain.kind", "attain.project", "attain.entry", "attain.seed"
PROJECT_KIND = "project"
COMMAND, REPEAT, IDENTITY = "attain.project_command", "attain.project_repeat", "attain.project_identity"
EXIT, ENDED = "attain.exit", "attain.ended"
TREE = "attain.git.tree"
THREADS = "attain.threads"


def begin(
    store: Store, experiment: str, name: str | None, asked: Asked, data: Sequence[Read], variables: Mapping[str, str]
) -> Run:
    """A run that is about to begin, with everything needed to trust and repeat it.

    Args:
        store: where it is kept.
        experiment: the id.
        name: of the run; made of project and entry where None.
        asked: what is run.
        data: what its paths have.
        variables: those of the script that change numbers.
    """
    known = capture_now(asked.folder)
    tags = known.tags | _tags(asked, data)
    tags[THREADS] = " ".join(f"{n}={v}" for n, v in variables.items() if n.endswith("_THREADS")) or "not limited"
    params = {name: asked.entry.parameters[name].logged(value) for name, value in asked.values.items()}
    run = store.create_run(experiment, name or f"{asked.project} · {asked.entry_name}", tags=tags, params=params)
    facts = json.dumps(_facts(known, asked, data, variables), indent=1)
    files = {**known.files, PROVENANCE_PATH: facts.encode(), FILE: asked.text.encode()}
    artifacts.log_files(store, run.run_id, files)
    store.log_inputs(run.run_id, [_input(one) for one in data])
    return run


def variables_of(environment: Mapping[str, str]) -> dict[str, str]:
    """Those that change what numeric code gives."""
    return {name: environment[name] for name in VARIABLES if name in environment}


def identity_of(asked: Asked, data: Sequence[Read]) -> str:
    """What a run is but for its seed and its code: entry, values, and the bytes of its data wherever they lie."""
    prints = {one.name: one.fingerprint for one in data}
    values = {name: prints.get(name, value) for name, value in asked.values.items() if name != SEED}
    entry = asked.entry.model_dump(mode="json", exclude={"help", "varies", "timeout_s"})
    return of_json({"project": asked.project, "name": asked.entry_name, "entry": entry, "values": values})


def typed_again(asked: Asked, folder: str) -> str:
    """What to type to run it again with the code and data of now."""
    given = [word for name, value in asked.values.items() for word in ("-P", f"{name}={value}")]
    return shlex.join(["attain", "run-project", folder, asked.entry_name, *given])


def _tags(asked: Asked, data: Sequence[Read]) -> dict[str, str]:
    return {
        KIND: PROJECT_KIND,
        PROJECT: asked.project,
        ENTRY: asked.entry_name,
        COMMAND: shlex.join(asked.command(Path("python"))),
        REPEAT: typed_again(asked, "."),
        IDENTITY: identity_of(asked, data),
        "mlflow.source.name": asked.script,
        "mlflow.source.type": "PROJECT",
        "mlflow.project.entryPoint": asked.entry_name,
    } | ({} if asked.seed is None else {SEED_TAG: asked.seed})


def _facts(
    known: Provenance, asked: Asked, data: Sequence[Read], variables: Mapping[str, str]
) -> dict[str, Any]:  # JSON
    """All that a repetition needs beside code and lock."""
    facts = known.facts
    about_the_script = {"variables": dict(variables), "libraries": {}}  # those of this process say nothing of it
    facts["environment"] = facts["environment"] | about_the_script
    own = {
        "name": asked.project,
        "entry_name": asked.entry_name,
        "entry": asked.entry.model_dump(mode="json", exclude_none=True),
        "values": dict(asked.values),
        "seed": asked.seed,
        "folder": str(asked.folder),
    }
    return facts | {"project": own, "data": [one.facts for one in data]}


def _input(one: Read) -> DatasetInput:
    return DatasetInput(
        name=Path(one.path).name or one.name,
        digest=one.fingerprint,
        source=json.dumps(dict(list(one.files.items())[:100])),
        profile=json.dumps({"bytes": one.size, "files": len(one.files)}),
        tags={"mlflow.data.context": one.name},
    )
