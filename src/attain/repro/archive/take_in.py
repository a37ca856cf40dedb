"""The runs of an archive taken into a store, under their ids."""

from pydantic import ValidationError

from attain.core.errors import UserError
from attain.repro.archive.read import FILES, RUN, Archive
from attain.suite import record
from attain.tracking import artifacts
from attain.tracking.entities import KEY_TAG, Run
from attain.tracking.find_run import experiments
from attain.tracking.run_record import RunRecord
from attain.tracking.run_record import take_in as take_in_run
from attain.tracking.store import Store

FROM = "attain.imported_from"
_ONLY_THERE = (KEY_TAG, record.SUITE_KEY)
"""Tags by which a job counts as done: nobody's results are taken for our own."""


def take_in(archive: Archive, store: Store) -> int:
    """Take in the runs that are not here yet; how many.

    Raises:
        UserError: a record cannot be read, or a run is here with other results; what was taken in before stays, and a
            second attempt goes on.
    """
    known = [_record(archive, name) for name in archive.names if name.endswith(f"/{RUN}") and name.count("/") == 2]
    there = list(experiments(store).values())
    new = 0
    for one in sorted(known, key=lambda one: (one.run_id != archive.head.suite_run, one.start_time)):
        here = f"attributes.run_id = '{one.run_id}' AND attributes.status = '{one.status}'"
        if there and store.count_runs(there, here, "ALL"):
            _same(archive, one, store.get_run(one.run_id))
            continue
        tags = {name: value for name, value in one.tags.items() if name not in _ONLY_THERE}
        take_in_run(store, one.model_copy(update={"tags": tags}), {FROM: archive.path.name})
        folder = f"runs/{one.run_id}/{FILES}"
        for name in archive.below(folder):
            artifacts.log_bytes(store, one.run_id, archive.read(name), name.removeprefix(f"{folder}/"))
        store.update_run(one.run_id, status=one.status, end_time=one.end_time)
        new += 1
    return new


def _same(archive: Archive, known: RunRecord, here: Run) -> None:
    """A run that is here already must be the one of the archive."""
    latest = {key: max((step, at, float(value)) for value, at, step in all_) for key, all_ in known.metrics.items()}
    ours = {key: (point.step, point.timestamp, point.value) for key, point in here.latest.items()}
    if known.params != dict(here.params) or repr(sorted(latest.items())) != repr(sorted(ours.items())):
        raise UserError(
            f"Run {known.run_id[:8]} is here already, with other params or metrics than in {str(archive.path)!r}; "
            "nobody can say which is right. Take the archive into a store of its own with --store."
        )


def _record(archive: Archive, name: str) -> RunRecord:
    try:
        return RunRecord.model_validate_json(archive.read(name))
    except ValidationError:
        raise UserError(f"The archive {str(archive.path)!r} holds a record that is none: {name!r}.") from None
