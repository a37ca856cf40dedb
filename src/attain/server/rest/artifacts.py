"""The list of a run's files, in MLflow's form. Their bytes: `attain.server.artifacts`."""

from attain.server.rest.call import Call, Reply, Route
from attain.tracking.artifacts import list_artifacts
from attain.tracking.entities import ArtifactInfo


def listed(call: Call) -> Reply:
    """What lies directly in a folder of a run, by path."""
    run_id = call.run_id()
    files = list_artifacts(call.store, run_id, call.text("path", ""))
    return {"root_uri": call.store.artifact_uri(run_id), "files": [shown(file, file.path) for file in files]}


def shown(file: ArtifactInfo, path: str) -> Reply:
    """A file or folder as MLflow tells it, under a path."""
    size = {} if file.is_dir else {"file_size": file.size}
    return {"path": path, "is_dir": file.is_dir, **size}


ROUTES = (Route("GET", "artifacts/list", listed, writes=False),)
