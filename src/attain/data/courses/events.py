"""What was due and what was handed in, cut at a day before it is joined to anything."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from attain.core.errors import UserError
from attain.data.courses.source import Courses, Plan
from attain.data.courses.tables import Tables, numbers, texts
from attain.data.enrolments import Events, Fact


@dataclass(frozen=True, eq=False)
class Results:
    """What was handed in up to the cut-off, and how many results each enrolment carried over from before."""

    events: Events
    carried_over: Fact


def results(source: Courses, tables: Tables, key: "pd.Index[str]", as_of: float) -> Results | None:
    """What was handed in up to the day; results carried over from before are counted, not dated."""
    where = source.results
    if where is None:
        return None
    columns = [where.learner, where.about, where.day, where.score, where.carried_over]
    table = tables.read(where, columns, "results")
    day = numbers(table, where.day)
    carried = np.zeros(table.n_rows, dtype=bool)
    if where.carried_over is not None:
        carried = numbers(table, where.carried_over) == 1
    plan = _plan(where.plan, tables)
    early = np.flatnonzero(carried | (day <= as_of))
    at = pd.Index(plan["key"]).get_indexer(pd.Index(texts(table, where.about)[early], dtype=object))
    if (at < 0).any():
        row = int(early[(at < 0).argmax()])
        raise UserError(f"{table.path}, {table.place(row)}: the assessment is not in {where.plan.file!r}.")
    its = plan.iloc[at]
    joined = texts(table, where.learner)[early] + "\x1f" + its["course"].to_numpy() + "\x1f" + its["term"].to_numpy()
    owner = key.get_indexer(pd.Index(joined, dtype=object))
    banked = np.bincount(owner[(owner >= 0) & carried[early]], minlength=len(key)).astype(float)
    own = (owner >= 0) & ~carried[early]
    kind, kinds = pd.factorize(plan["kind"], sort=True)
    events = Events.of(
        owner[own],
        len(key),
        np.asarray(kinds, dtype=object),
        day=day[early][own],
        kind=kind[at][own],
        amount=numbers(table, where.score)[early][own],
        about=at[own],
        due=its["due"].to_numpy(float)[own],
        weight=its["weight"].to_numpy(float)[own],
    )
    return Results(events, Fact("prior_results", banked))


def schedule(source: Courses, tables: Tables, offerings: "pd.Index[str]", as_of: float) -> Events | None:
    """The assessments that were due in each offering up to the day; those without a date are left out."""
    if source.results is None:
        return None
    plan = _plan(source.results.plan, tables)
    owner = offerings.get_indexer(pd.Index(plan["course"] + " " + plan["term"], dtype=object))
    due = plan["due"].to_numpy(float)
    wanted = (owner >= 0) & (due <= as_of)
    kind, kinds = pd.factorize(plan["kind"], sort=True)
    return Events.of(
        owner[wanted],
        len(offerings),
        np.asarray(kinds, dtype=object),
        day=due[wanted],
        kind=kind[wanted],
        about=np.flatnonzero(wanted),
        due=due[wanted],
        weight=plan["weight"].to_numpy(float)[wanted],
    )


def _plan(plan: Plan, tables: Tables) -> pd.DataFrame:
    table = tables.read(plan, [plan.course, plan.term, plan.key, plan.kind, plan.due, plan.weight], "assessments")
    names = {name: texts(table, getattr(plan, name)) for name in ("course", "term", "key", "kind")}
    return pd.DataFrame({**names, "due": numbers(table, plan.due), "weight": numbers(table, plan.weight)})
