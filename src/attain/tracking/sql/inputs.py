"""The data sets that runs read."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from attain.tracking.entities import DatasetInput
from attain.tracking.rules import checked_name, checked_tags, checked_text
from attain.tracking.sql.dialect import insert_new, upsert
from attain.tracking.sql.rows import THESE
from attain.tracking.sql.tables import datasets, input_tags, inputs

_READ = (
    select(inputs.c.run, datasets)
    .join(datasets, datasets.c.id == inputs.c.dataset)
    .where(inputs.c.run.op("IN")(THESE))
    .order_by(datasets.c.name, datasets.c.id)
)
_TAGS = select(input_tags).where(input_tags.c.run.op("IN")(THESE))


def add(c: Connection, run: int, experiment: int, given: Iterable[DatasetInput]) -> None:
    """Say that a run read these; the same name and digest in one experiment is one data set."""
    for one in given:
        checked_name("a data set", one.name)
        checked_name("a data set's digest", one.digest)
        row = {
            "experiment": experiment,
            "name": one.name,
            "digest": one.digest,
            "source_type": checked_text("source_type", one.source_type),
            "source": checked_text("source", one.source),
            "schema": one.schema,
            "profile": one.profile,
        }
        insert_new(c, datasets, [row])
        where = (datasets.c.experiment == experiment) & (datasets.c.name == one.name)
        number = c.execute(select(datasets.c.id).where(where, datasets.c.digest == one.digest)).scalar_one()
        insert_new(c, inputs, [{"run": run, "dataset": number}])
        tags = checked_tags(one.tags).items()
        upsert(c, input_tags, [{"run": run, "dataset": number, "key": k, "value": v} for k, v in tags])


def of_runs(c: Connection, runs: Sequence[int]) -> dict[int, tuple[DatasetInput, ...]]:
    """The inputs of runs, by name; a run without any is left out."""
    rows = c.execute(_READ, {THESE.key: runs}).all()
    tags: dict[tuple[int, int], dict[str, str]] = {}
    for tag in c.execute(_TAGS, {THESE.key: runs}) if rows else ():
        tags.setdefault((tag.run, tag.dataset), {})[tag.key] = tag.value
    found: dict[int, tuple[DatasetInput, ...]] = {}
    for row in rows:
        one = DatasetInput(
            name=row.name,
            digest=row.digest,
            source_type=row.source_type,
            source=row.source,
            schema=row.schema,
            profile=row.profile,
            tags=tags.get((row.run, row.id), {}),
        )
        found[row.run] = (*found.get(row.run, ()), one)
    return found
