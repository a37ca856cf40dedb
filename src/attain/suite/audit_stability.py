"""Whether the reasons of an audited run's scores outlive a refit: models fitted again to drawn learners."""

import json
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import TypeAdapter

from attain.audit.goes_by import Agreement
from attain.core.errors import UserError
from attain.core.reasons import Reasons, same_first
from attain.core.rng import rng
from attain.data.cache import open_prepared
from attain.data.features.table import topics
from attain.suite.audit_card import TASK
from attain.suite.audit_cohorts import prepared_of
from attain.suite.audit_reasons import drawn_of, kept_model, models_of
from attain.suite.config import Split
from attain.suite.record import SPLIT
from attain.tasks.dropout_prediction import Explains
from attain.tasks.find import task
from attain.tasks.refits import refitted
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store as Database


def agreement_of(
    store: Database, run: Run, frame: pd.DataFrame, flag: NDArray[np.bool_], seed: int
) -> tuple[Agreement | None, str]:
    """Whether two refits name the same first reasons for the enrolments whose reasons the audit shows; or why not.

    Args:
        store: where the run is.
        run: of a model, whose reasons are known.
        frame: its predictions.
        flag: shape (len(frame),), who is flagged.
        seed: of both draws.
    """
    folder = prepared_of(run)
    if folder is None or SPLIT not in run.tags:
        return None, "the run's prepared data or its split are not known any more"
    dataset, drawn = open_prepared(folder), frame.iloc[drawn_of(flag, seed)]
    split = TypeAdapter[Split](Split).validate_python(json.loads(run.tags[SPLIT]))
    found = []
    try:
        for number, kept in models_of(store, run).items():
            examples = drawn["example"][drawn["fold"] == number]
            if not len(examples):
                continue
            model, fold = kept_model(store, run, kept), task(TASK).make_fold(split, dataset, number)
            models = refitted(partial(type(model), model.params), fold.train, rng(seed, "refits", number))
            rows = dataset.log.take(np.isin(dataset.log.row, examples)).without_outcome()
            found.append([one.reasons(rows) for one in models if isinstance(one, Explains)])
    except UserError as problem:
        return None, str(problem)
    first, named = map(sum, zip(*(_same(*pair) for pair in found), strict=True))
    known = topics()
    by_topic = [_same(*(one.grouped(known) for one in pair)) for pair in found]
    first_topic, named_topic = map(sum, zip(*by_topic, strict=True))
    return Agreement(first, named, first_topic, named_topic), ""


def _same(one: Reasons, other: Reasons) -> tuple[int, int]:
    """Of how many enrolments the first reason is the same, and how many have one in either."""
    named = int(((one.top(1) >= 0) | (other.top(1) >= 0)).sum())
    return (round(same_first(one, other) * named) if named else 0), named
