import numpy as np
import pandas as pd
import pytest

from attain.audit.capacity import Capacity, flag_highest
from attain.audit.rows import AuditRows, audit_rows
from attain.core.errors import UserError

NAMES = [f"l{i}" for i in range(8)]
SCORE = [0.9, 0.7, 0.5, 0.5, 0.5, 0.5, 0.2, 0.1]


def rows_of(order: list[int] | None = None, stratum: str | None = "course") -> AuditRows:
    frame = pd.DataFrame({"unit": NAMES, "target": [1.0, 0] * 4, "score": SCORE, "course": [*"AABBAABB"]})
    return audit_rows(frame.iloc[order or list(range(8))], stratum=stratum)


def flagged(rows: AuditRows, capacity: Capacity) -> set[str]:
    return set(rows.units[rows.unit[flag_highest(rows, capacity).flag]])


def test_the_highest_scores_are_flagged() -> None:
    flags = flag_highest(rows_of(), Capacity(count=2))
    assert flags.flag.tolist() == [True, True] + [False] * 6
    assert (flags.cuts[0].threshold, flags.cuts[0].tied, flags.decided_by_name) == (0.7, 1, 0)
    assert flags.words == "the highest scores: 2 in all"


def test_ties_fall_the_same_way_in_any_order_of_rows() -> None:
    rng = np.random.default_rng(0)
    chosen = flagged(rows_of(), Capacity(count=4))
    assert chosen > {"l0", "l1"}
    assert len(chosen) == 4
    for _ in range(10):
        assert flagged(rows_of(rng.permutation(8).tolist()), Capacity(count=4)) == chosen


def test_how_many_were_decided_by_name_is_said() -> None:
    flags = flag_highest(rows_of(), Capacity(count=4))
    assert (flags.cuts[0].tied, flags.cuts[0].tied_flagged, flags.decided_by_name) == (4, 2, 4)
    assert flag_highest(rows_of(), Capacity(count=6)).decided_by_name == 0


def test_each_course_has_its_own_capacity() -> None:
    flags = flag_highest(rows_of(), Capacity(count=1, per_stratum=True))
    assert [(cut.stratum, cut.flagged, cut.threshold) for cut in flags.cuts] == [("A", 1, 0.9), ("B", 1, 0.5)]
    assert flags.words == "the highest scores: 1 of each course"
    assert flags.flag.sum() == 2


@pytest.mark.parametrize(
    ("capacity", "n"),
    [
        (Capacity(count=0), 0),
        (Capacity(count=99), 8),
        (Capacity(share=0.0), 0),
        (Capacity(share=0.01), 1),
        (Capacity(share=0.3), 2),
        (Capacity(share=1.0), 8),
        (Capacity(share=0.5, per_stratum=True), 4),
    ],
)
def test_a_capacity_is_kept(capacity: Capacity, n: int) -> None:
    assert flag_highest(rows_of(), capacity).flag.sum() == n


def test_all_scores_equal_flags_just_as_many() -> None:
    frame = pd.DataFrame({"unit": NAMES, "target": 1.0, "score": 0.5})
    flags = flag_highest(audit_rows(frame), Capacity(count=3))
    assert (flags.flag.sum(), flags.decided_by_name) == (3, 8)


def test_a_learner_who_ties_with_itself_is_refused() -> None:
    frame = pd.DataFrame({"unit": "ann", "target": 1.0, "score": [0.5, 0.5]})
    with pytest.raises(UserError, match=r"1 of the 2 rows that tie .* one cut-off at a time"):
        flag_highest(audit_rows(frame), Capacity(count=1))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "a count or a share"),
        ({"count": 1, "share": 0.5}, "a count or a share"),
        ({"count": -1}, "less than nobody"),
        ({"share": 20}, "20 of all is not a share"),
    ],
)
def test_a_capacity_that_cannot_be_is_refused(given: dict, words: str) -> None:
    with pytest.raises(UserError, match=words):
        Capacity(**given)


def test_a_capacity_of_each_course_needs_courses() -> None:
    with pytest.raises(UserError, match="name the column"):
        flag_highest(rows_of(stratum=None), Capacity(count=1, per_stratum=True))
