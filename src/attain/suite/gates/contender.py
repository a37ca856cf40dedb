"""A version of a registered model with the run that it came from; and whether two have answered the same learners."""

from dataclasses import dataclass

from attain.core import table_file
from attain.core.errors import UserError
from attain.suite.record import DATA_FINGERPRINT, KIND, LABEL, MODEL, SPLIT
from attain.tracking.entities import Run
from attain.tracking.errors import Invalid
from attain.tracking.registry_entities import ModelVersion
from attain.tracking.search.tokens import quoted
from attain.tracking.sql.store import Store as Database
from attain.tracking.store import Store

RUN, FOLD, TASK, TABLE, AUDIT = "attain.run", "attain.fold", "attain.task", "attain.table_sha256", "attain.audit"
"""Tags of a version: the run of its model, which fold its saved form is of, the task, the SHA-256 of the run's
predictions, and the last audit that the run had when it was registered."""
MOST = 1_000


@dataclass(frozen=True)
class Contender:
    """Who is compared.

    Attributes:
        called: for people: `version 2 of 'dropout'`.
        run: of a model, finished, with predictions.
        version: the number of its version; None where it is none.
    """

    called: str
    run: Run
    version: int | None = None

    @property
    def data(self) -> str:
        """A mark of the data that it was judged on; "" where the run does not say."""
        return data_of(self.run)

    @property
    def label(self) -> str:
        """What its model is called."""
        return self.run.tags.get(LABEL, self.run.name)


def database(store: Store) -> Database:
    """The store, if it is a database that has the ledger.

    Raises:
        UserError: it is a server.
    """
    if isinstance(store, Database):
        return store
    raise UserError(
        f"Models are registered and promoted where the ledger is, and {store.place} is a server. Give its database by "
        "--store, such as --store sqlite:///attain.db."
    )


def contender(store: Database, version: ModelVersion) -> Contender:
    """A version with its run.

    Raises:
        UserError: its run is not known, did not finish, or was deleted.
    """
    called = f"version {version.version} of {version.name!r}"
    run_id = version.tags.get(RUN) or version.run_id
    if not run_id:
        raise UserError(
            f"Nobody knows which run {called} is of, so it cannot be compared; register a run: attain register RUN "
            f"{version.name}."
        )
    run = store.get_run(run_id)
    check_finished(run, called)
    return Contender(called, run, version.version)


def check_finished(run: Run, called: str) -> None:
    """Refuse what is of a run that came to no end.

    Raises:
        UserError: it did not finish, or was deleted.
    """
    if run.lifecycle_stage == "deleted":
        raise UserError(f"The run {run.run_id[:8]} of {called} was deleted; only a finished run counts.")
    if run.status != "FINISHED":
        raise UserError(f"The run {run.run_id[:8]} of {called} is {run.shown_status}; only a finished run counts.")


def named(store: Database, name: str, alias: str) -> int | None:
    """The number of the version that an alias names; None where there is no such alias.

    Raises:
        NotFound: there is no such model.
    """
    return store.registry.model(name).aliases.get(alias)


def champion_of(store: Database, name: str, alias: str) -> Contender:
    """The version that an alias names, with its run.

    Raises:
        UserError: nothing is called so yet.
    """
    number = named(store, name, alias)
    if number is None:
        raise Invalid(
            f"{name!r} has no {alias} yet, so there is nothing to compare with. The first is named by: attain promote "
            f'{name} VERSION --as {alias} --because "…".'
        )
    return contender(store, store.registry.version(name, number))


def table_sha256(store: Database, run: Run) -> str:
    """The SHA-256 of a run's predictions.

    Raises:
        UserError: it keeps none.
    """
    if table_file.PREDICTIONS not in {file.path for file in store.artifacts_under(run.run_id, table_file.PREDICTIONS)}:
        raise UserError(f"The run {run.run_id[:8]} ({run.name}) keeps no predictions, so nothing can be judged by it.")
    return str(store.artifact(run.run_id, table_file.PREDICTIONS).sha256)


def data_of(run: Run) -> str:
    """The fingerprint of a run's data; "" where it is not known."""
    return run.tags.get(DATA_FINGERPRINT) or (run.inputs[0].digest if run.inputs else "")


def on_same_data(store: Database, champion: Contender, challenger: Contender) -> tuple[Contender, str]:
    """The champion as it answered the challenger's learners, and what must be said of that.

    Where the champion's own run was judged on other data, a run of the same model and params in the challenger's
    experiment stands in for it: the champion's way of learning on the new data.

    Raises:
        UserError: there is no such run either.
    """
    differs = _differs(champion.run, challenger.run)
    if not differs:
        return champion, ""
    stand_in = _stand_in(store, champion.run, challenger.run)
    if stand_in is None:
        raise UserError(
            f"{challenger.called[0].upper()}{challenger.called[1:]} and the champion ({champion.called}) have not "
            f"answered the same learners: their {differs} differs. Run the champion's model "
            f"({champion.run.tags.get(MODEL, champion.run.name)}, with the params of run {champion.run.run_id[:8]}) "
            "in the challenger's suite too; that run then stands in for it."
        )
    said = (
        f"The champion's {differs} differs, so the same model fitted on the challenger's data stands in for it "
        f"(run {stand_in.run_id[:8]})."
    )
    return Contender(champion.called, stand_in, champion.version), said


def _differs(a: Run, b: Run) -> str:
    """In what two runs' judged answers differ by their records: `data`, `split`, or nothing that is known."""
    if data_of(a) and data_of(b) and data_of(a) != data_of(b):
        return "data"
    splits = [run.tags.get(SPLIT) for run in (a, b)]
    return "split" if all(splits) and splits[0] != splits[1] else ""


def _stand_in(store: Database, champion: Run, challenger: Run) -> Run | None:
    """The first finished run of the champion's model and params, in the challenger's experiment and on its data."""
    asked = f"tags.`{MODEL}` = {quoted(champion.tags.get(MODEL, ''))} AND status = 'FINISHED'"
    found = store.search_runs([challenger.experiment_id], asked, ["attributes.start_time ASC"], MOST).items
    whole = [run for run in found if run.tags.get(KIND, "model") == "model" and data_of(run) == data_of(challenger)]
    like = [run for run in whole if _fit(run) == _fit(champion) and not _differs(run, challenger)]
    return like[0] if like else None


def _fit(run: Run) -> tuple[str | None, list[tuple[str, str]]]:
    """Which model with which params."""
    return run.tags.get(MODEL), sorted((key, v) for key, v in run.params.items() if key.startswith("model."))
