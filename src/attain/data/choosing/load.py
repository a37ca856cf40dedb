"""From the tables of a set of choices to choices."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.cohorts import UNKNOWN
from attain.core.errors import UserError, unknown
from attain.core.rng import rng
from attain.data import pseudonym
from attain.data.card import FoundCard
from attain.data.choices import Choices
from attain.data.choosing.prerequisites import acyclic
from attain.data.choosing.source import ChoiceFiles, ChoiceOptions
from attain.data.courses.tables import Tables, numbers, texts
from attain.data.dataset import Change, Dataset
from attain.data.formats.columns import RawTable

Names = NDArray[np.object_]
_DAY_S = 86_400.0


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The items, what they are about, and what comes before what; as `Choices` has them."""

    items: Names
    skills: Names
    skill: NDArray[np.int32]
    skill_start: NDArray[np.int64]
    before: NDArray[np.int32]
    after: NDArray[np.int32]


def chosen(found: FoundCard, options: ChoiceOptions, tables: Tables, secret: bytes | None) -> Dataset[Choices]:
    """The choices of a data set; its fingerprint is left empty.

    Args:
        found: the card, with `choices`.
        options: which part is kept.
        tables: reads the files.
        secret: the key of pseudonyms; None where the ids are pseudonyms already.

    Raises:
        UserError: a file cannot be read, or nothing is left after the choices.
    """
    source = found.card.choices
    assert source is not None
    changes: list[Change] = []
    events = _events(found.name, source, options, tables, changes)
    events = _kept(found.name, events, options, changes)
    catalogue = _catalogue(source, events["item"], tables, changes)
    learner, names = pd.factorize(events["learner"], sort=True)
    item = pd.Index(catalogue.items).get_indexer(pd.Index(events["item"])).astype(np.int32)
    order = np.lexsort((events["place"], learner))
    log = Choices(
        learner=learner[order].astype(np.int32),
        item=item[order],
        row=np.arange(len(order), dtype=np.int64),
        learners=np.asarray(names, dtype=object),
        items=catalogue.items,
        skills=catalogue.skills,
        skill=catalogue.skill,
        skill_start=catalogue.skill_start,
        before=catalogue.before,
        after=catalogue.after,
        ordered=source.ordered,
        time_s=None if source.day is None else events["day"].to_numpy(float)[order] * _DAY_S,
        amount=None if source.amount is None else events["amount"].to_numpy(np.float32)[order],
    )
    cohorts = _cohorts(source, log.learners, tables)
    if secret is not None:
        log = _renamed(log, secret)
        cohorts = None if cohorts is None else cohorts.set_axis(log.learners).rename_axis("learner")
    return Dataset(found.name, log, "", tables.sha256, options.model_dump(mode="json"), tuple(changes), cohorts)


def _events(
    name: str, source: ChoiceFiles, options: ChoiceOptions, tables: Tables, changes: list[Change]
) -> pd.DataFrame:
    """The events as they stand in the file: `learner`, `item`, `place`, `offering`, and `day`, `amount` where known."""
    wanted = [source.learner, source.item, source.order, source.day, source.amount, *source.offering]
    table = tables.read(source, wanted, "what learners took")
    _refuse_empty(table, source.learner, "who took it")
    _refuse_empty(table, source.item, "what was taken")
    out = pd.DataFrame({"learner": texts(table, source.learner), "item": texts(table, source.item)})
    out["place"] = np.arange(len(out)) if source.order is None else numbers(table, source.order)
    for ours, theirs in (("day", source.day), ("amount", source.amount)):
        if theirs is not None:
            out[ours] = numbers(table, theirs)
    if source.day is not None:
        out["place"] = out["day"]
    out["offering"] = _joined(table, source.offering)
    if source.offering:
        out["learner"] = out["learner"] + " " + out["offering"]
    if known := sorted(set(out["offering"])):
        for offering in options.offerings:
            if offering not in known:
                raise unknown(f"offering of {name!r}", offering, known)
    if source.complete_until:
        late = out["day"] > out["offering"].map(source.complete_until).fillna(np.inf)
        out = _without(out, late, "dropped events of days that are not whole in the file", changes)
    if source.amount is not None:
        before = len(out)
        own = ["learner", "item", "day", "place", "offering"]
        out = out.groupby(own, sort=False)["amount"].sum().reset_index()
        changes.append(Change("summed events of the same learner, item and day", before - len(out)))
    if not source.ordered:
        out = _without(out, out.duplicated(["learner", "item"]), "dropped repeats of a learner and item", changes)
        out["place"] = 0
    return out


def _joined(table: RawTable, columns: tuple[str, ...]) -> NDArray[np.object_]:
    """The columns joined by a blank; "" everywhere where there are none. Shape (n_rows,)."""
    joined = texts(table, columns[0] if columns else None)
    for column in columns[1:]:
        joined = joined + " " + texts(table, column)
    return np.asarray(joined, dtype=object)


def _refuse_empty(table: RawTable, column: str, what: str) -> None:
    if (empty := table.columns[column].empty).any():
        raise table.error(int(empty.argmax()), column, f"is empty; every row must say {what}.")


def _kept(name: str, events: pd.DataFrame, options: ChoiceOptions, changes: list[Change]) -> pd.DataFrame:
    """The events of the courses and learners that are kept."""
    if options.offerings:
        elsewhere = ~events["offering"].isin(options.offerings)
        events = _without(events, elsewhere, "dropped events of other offerings", changes)
    count = events["learner"].map(events["learner"].value_counts())
    events = _without(events, count < options.min_events, "dropped events of learners with few of them", changes)
    if options.learners is not None:
        names = np.sort(events["learner"].unique())
        drawn = rng(options.seed, "learners").permutation(names)[: options.learners]
        events = _without(events, ~events["learner"].isin(drawn), "dropped events of learners not drawn", changes)
    if not len(events):
        raise UserError(f"Dataset {name!r}: no events are left after the options {options.model_dump()}.")
    return events


def _without(events: pd.DataFrame, bad: "pd.Series[bool]", what: str, changes: list[Change]) -> pd.DataFrame:
    if not bad.any():
        return events
    changes.append(Change(what, int(bad.sum())))
    return events[~bad].reset_index(drop=True)


def _catalogue(source: ChoiceFiles, taken: "pd.Series[str]", tables: Tables, changes: list[Change]) -> Catalogue:
    """The items that were taken; skills and prerequisites of others are left out."""
    items = np.sort(taken.unique()).astype(object)
    code = pd.Index(items)
    pairs = _item_skills(source, tables)
    pairs = pairs[pairs["item"].isin(items)].drop_duplicates()
    skill, skills = pd.factorize(pairs["skill"], sort=True)
    owner = code.get_indexer(pd.Index(pairs["item"]))
    order = np.lexsort((skill, owner))
    edges = _edges(source, tables, changes)
    known = [(a, b) for a, b in edges if a in code and b in code]
    if len(known) < len(edges):
        changes.append(Change("left out prerequisites of items that nobody took", len(edges) - len(known)))
    return Catalogue(
        items=items,
        skills=np.asarray(skills, dtype=object),
        skill=skill[order].astype(np.int32),
        skill_start=np.searchsorted(owner[order], np.arange(len(items) + 1)).astype(np.int64),
        before=code.get_indexer(pd.Index([a for a, _ in known], dtype=object)).astype(np.int32),
        after=code.get_indexer(pd.Index([b for _, b in known], dtype=object)).astype(np.int32),
    )


def _item_skills(source: ChoiceFiles, tables: Tables) -> pd.DataFrame:
    """`item` and `skill` of the rows that are wanted and have both."""
    about = source.item_skills
    if about is None:
        return pd.DataFrame({"item": [], "skill": []}, dtype=object)
    table = tables.read(about, [about.item, about.skill, *about.where], "what items are about")
    wanted = np.ones(table.n_rows, dtype=bool)
    for column, value in about.where.items():
        wanted &= texts(table, column) == value
    out = pd.DataFrame({"item": texts(table, about.item), "skill": texts(table, about.skill)})[wanted]
    return out[(out["item"] != "") & (out["skill"] != "")]


def _edges(source: ChoiceFiles, tables: Tables, changes: list[Change]) -> list[tuple[str, str]]:
    if source.prerequisites is None:
        return []
    table = tables.read(
        source.prerequisites, [source.prerequisites.before, source.prerequisites.after], "prerequisites"
    )
    before, after = (texts(table, column) for column in (source.prerequisites.before, source.prerequisites.after))
    graph = acyclic(zip(before.tolist(), after.tolist(), strict=True))
    for edge in graph.cut:
        changes.append(Change(f"cut the prerequisite {edge[0]!r} of {edge[1]!r}, which closes a cycle", 1))
    return graph.kept


def _cohorts(source: ChoiceFiles, learners: Names, tables: Tables) -> pd.DataFrame | None:
    about = source.about_learners
    if about is None:
        return None
    wanted = [about.learner, *about.offering, *about.cohorts.values()]
    table = tables.read(about, wanted, "the cohorts of learners")
    own = pd.DataFrame({name: texts(table, column) for name, column in about.cohorts.items()})
    names = texts(table, about.learner)
    if about.offering:
        names = names + " " + _joined(table, about.offering)
    own = own.replace("", UNKNOWN).set_axis(pd.Index(names, dtype=object, name="learner"))
    own = own[~own.index.duplicated()]
    return own.reindex(learners).fillna(UNKNOWN).astype(object)


def _renamed(log: Choices, secret: bytes) -> Choices:
    """The choices of pseudonyms; their order, and so everything that is drawn, stays."""
    return replace(log, learners=pseudonym.pseudonyms(log.learners, secret))
