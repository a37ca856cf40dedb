"""What a run keeps of mastery, read from its two tables. Imported with the first page that needs numpy."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.charts.who_knows import Practice, joined
from attain.server.ui.tables import MASTERY, PREDICTIONS, NoTable, columns_of
from attain.tracking.sql.store import Store


@dataclass(frozen=True)
class Kept:
    """Answers with mastery, and the names (of learners: pseudonyms) that their codes point into."""

    practice: Practice
    learners: list[str]
    skills: list[str]


def kept_by(store: Store, run_id: str) -> Kept:
    """The mastery that a run keeps.

    Raises:
        UserError: a table is broken, lacks a column, says nothing, or is too large for a page.
    """
    answers, whose = columns_of(store, run_id, PREDICTIONS, numbers=("example", "step", "target"), texts=("unit",))
    said, of_skill = columns_of(store, run_id, MASTERY, numbers=("example", "mastery"), texts=("skill",))
    _all_there(PREDICTIONS, {*answers, *whose}, ("example", "unit", "target"))
    _all_there(MASTERY, {*said, *of_skill}, ("example", "mastery", "skill"))
    unit, skill = whose["unit"], of_skill["skill"]
    practice = joined(
        answers["example"],
        unit.codes,
        answers.get("step", answers["example"]),
        answers["target"],
        said["example"],
        skill.codes,
        said["mastery"],
    )
    if not len(practice.start):
        raise NoTable(f"No answer in {MASTERY} has a mastery.")
    return Kept(practice, unit.names, skill.names)


def sentence(kept: Kept, level: float) -> str:
    """How many learners and skills there are, and how much the model holds them to know."""
    practice, ends = kept.practice, kept.practice.mastery[kept.practice.ends]
    return (
        f"{_count(practice.learner, 'learner')} and {_count(practice.skill, 'skill')}: after the last answer on a "
        f"skill the model holds it to be known with a probability of {ends.mean():.2f} on the mean, and with "
        f"{level:g} or more in {(ends >= level).mean():.0%} of {len(ends):,} cases."
    )


def _count(codes: NDArray[np.int64], word: str) -> str:
    count = len(np.unique(codes))
    return f"{count:,} {word}{'s' if count != 1 else ''}"


def _all_there(path: str, there: set[str], wanted: tuple[str, ...]) -> None:
    if lacking := [name for name in wanted if name not in there]:
        raise NoTable(f"{path} has no column {lacking[0]!r}.")
