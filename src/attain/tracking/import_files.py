"""Taking over the files of a run or logged model: those that are not here yet, or not in this size."""

from attain.tracking import artifacts
from attain.tracking.errors import Invalid
from attain.tracking.import_report import Counts, Report
from attain.tracking.mlflow_sources.source import Owner, Source, id_of
from attain.tracking.sql.store import Store


def import_files(owner: Owner, source: Source, store: Store, report: Report) -> None:
    """Copy the files that are new.

    Args:
        owner: the run or logged model there; it is here under the same id.
        source: where from.
        store: where to.
        report: is told of each.
    """
    here = {file.path: file.size for file in store.artifacts_under(id_of(owner))}
    for file in source.files(owner):
        report.seen += Counts(files=1, bytes=file.size or 0)
        if file.path in here and file.size in (None, here[file.path]):
            continue
        path = artifacts.checked_path(file.path)
        with source.open(owner, file.path) as stream, store.blobs.upload() as upload:
            blob = upload.fill(stream)
            if file.size not in (None, blob.size):
                raise Invalid(f"the artifact {path!r} has {blob.size:,} bytes, and {file.size:,} in the list.")
            store.add_artifacts(id_of(owner), [artifacts.info(path, blob)])
            upload.keep()  # again: see there
        report.added += Counts(files=1, bytes=blob.size)


def kept_files(owner: Owner, store: Store) -> Counts:
    """How many files it has here, and how many bytes they are."""
    files = store.artifacts_under(id_of(owner))
    return Counts(files=len(files), bytes=sum(file.size or 0 for file in files))
