"""The model registry of a server, by MLflow's REST protocol."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace

from attain.tracking import wire
from attain.tracking.errors import Exists
from attain.tracking.http_client import Http, Json
from attain.tracking.registry_entities import ModelVersion
from attain.tracking.store_protocol import NOTHING

_MODELS, _VERSIONS = "/api/2.0/mlflow/registered-models/", "/api/2.0/mlflow/model-versions/"


class RemoteRegistry:
    """See `store_protocol.Registry`."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def ensure_model(self, name: str) -> None:
        """Make a registered model if there is none of this name."""
        with contextlib.suppress(Exists):
            self._http.call("POST", _MODELS + "create", {"name": name})

    def create_version(
        self,
        name: str,
        source: str,
        run_id: str = "",
        *,
        description: str = "",
        tags: Mapping[str, object] = NOTHING,
    ) -> ModelVersion:
        """Add a version to a registered model; asked once, since asking twice could make two."""
        asked = {"name": name, "source": source, "run_id": run_id, "description": description}
        told = {**asked, "tags": wire.pairs_json(tags)}
        return self._placed(self._http.call("POST", _VERSIONS + "create", told, repeat=False))

    def version(self, name: str, version: int | str) -> ModelVersion:
        """A version."""
        query = {"name": name, "version": str(version)}
        return self._placed(self._http.call("GET", _VERSIONS + "get", query=query))

    def version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that an alias names; `latest` names the last one."""
        return self._placed(self._http.call("GET", _MODELS + "alias", query={"name": name, "alias": alias}))

    def set_alias(self, name: str, alias: str, version: int | str) -> None:
        """Let an alias name a version."""
        self._http.call("POST", _MODELS + "alias", {"name": name, "alias": alias, "version": str(version)})

    def _placed(self, found: Json) -> ModelVersion:
        """A version with the place of its files, which is another question."""
        one = wire.version(found["model_version"])
        query = {"name": one.name, "version": str(one.version)}
        return replace(one, storage=self._http.call("GET", _VERSIONS + "get-download-uri", query=query)["artifact_uri"])
