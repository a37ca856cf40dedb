"""The real sets have the counts that were found when they were laid out; see the cards for what they are."""

from collections.abc import Callable

import numpy as np
import pytest

from attain.data.dataset import Dataset
from attain.data.load import load

pytestmark = pytest.mark.data

Real = Callable[[str], None]


def counts(dataset: Dataset) -> tuple[int, int, int, int]:
    log = dataset.log
    return len(log), len(log.learners), len(log.items), len(log.skills)


def changed(dataset: Dataset) -> dict[str, int]:
    return {change.what: change.rows for change in dataset.changes}


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("assistments2009", {}, (274_561, 4_150, 16_891, 110)),
        ("assistments2009", {"variant": "raw_two_skills"}, (10_791, 902, 678, 2)),
        ("assistments2009", {"variant": "raw_fifteen_students"}, (1_548, 15, 1_442, 69)),
        ("assistments2009", {"variant": "raw_random_10k_rows"}, (9_028, 2_059, 6_086, 104)),
        ("assistments2009_split", {}, (278_336, 3_114, 17_708, 123)),
        ("assistments2009_split", {"skills": "joint"}, (278_336, 3_114, 17_708, 149)),
        ("statics2011", {}, (189_297, 282, 1_223, 98)),
        ("algebra2005_20pct", {}, (129_998, 114, 48_080, 111)),
        ("algebra2005_20pct", {"skills": "joint"}, (129_998, 114, 48_080, 258)),
        ("statistics_cloze", {}, (58_316 - 3_194, 478, 72, 36)),
        ("ednet_kt1_5k", {}, (222_141, 5_002, 10_779, 188)),
        ("cognitive_tutor_algebra2006", {}, (18_220, 11, 12_559, 184)),
    ],
)
def test_a_set_has_its_rows_learners_items_and_skills(
    real: Real, name: str, options: dict[str, object], expected: tuple[int, int, int, int]
) -> None:
    real(name)
    assert counts(load(name, options)) == expected


@pytest.mark.parametrize(
    ("name", "learners", "rows"),
    [
        ("assistments2009_split", {-1: 2_491, 0: 623}, {-1: 220_070, 0: 58_266}),
        ("statics2011", {-1: 225, 0: 57}, {-1: 155_697, 0: 33_600}),
        ("assistments2009", dict.fromkeys(range(5), 830), None),
    ],
)
def test_a_published_split_has_its_learners_and_rows(
    real: Real, name: str, learners: dict[int, int], rows: dict[int, int] | None
) -> None:
    real(name)
    dataset = load(name)
    assert dataset.published is not None
    folds, sizes = np.unique(dataset.published, return_counts=True)
    assert dict(zip(folds.tolist(), sizes.tolist(), strict=True)) == learners
    if rows is not None:
        folds, sizes = np.unique(dataset.published[dataset.log.learner], return_counts=True)
        assert dict(zip(folds.tolist(), sizes.tolist(), strict=True)) == rows


def test_assistments_answers_are_never_expanded_by_skill(real: Real) -> None:
    real("assistments2009")
    dataset = load("assistments2009")
    assert changed(dataset)["merged rows that are one answer under several skills"] == 325_589 - 274_561
    log = dataset.log
    for column in (log.learner, log.item):
        assert not np.isin(-1, column)
    repeat = np.ones(len(log) - 1, dtype=bool)
    for column in (log.learner, log.item, log.correct):
        repeat &= column[1:] == column[:-1]
    assert repeat.mean() < 0.005
    assert log.skills[log.skill].astype(str).tolist().count("") == 0
    assert all(name == name.strip() for name in log.skills)


def test_the_raw_format_of_assistments_is_read_with_its_defects(real: Real) -> None:
    real("assistments2009")
    raw = load("assistments2009", {"variant": "raw_random_10k_rows"})
    assert changed(raw)["durations of zero or less counted as unknown"] == 81
    assert raw.cohorts is not None
    assert list(raw.cohorts) == ["school", "class"]
    fifteen = load("assistments2009", {"variant": "raw_fifteen_students"})
    assert (np.diff(fifteen.log.skill_start) == 0).any()
    main = load("assistments2009", {"variant": "raw_fifteen_students", "scaffolding": False})
    assert changed(main)["dropped scaffolding steps"] == 405
    with_skill = load("assistments2009", {"variant": "raw_fifteen_students", "keep_without_skill": False})
    assert (np.diff(with_skill.log.skill_start) > 0).all()


def test_the_datashop_export_is_sorted_and_its_cells_are_parted(real: Real) -> None:
    real("cognitive_tutor_algebra2006")
    dataset = load("cognitive_tutor_algebra2006")
    assert changed(dataset)["rows put back into the order of 'First Transaction Time'"] == 1_236
    sizes = np.diff(dataset.log.skill_start)
    assert int((sizes == 0).sum()) == 3_519
    assert int((sizes > 1).sum()) == 293
    log = dataset.log
    assert log.time_s is not None
    assert (np.diff(log.time_s)[np.diff(log.learner) == 0] >= 0).all()


def test_presentations_in_the_cloze_data_are_dropped_and_conditions_are_cohorts(real: Real) -> None:
    real("statistics_cloze")
    dataset = load("statistics_cloze")
    assert changed(dataset) == {"dropped rows that are no answers (presentations)": 3_194}
    assert int(dataset.log.correct.sum()) == 30_045
    assert dataset.log.duration_s is not None
    assert not np.isnan(dataset.log.duration_s).any()
    assert dataset.cohorts is not None
    assert dataset.cohorts["retention_group"].value_counts().to_dict() == {"2": 164, "0": 160, "1": 154}


def test_ednet_tags_are_parted(real: Real) -> None:
    real("ednet_kt1_5k")
    log = load("ednet_kt1_5k").log
    assert np.diff(log.skill_start).max() > 1
    assert all(";" not in name for name in log.skills)
    assert int(np.median(np.diff(log.learner_start))) == 14
