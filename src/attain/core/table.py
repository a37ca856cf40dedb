"""The predictions table: the one hand-over between a task and all that reads results."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.facts import NOTHING, Facts
from attain.core.ragged import pick

SKILL_SEPARATOR = "~~"
"""Joins the skills of one answer in the column `skill` (DataShop's own convention)."""

Grain = Literal["answer", "pair", "practice"]
"""What one row is: a judged answer; a judged answer and one of its skills; or any answer, judged or only a learner's
history, and one of its skills."""


def predictions(
    keys: pd.DataFrame,
    score: NDArray[np.floating],
    *,
    low: float | None = None,
    high: float | None = None,
) -> pd.DataFrame:
    """Join scores to the rows they were asked for.

    Args:
        keys: one row a prediction, with `fold`, `example`, `unit`, `target` and the task's own columns.
        score: shape (len(keys),), in the order of `keys`.
        low: the least score that the task allows.
        high: the greatest.

    Raises:
        UserError: the scores are of another shape, not finite, or out of range.
    """
    score = np.asarray(score, dtype=float)
    if score.shape != (len(keys),):
        raise UserError(f"predict() gave shape {score.shape}; it must give ({len(keys)},), one score a row.")
    bad = ~np.isfinite(score)
    if low is not None:
        bad |= score < low
    if high is not None:
        bad |= score > high
    if bad.any():
        first = int(bad.argmax())
        raise UserError(
            f"predict() gave {int(bad.sum())} of {len(bad)} scores that are not numbers in [{low}, {high}]; "
            f"the first is row {first}: {score[first]}."
        )
    return keys.assign(score=score)


@dataclass(frozen=True)
class Rows:
    """Columns of one grain as arrays; answers by unit and step, the others by unit, skill and step.

    Attributes:
        columns: name to array, each of shape (n,); text columns are codes (int32), -1 where missing.
        unit: shape (n,), codes into `units`.
        units: the names of the units (learners), shape (n_units,).
        joint_skills: of answers, the names that `skill` points into; skills joined by `~~`.
        prerequisites: of the others, shape (n_edges, 2): codes of a skill and of one that it needs, -1 for a needed one
            that nobody practised.
        words: of each text column, what its codes point into, sorted.
    """

    columns: Mapping[str, NDArray[np.generic]]
    unit: NDArray[np.int32]
    units: NDArray[np.object_]
    joint_skills: NDArray[np.object_] = field(default_factory=lambda: np.empty(0, dtype=object))
    prerequisites: NDArray[np.int32] = field(default_factory=lambda: np.empty((0, 2), dtype=np.int32))
    words: Mapping[str, "pd.Index[str]"] = field(default_factory=dict)

    def __getitem__(self, name: str) -> NDArray[np.generic]:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.unit)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as floats; NaN where missing."""
        return self.columns[name].astype(np.float64)

    def text(self, name: str) -> NDArray[np.object_]:
        """A text column as strings, shape (n,); "" where missing. Equal texts are one object.

        Raises:
            KeyError: there is no such column, or it holds numbers.
        """
        words = np.append(self.words[name].to_numpy(dtype=object), "")  # a missing text, code -1, is the last
        return np.asarray(words[self.columns[name].astype(np.int64)], dtype=object)

    def where(self, wanted: NDArray[np.bool_]) -> "Rows":
        """The rows that are wanted, with all units; `wanted` has shape (n,)."""
        columns = {name: values[wanted] for name, values in self.columns.items()}
        return replace(self, columns=columns, unit=self.unit[wanted])

    def sum_by_unit(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Sum of `values`, shape (n,), over the rows of each unit; shape (n_units,)."""
        sums: NDArray[np.float64] = np.bincount(self.unit, values.astype(np.float64), self.n_units).astype(np.float64)
        return sums

    @cached_property
    def practice_start(self) -> NDArray[np.int64]:
        """Where the rows of each unit on each skill begin, in rows that have a skill; shape (n_unit_skills,)."""
        change = (np.diff(self.unit) != 0) | (np.diff(self.columns["skill"].astype(np.int64)) != 0)
        return np.flatnonzero(np.append(np.ones(min(len(self), 1), dtype=bool), change))

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """The how-manieth of these rows of the unit on the skill a row is, from 1; shape (n,)."""
        lengths = np.diff(np.append(self.practice_start, len(self)))
        return np.arange(len(self)) - np.repeat(self.practice_start, lengths) + 1

    @property
    def opportunity(self) -> NDArray[np.integer]:
        """The how-manieth answer of the unit on the skill a row is, from 1, in rows that have a skill; shape (n,).

        Counted over all answers in the table, judged or not, so that it is the same whichever rows are chosen.
        """
        return self.columns["opportunity"].astype(np.int64, copy=False)

    @property
    def n_units(self) -> int:
        """How many units there are, those without a row of this grain included."""
        return len(self.units)


class Predictions:
    """The predictions table of one run, and (where the model has it) its mastery table.

    Args:
        frame: one row an answer: `fold`, `example`, `unit`, `target`, `score`, and for knowledge tracing
            `skill` (names joined by `~~`), `item`, `step`, `time_s`, `duration_s`; in any order. Where the split
            leaves learners a history, `scored` is false for its answers: they are practice, but not judged.
        mastery: one row an answer and skill: `example`, `skill`, `mastery` (probability that the skill
            is known after the answer), or None.
        facts: what is known of the learners and skills beside; no part of the table.
    """

    def __init__(self, frame: pd.DataFrame, mastery: pd.DataFrame | None = None, facts: Facts = NOTHING) -> None:
        self.frame, self.mastery, self.facts = frame, mastery, facts

    @cached_property
    def columns(self) -> set[str]:
        """Names that a metric may need; `mastery` is one where there is a mastery table, and what the facts know.

        A column without any value is not there, save `rank`: where every list is empty, nothing was found.
        """
        own = {str(name) for name in self.frame.columns if name == "rank" or not self.frame[name].isna().all()}
        return own | self.facts.columns | ({"mastery"} if self.mastery is not None else set())

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The parts that were judged apart (column `part`), sorted; none for a table without."""
        return tuple(sorted(map(str, self.frame["part"].dropna().unique()))) if "part" in self.frame else ()

    @cached_property
    def strata(self) -> NDArray[np.int64] | None:
        """The part, or parts, that each unit was judged in, as codes of shape (n_units,); None without several.

        A replicate draws units within each, so that none lacks a part, or has more of it than was judged.
        """
        if len(self.parts) < 2:
            return None
        own = self.frame["part"].astype(str).groupby(self._unit).agg(lambda parts: "\n".join(sorted(set(parts))))
        return np.asarray(pd.factorize(own.sort_index(), sort=True)[0], dtype=np.int64)

    @property
    def units_are(self) -> str:
        """What one of the units is, for people: what the column `unit_is` says, the prompt of a piece of text, else a
        learner."""
        if "unit_is" in self.frame and len(self.frame):
            return str(self.frame["unit_is"].iloc[0])
        return "prompt" if "references" in self.frame else "learner"

    def rows(self, grain: Grain) -> Rows:
        """The table as arrays; grains `answer` and `pair` hold what is judged, `practice` the history too."""
        if grain == "answer":
            return self._answers
        return self._pairs if grain == "pair" else self._practice

    @cached_property
    def units(self) -> NDArray[np.object_]:
        """The units of the table in the order of their first example, so that pseudonyms do not change a bootstrap."""
        first = self.frame.sort_values("example", kind="stable")["unit"]
        return np.asarray(first.astype(object).unique(), dtype=object)

    @cached_property
    def _unit(self) -> NDArray[np.int32]:
        return pd.Categorical(self.frame["unit"], categories=self.units).codes.astype(np.int32)

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        """Places of the rows by unit, and by step where the table has one."""
        steps = (self.frame["step"].to_numpy(),) if "step" in self.frame else ()
        order: NDArray[np.int64] = np.lexsort((*steps, self._unit))
        return order

    @cached_property
    def _answers(self) -> Rows:
        return _judged(self._all_answers)

    @cached_property
    def _pairs(self) -> Rows:
        return _judged(self._practice)

    @cached_property
    def _all_answers(self) -> Rows:
        names = [name for name in self.frame.columns if name != "unit"]
        coded = {str(name): _codes(self.frame[name]) for name in names}
        columns = {name: codes[self._order] for name, (codes, _) in coded.items()}
        words = {name: own for name, (_, own) in coded.items() if own is not None}
        tests = self.facts.of_units(self.units)
        columns |= {name: values[self._unit[self._order]] for name, values in tests.items()}
        sets = self.joint_skills if "skill" in columns else np.empty(0, dtype=object)
        return Rows(columns, self._unit[self._order], self.units, sets, words=words)

    @cached_property
    def joint_skills(self) -> NDArray[np.object_]:
        """Names that the codes in column `skill` of the answers point into, sorted; skills joined by `~~`."""
        return self.frame["skill"].astype("category").cat.categories.to_numpy(dtype=object)

    @cached_property
    def skills(self) -> NDArray[np.object_]:
        """Names that the codes in column `skill` of the pairs point into, sorted."""
        joined = self.frame["skill"].astype("category").cat.categories
        parts = {part for name in joined for part in str(name).split(SKILL_SEPARATOR)}
        return np.array(sorted(parts - {""}), dtype=object)

    @cached_property
    def _practice(self) -> Rows:
        if "skill" not in self.frame:  # of a task that knows no skills
            none = self._all_answers.where(np.zeros(len(self.frame), dtype=bool))
            nothing = dict.fromkeys(("skill", "opportunity"), np.empty(0, dtype=np.int64))
            return replace(none, columns={**none.columns, **nothing})
        joined = self.frame["skill"].astype("category")
        parts = [str(name).split(SKILL_SEPARATOR) for name in joined.cat.categories]
        names = self.skills.tolist()
        number = {name: code for code, name in enumerate(names)}
        codes = [np.array([number[p] for p in many if p], dtype=np.int32) for many in parts]
        ends = np.cumsum([0, *map(len, codes), 0])  # a missing text, code -1, is the last: no skill
        flat = np.concatenate([*codes, np.empty(0, np.int32)]).astype(np.int32)
        places, begins = pick(ends, joined.cat.codes.to_numpy()[self._order] % (len(codes) + 1))
        row = np.repeat(np.arange(len(self.frame)), np.diff(begins))
        skill = flat[places]
        answers = self._all_answers
        columns = {name: values[row] for name, values in answers.columns.items()} | {"skill": skill}
        if self.mastery is not None:
            columns["mastery"] = self._mastery_of(columns["example"], skill, names)
        if self.facts.known is not None:
            columns["known_at"] = self.facts.known_at(answers.unit[row], skill, self.units, self.skills)
        along = columns["step" if "step" in columns else "example"]
        order = np.lexsort((along, skill, answers.unit[row]))
        words = {**answers.words, "skill": pd.Index(self.skills)}
        rows = Rows({k: v[order] for k, v in columns.items()}, answers.unit[row][order], self.units, words=words)
        edges = self.facts.edges(self.skills)
        return replace(rows, columns={**rows.columns, "opportunity": rows.place}, prerequisites=edges)

    def _mastery_of(
        self, example: NDArray[np.generic], skill: NDArray[np.int32], names: list[str]
    ) -> NDArray[np.floating]:
        """The mastery of each (answer, skill) pair; NaN where the mastery table has no row for it."""
        assert self.mastery is not None
        code = pd.Categorical(self.mastery["skill"].astype(object), categories=names).codes.astype(np.int64)
        key = self.mastery["example"].to_numpy(np.int64) * (len(names) + 1) + code
        if not len(key):
            return np.full(len(skill), np.nan)
        order = np.argsort(key, kind="stable")
        wanted = example.astype(np.int64) * (len(names) + 1) + skill
        at = np.searchsorted(key[order], wanted).clip(max=len(key) - 1)
        found = key[order][at] == wanted
        values: NDArray[np.floating] = self.mastery["mastery"].to_numpy(float)[order][at]
        return np.where(found, values, np.nan)


def _judged(rows: Rows) -> Rows:
    return rows.where(rows["scored"].astype(bool)) if "scored" in rows.columns else rows


def _codes(column: "pd.Series[str]") -> "tuple[NDArray[np.generic], pd.Index[str] | None]":
    """Numbers as they are; anything else as codes into its sorted names."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(), None
    names = column.astype("category").cat
    return names.codes.to_numpy().astype(np.int32), names.categories
