"""Whether the reasons of an audited run's scores outlive a refit: models fitted again to drawn learners."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import TypeAdapter

from attain.audit.goes_by import Agreement
from attain.core.errors import UserError
from attain.core.reasons import Reasons, same_first, shared_top
from attain.core.rng import rng
from attain.data.cache import open_prepared
from attain.data.enrolments import Enrolments
from attain.data.features.table import topics
from attain.suite.audit_card import TASK
from attain.suite.audit_cohorts import prepared_of
from attain.suite.audit_reasons import drawn_of, kept_model, models_of, one_thread
from attain.suite.config import Split
from attain.suite.record import SPLIT
from attain.tasks.dropout_prediction import DropoutPredictor, Explains
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
    dataset, drawn = open_prepared(folder), drawn_of(flag, seed)
    split = TypeAdapter[Split](Split).validate_python(json.loads(run.tags[SPLIT]))
    folds, example, found = frame["fold"].to_numpy(), frame["example"].to_numpy(), []
    try:
        for number, kept in models_of(store, run).items():
            here = np.flatnonzero(folds == number)
            if not np.isin(drawn, here).any():
                continue
            model, fold = kept_model(store, run, kept), task(TASK).make_fold(split, dataset, number)
            asked = dataset.log.take(np.isin(dataset.log.row, example[here])).without_outcome()
            shown = np.isin(asked.row, example[np.intersect1d(drawn, here)])
            with one_thread():
                models = refitted(partial(type(model), model.params), fold.train, rng(seed, "refits", number))
                one, other = (_reasons(model, asked.take(shown)) for model in models)
                both, most = _both([model.predict(asked) for model in models], int(flag[here].sum()))
            found.append(_Fold(one, other, both, most, len(np.unique(fold.train.learner))))
    except UserError as problem:
        return None, str(problem)
    return _agreement(found), ""


@dataclass(frozen=True)
class _Fold:
    """Of a fold: the reasons by both refits, how many both would flag of as many as are flagged; and their learners."""

    one: Reasons
    other: Reasons
    both: int
    flagged: int
    learners: int

    @property
    def pair(self) -> tuple[Reasons, Reasons]:
        return self.one, self.other


def _reasons(model: DropoutPredictor, rows: Enrolments) -> Reasons:
    assert isinstance(model, Explains)  # the audited model is
    return model.reasons(rows)


def _both(scores: Sequence[NDArray[np.floating]], most: int) -> tuple[int, int]:
    """How many are among the `most` highest scores of both, and `most`."""
    one, other = (np.argsort(-score, kind="stable")[:most] for score in scores)
    return len(np.intersect1d(one, other)), most


def _agreement(found: Sequence[_Fold]) -> Agreement:
    known = topics()
    first = [_same(*fold.pair) for fold in found]
    by_topic = [_same(fold.one.grouped(known), fold.other.grouped(known)) for fold in found]
    named = sum(n for _, n in first)
    overlap = sum(n * shared_top(*fold.pair) for fold, (_, n) in zip(found, first, strict=True) if n)
    return Agreement(
        first=sum(same for same, _ in first),
        named=named,
        first_topic=sum(same for same, _ in by_topic),
        named_topic=sum(n for _, n in by_topic),
        shared=overlap / max(named, 1),
        strongest=sum(_same(*map(_all_shown, fold.pair))[0] for fold in found),
        n=sum(len(fold.one.contribution) for fold in found),
        flagged=sum(fold.both for fold in found) / max(sum(fold.flagged for fold in found), 1),
        learners=max(fold.learners for fold in found),
    )


def _all_shown(reasons: Reasons) -> Reasons:
    """The same as if every feature could be shown as a reason."""
    return replace(reasons, actionable=np.ones_like(reasons.actionable))


def _same(one: Reasons, other: Reasons) -> tuple[int, int]:
    """Of how many enrolments the first reason is the same, and how many have one in either."""
    named = int(((one.top(1) >= 0) | (other.top(1) >= 0)).sum())
    return (round(same_first(one, other) * named) if named else 0), named
