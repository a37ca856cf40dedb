"""Logged models: one object in front of their modules, each call one transaction."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Engine

from attain.tracking.entities import ModelOutput, Page
from attain.tracking.errors import NotFound
from attain.tracking.liveness import now_ms
from attain.tracking.registry_entities import LoggedModel, ModelPoint
from attain.tracking.sql import logged_model_search, logged_models, model_metrics, run_models, runs
from attain.tracking.sql.engine import reading, writing
from attain.tracking.sql.logged_model_search import Dataset, OrderBy

NOTHING: Mapping[str, str] = {}


class LoggedModels:
    """Models that runs made, as `Store` keeps runs.

    All methods raise `NotFound` for an id that is not there (or deleted), and `Invalid` for a value that breaks a rule.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self,
        experiment_id: str,
        name: str | None = None,
        *,
        model_type: str = "",
        source_run_id: str = "",
        params: Mapping[str, object] = NOTHING,
        tags: Mapping[str, object] = NOTHING,
        model_id: str | None = None,
        creation_time: int | None = None,
    ) -> LoggedModel:
        """Make a logged model whose files are still to come.

        Args:
            experiment_id: an active experiment.
            name: made up if not given.
            model_type: what kind of model, in any words.
            source_run_id: the run that makes it.
            params: logged at once.
            tags: set at once.
            model_id: `m-` and 32 hexadecimal digits that no logged model has; made up if not given.
            creation_time: ms; now if not given.
        """
        with writing(self._engine) as c:
            return logged_models.create(
                c,
                experiment_id,
                now_ms() if creation_time is None else creation_time,
                name=name,
                model_type=model_type,
                source_run_id=source_run_id,
                params=params,
                tags=tags,
                model_id=model_id,
            )

    def get(self, model_id: str, *, deleted: bool = False) -> LoggedModel:
        """A logged model; a deleted one only if asked for."""
        with reading(self._engine) as c:
            return logged_models.get(c, model_id, deleted=deleted)

    def finish(self, model_id: str, status: str = "READY") -> LoggedModel:
        """Say that the files are there (`READY`) or will not be (`FAILED`)."""
        with writing(self._engine) as c:
            logged_models.finish(c, model_id, status, now_ms())
            return logged_models.get(c, model_id)

    def delete(self, model_id: str) -> None:
        """Mark a logged model as deleted."""
        with writing(self._engine) as c:
            logged_models.remove(c, model_id, now_ms())

    def restore(self, model_id: str) -> None:
        """Bring back a deleted logged model."""
        with writing(self._engine) as c:
            logged_models.restore(c, model_id, now_ms())

    def add_params(self, model_id: str, params: Mapping[str, object]) -> None:
        """Add params, which never change."""
        with writing(self._engine) as c:
            logged_models.add_params(c, model_id, params)

    def set_tags(self, model_id: str, tags: Mapping[str, object]) -> LoggedModel:
        """Set tags; those that are there are overwritten."""
        with writing(self._engine) as c:
            logged_models.set_tags(c, model_id, tags)
            return logged_models.get(c, model_id)

    def delete_tag(self, model_id: str, key: str) -> None:
        """Take a tag away."""
        with writing(self._engine) as c:
            logged_models.delete_tag(c, model_id, key)

    def link(self, run_id: str, inputs: Sequence[str] = (), outputs: Sequence[ModelOutput] = ()) -> None:
        """Say which logged models a run used (their ids) and made."""
        with writing(self._engine) as c:
            run_models.add(c, runs.writable(c, run_id)[0], inputs, outputs)

    def log_metrics(self, run_id: str, points: Sequence[ModelPoint]) -> None:
        """Add points that are about logged models; each becomes a point of the run also."""
        with writing(self._engine) as c:
            model_metrics.add(c, runs.writable(c, run_id)[0], points)

    def add_points(self, points: Sequence[ModelPoint]) -> None:
        """Add points of many runs, deleted ones also; each becomes a point of its run also."""
        with writing(self._engine) as c:
            known = runs.numbers_of(c, {one.run_id for one in points})
            if missing := sorted({one.run_id for one in points} - known.keys()):
                raise NotFound(f"There is no run with id {missing[0]!r}.")
            for run_id, run in known.items():
                model_metrics.add(c, run, [one for one in points if one.run_id == run_id])

    def count_points(self, model_id: str) -> int:
        """How many points are about a logged model."""
        with reading(self._engine) as c:
            return model_metrics.count(c, logged_models.number_of(c, model_id))

    def search(
        self,
        experiment_ids: Sequence[str],
        filter: str = "",
        datasets: Sequence[Dataset] = (),
        order_by: Sequence[OrderBy] = (),
        max_results: int = 100,
        page_token: str | None = None,
    ) -> Page[LoggedModel]:
        """Logged models that a filter lets through, the last made first; see `logged_model_search.search`."""
        with reading(self._engine) as c:
            return logged_model_search.search(c, experiment_ids, filter, datasets, order_by, max_results, page_token)
