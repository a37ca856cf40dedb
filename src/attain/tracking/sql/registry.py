"""The model registry: one object in front of its modules, each call one transaction."""

import contextlib
from collections.abc import Mapping, Sequence

from sqlalchemy import Engine

from attain.tracking.entities import Page
from attain.tracking.errors import Exists
from attain.tracking.liveness import now_ms, this_user
from attain.tracking.registry_entities import ModelVersion, RegisteredModel
from attain.tracking.sql import model_sources, model_versions, promotions, registered_models, registry_search, versions
from attain.tracking.sql.engine import reading, writing
from attain.tracking.sql.ledger import Fact

NOTHING: Mapping[str, str] = {}
Said = Mapping[str, Fact]


class Registry:
    """Registered models, their versions, tags and aliases, as `Store` keeps runs.

    A version is given by its number, as `3` or `"3"`. All methods raise `NotFound` for a model or version that is not
    there, and `Invalid` for a value that breaks a rule.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # Registered models

    def create_model(self, name: str, description: str = "", tags: Mapping[str, object] = NOTHING) -> RegisteredModel:
        """Make a registered model without versions. Raises `Exists` if the name is taken."""
        with writing(self._engine) as c:
            return registered_models.create(c, name, now_ms(), description, tags)

    def ensure_model(self, name: str) -> None:
        """Make a registered model if there is none of this name."""
        with contextlib.suppress(Exists):
            self.create_model(name)

    def model(self, name: str) -> RegisteredModel:
        """The registered model with a name."""
        with reading(self._engine) as c:
            return registered_models.get(c, name)

    def describe_model(self, name: str, description: str) -> RegisteredModel:
        """Change the description of a registered model."""
        with writing(self._engine) as c:
            registered_models.describe(c, name, description, now_ms())
            return registered_models.get(c, name)

    def rename_model(self, name: str, new_name: str) -> RegisteredModel:
        """Give a registered model another name; its versions stay with it. Raises `Exists` if the name is taken."""
        with writing(self._engine) as c:
            registered_models.rename(c, name, new_name, now_ms())
            return registered_models.get(c, new_name)

    def delete_model(self, name: str) -> None:
        """Delete a registered model with its versions, tags and aliases; the runs and their files stay."""
        with writing(self._engine) as c:
            registered_models.remove(c, name)

    def set_model_tag(self, name: str, key: str, value: object) -> None:
        """Set a tag of a registered model."""
        with writing(self._engine) as c:
            registered_models.set_tag(c, name, key, value)

    def delete_model_tag(self, name: str, key: str) -> None:
        """Take a tag from a registered model; it need not be there."""
        with writing(self._engine) as c:
            registered_models.delete_tag(c, name, key)

    def search_models(
        self, filter: str = "", order_by: Sequence[str] = (), max_results: int = 100, page_token: str | None = None
    ) -> Page[RegisteredModel]:
        """Registered models that a filter (`name`, `tags.k`) lets through, by name; prompts only if asked for."""
        with reading(self._engine) as c:
            return registry_search.search_models(c, filter, order_by, max_results, page_token)

    # Versions

    def create_version(
        self,
        name: str,
        source: str,
        run_id: str = "",
        *,
        model_id: str = "",
        run_link: str = "",
        description: str = "",
        tags: Mapping[str, object] = NOTHING,
        user_id: str | None = None,
    ) -> ModelVersion:
        """Add a version to a registered model.

        Args:
            name: of the registered model.
            source: `runs:/RUN/PATH`, `models:/m-…` (a logged model), `models:/NAME/VERSION`, an address inside the
                artifacts of the run or logged model, or one of another place such as `s3://…`; never a local path
                outside them.
            run_id: the run that made it; taken from the source if that says it.
            model_id: the logged model that it is; taken from the source if that says it.
            run_link: where the run can be seen, if it is elsewhere.
            description: for people.
            tags: set at once.
            user_id: who registers it; the user of this process if not given.
        """
        with writing(self._engine) as c:
            found = model_sources.resolved(c, source, run_id, model_id, tags)
            return model_versions.create(
                c,
                name,
                now_ms(),
                source=found.source,
                storage=found.storage,
                run_id=found.run_id,
                model_id=found.model_id,
                run_link=run_link,
                description=description,
                tags=tags,
                user_id=this_user() if user_id is None else user_id,
            )

    def version(self, name: str, version: int | str) -> ModelVersion:
        """A version."""
        with reading(self._engine) as c:
            return versions.get(c, name, version)

    def version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that an alias names; `latest` names the last one."""
        with reading(self._engine) as c:
            return versions.by_alias(c, name, alias)

    def latest_versions(self, name: str, stages: Sequence[str] = ()) -> list[ModelVersion]:
        """The last version in each of these stages; in every stage if none are given."""
        with reading(self._engine) as c:
            return versions.latest_of(c, name, stages)

    def describe_version(self, name: str, version: int | str, description: str) -> ModelVersion:
        """Change the description of a version."""
        with writing(self._engine) as c:
            model_versions.describe(c, name, version, description, now_ms())
            return versions.get(c, name, version)

    def move_version(self, name: str, version: int | str, stage: str, *, archive_others: bool = False) -> ModelVersion:
        """Put a version into a stage (None, Staging, Production, Archived); archive the others that are in it."""
        with writing(self._engine) as c:
            model_versions.move(c, name, version, stage, archive_others=archive_others, now=now_ms())
            return versions.get(c, name, version)

    def delete_version(self, name: str, version: int | str) -> None:
        """Delete a version with its tags and aliases; its number is not used again."""
        with writing(self._engine) as c:
            model_versions.remove(c, name, version, now_ms())

    def set_version_tag(self, name: str, version: int | str, key: str, value: object) -> None:
        """Set a tag of a version."""
        with writing(self._engine) as c:
            model_versions.set_tag(c, name, version, key, value)

    def delete_version_tag(self, name: str, version: int | str, key: str) -> None:
        """Take a tag from a version; it need not be there."""
        with writing(self._engine) as c:
            model_versions.delete_tag(c, name, version, key)

    def set_alias(self, name: str, alias: str, version: int | str, by: str = "") -> None:
        """Let an alias name a version; it no longer names another. `latest` and names like `v1` are reserved.

        No check is made: `move_alias` is for decisions. Where `by` says who does it, the ledger is told.
        """
        with writing(self._engine) as c:
            model_versions.set_alias(c, name, alias, version)
            if by:
                promotions.note(c, now_ms(), name, by, promotions.MOVED, {"alias": alias, "version": str(version)})

    def delete_alias(self, name: str, alias: str, by: str = "") -> None:
        """Take an alias away; it need not be there. Where `by` says who does it, the ledger is told."""
        with writing(self._engine) as c:
            model_versions.delete_alias(c, name, alias)
            if by:
                promotions.note(c, now_ms(), name, by, promotions.MOVED, {"alias": alias, "version": None})

    def move_alias(
        self, name: str, alias: str, version: int, *, expected: int | None, by: str, action: str, said: Said = NOTHING
    ) -> None:
        """Let an alias name a version, if it still names `expected`, with a line in the ledger: both or neither.

        Args:
            name: of the registered model.
            alias: the alias.
            version: what it is to name.
            expected: what it named when the decision was made; None for nothing.
            by: who moves it.
            action: as what the ledger has it.
            said: what else the ledger is told.

        Raises:
            Overtaken: somebody else moved it meanwhile.
        """
        with writing(self._engine) as c:
            promotions.move(c, name, alias, version, expected)
            promotions.note(c, now_ms(), name, by, action, said)

    def look(self, name: str, look: promotions.Look, by: str) -> int:
        """Count a comparison with the champion before anybody is told of it; the how-manieth it is, from 1."""
        with writing(self._engine) as c:
            return promotions.look(c, now_ms(), name, look, by)

    def search_versions(
        self, filter: str = "", order_by: Sequence[str] = (), max_results: int = 10_000, page_token: str | None = None
    ) -> Page[ModelVersion]:
        """Versions that a filter (`name`, `run_id`, `source_path`, `version_number`, `tags.k`) lets through."""
        with reading(self._engine) as c:
            return registry_search.search_versions(c, filter, order_by, max_results, page_token)
