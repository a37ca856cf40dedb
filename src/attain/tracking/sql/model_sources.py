"""Where a new version comes from: the address that its author gives, checked, and where the files are."""

import contextlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection

from attain.tracking.errors import Invalid, NotFound
from attain.tracking.registry_entities import PROMPT_TAG
from attain.tracking.registry_rules import checked_source
from attain.tracking.rules import KEY_LENGTH, checked_text
from attain.tracking.sql import logged_models, runs, versions

_PROMPT_SOURCES = ("prompt-template", "dummy-source")
"""What MLflow's client gives as the source of a prompt, which has no files."""

_PROXIED = "/api/2.0/mlflow-artifacts/artifacts/"


@dataclass(frozen=True)
class Source:
    """The address of a model, where its files lie, and the run and the logged model that it is from ("" if none)."""

    source: str
    storage: str
    run_id: str
    model_id: str


def resolved(c: Connection, source: str, run_id: str, model_id: str, tags: Mapping[str, object]) -> Source:
    """A source that may be registered; what it says of its run and logged model is filled in.

    Raises:
        Invalid: it leads to files that are not those of the run or logged model that is named: a local path, an
            address with `..`, another run's artifacts.
        NotFound: there is no such logged model or version.
    """
    scheme = checked_source(source).scheme
    for what, value in {"run_id": run_id, "model_id": model_id}.items():
        if len(checked_text(what, value)) > KEY_LENGTH:
            raise Invalid(f"The {what} has {len(value)} characters; at most {KEY_LENGTH} fit.")
    given = Source(source, source, run_id, model_id)
    if source in _PROMPT_SOURCES and str(tags.get(PROMPT_TAG, "")).lower() == "true":
        return given
    if ".." in re.split(r"[/\\]", _decoded(source)):
        raise Invalid(f"The source {source!r} has '..' in it; give the plain address.")
    if scheme == "models":
        return _of_model(c, given)
    if scheme == "runs":
        return _of_run(c, given)
    found = _with_run(c, given)
    if scheme in ("", "file") or len(scheme) == 1:
        _check_inside(c, found, "a local path")
    elif scheme == "mlflow-artifacts" or _PROXIED in _decoded(urlsplit(source).path):
        _check_inside(c, found, "an address in the store")
    return found


def _of_run(c: Connection, given: Source) -> Source:
    """`runs:/RUN/PATH`: the files are those of the run."""
    _, _, rest = given.source.partition(":")
    run_id, _, path = rest.strip("/").partition("/")
    if given.run_id not in ("", run_id):
        raise Invalid(f"The source {given.source!r} is not of the run {given.run_id!r} that run_id names.")
    root = runs.get(c, run_id).artifact_uri if runs.numbers_of(c, [run_id]) else f"runs:/{run_id}"
    return replace(_with_run(c, given), run_id=run_id, storage=f"{root}/{path}" if path else root)


def _of_model(c: Connection, given: Source) -> Source:
    """`models:/m-…`, `models:/NAME/VERSION` or `models:/NAME@ALIAS`."""
    parts = urlsplit(given.source)
    name, _, version = parts.path.strip("/").partition("/")
    if parts.netloc or not name:
        raise Invalid(f"The source {given.source!r} is not one; expected 'models:/NAME/VERSION' or 'models:/m-…'.")
    if re.fullmatch(r"m-[0-9a-f]{32}", name):
        if given.model_id not in ("", name):
            raise Invalid(f"The source {given.source!r} is not the logged model {given.model_id!r} of model_id.")
        model = logged_models.get(c, name)
        storage = f"{model.artifact_uri}/{version}" if version else model.artifact_uri
        return replace(given, storage=storage, model_id=name, run_id=given.run_id or model.source_run_id)
    name, _, alias = name.partition("@")
    found = versions.by_alias(c, name, alias) if alias else versions.get(c, name, version)
    for what in ("run_id", "model_id"):
        if getattr(given, what) not in ("", getattr(found, what)):
            raise Invalid(f"The {what} {getattr(given, what)!r} is not that of {given.source!r}.")
    return Source(f"models:/{name}/{found.version}", found.storage, found.run_id, found.model_id)


def _with_run(c: Connection, given: Source) -> Source:
    """With the run of the logged model, which must exist if it is named."""
    if not given.model_id:
        return given
    model = logged_models.get(c, given.model_id)
    return replace(given, run_id=given.run_id or model.source_run_id)


def _check_inside(c: Connection, given: Source, what: str) -> None:
    """Refuse a source that does not lie under the files of its logged model or run."""
    roots = []
    if given.model_id:
        roots.append(logged_models.get(c, given.model_id).artifact_uri)
    if given.run_id:
        with contextlib.suppress(NotFound):
            roots.append(runs.get(c, given.run_id).artifact_uri)
    if not any(_inside(given.source, root) for root in roots):
        raise Invalid(
            f"The source {given.source!r} is {what} that is not inside the artifacts of the run (run_id) or logged "
            f"model (model_id) named with it. Name the one that it belongs to, or log the model to a run first."
        )


def _inside(source: str, root: str) -> bool:
    (scheme, host, parts), (root_scheme, root_host, root_parts) = _place(source), _place(root)
    same = scheme == root_scheme and host == root_host
    return same and bool(root_parts) and parts[: len(root_parts)] == root_parts


def _place(address: str) -> tuple[str, str, list[str]]:
    parts = urlsplit(address)
    scheme = parts.scheme.lower() or "file"
    return scheme, parts.netloc.lower(), [_decoded(part) for part in parts.path.split("/") if part]


def _decoded(text: str) -> str:
    while (plain := unquote(text)) != text:
        text = plain
    return text
