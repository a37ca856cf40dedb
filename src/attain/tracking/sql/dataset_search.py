"""The data sets that the runs of experiments read."""

from collections.abc import Sequence

from sqlalchemy import Connection, and_, select

from attain.tracking.entities import CONTEXT_TAG, DatasetUse
from attain.tracking.sql.experiments import number_of
from attain.tracking.sql.tables import datasets, input_tags, inputs

MOST = 1_000


def used(c: Connection, experiment_ids: Sequence[str]) -> list[DatasetUse]:
    """Which data sets the runs of some experiments read (by unique index of `datasets`), and as what; at most 1,000."""
    same = and_(
        input_tags.c.run == inputs.c.run, input_tags.c.dataset == inputs.c.dataset, input_tags.c.key == CONTEXT_TAG
    )
    query = (
        select(datasets.c.experiment, datasets.c.name, datasets.c.digest, input_tags.c.value)
        .join(inputs, inputs.c.dataset == datasets.c.id)
        .outerjoin(input_tags, same)
        .where(datasets.c.experiment.in_(sorted({number_of(one) for one in experiment_ids})))
        .distinct()
        .order_by(datasets.c.experiment, datasets.c.name, datasets.c.digest, input_tags.c.value)
        .limit(MOST)
    )
    return [
        DatasetUse(str(experiment), name, digest, context) for experiment, name, digest, context in c.execute(query)
    ]
