from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from attain.data.interactions import Interactions, joint_skills, recode, skill_rows

Row = tuple[int, int, int, list[int]]  # learner, item, correct, skills
SKILLS = np.array(["b", "a", "c", "d"], dtype=object)


def log_of(rows: Sequence[Row]) -> Interactions:
    rows = sorted(rows, key=lambda row: row[0])
    sizes = [len(skills) for *_, skills in rows]
    return Interactions(
        learner=np.array([r[0] for r in rows], dtype=np.int32),
        item=np.array([r[1] for r in rows], dtype=np.int32),
        correct=np.array([r[2] for r in rows], dtype=np.int8),
        skill=np.array([s for *_, skills in rows for s in skills], dtype=np.int32),
        skill_start=np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        row=np.arange(len(rows), dtype=np.int64),
        learners=np.array([f"l{i}" for i in range(5)], dtype=object),
        items=np.array([f"i{i}" for i in range(3)], dtype=object),
        skills=SKILLS,
        time_s=np.arange(len(rows), dtype=float) * 10,
        duration_s=np.arange(len(rows), dtype=np.float32),
    )


rows = st.tuples(st.integers(0, 4), st.integers(0, 2), st.integers(0, 1), st.lists(st.integers(0, 3), max_size=4))
logs = st.lists(rows, max_size=12).map(log_of)


def skills_of(log: Interactions, row: int) -> list[str]:
    return [str(SKILLS[s]) for s in log.skill[log.skill_start[row] : log.skill_start[row + 1]]]


@given(log=logs)
def test_joint_skills_are_the_sorted_names_of_each_rows_skills(log: Interactions) -> None:
    names, code = joint_skills(log)
    assert [names[c] for c in code] == ["~~".join(sorted(set(skills_of(log, i)))) for i in range(len(log))]
    assert list(names) == sorted(set(names))
    assert set(code) == set(range(len(names)))


@given(log=logs)
def test_steps_count_each_learners_rows_from_zero(log: Interactions) -> None:
    seen: dict[int, int] = {}
    expected = []
    for learner in log.learner:
        expected.append(seen.get(learner, 0))
        seen[learner] = seen.get(learner, 0) + 1
    assert log.step.tolist() == expected
    assert log.present.tolist() == sorted(seen)
    assert np.diff(log.learner_start).tolist() == [seen[learner] for learner in sorted(seen)]


@given(log=logs, data=st.data())
def test_taking_rows_takes_all_their_columns(log: Interactions, data: st.DataObject) -> None:
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(log), max_size=len(log))), dtype=bool)
    part = log.take(mask)
    at = np.flatnonzero(mask)
    assert part.row.tolist() == at.tolist()
    assert part.correct.tolist() == log.correct[at].tolist()
    assert [skills_of(part, i) for i in range(len(part))] == [skills_of(log, i) for i in at]
    assert part.time_s is not None
    assert part.time_s.tolist() == (at * 10.0).tolist()
    again = log.take(at)
    assert again.skill.tolist() == part.skill.tolist()
    assert again.item.tolist() == part.item.tolist()


@given(log=logs, wanted=st.sets(st.integers(0, 4)))
def test_the_log_of_some_learners_has_their_rows_only(log: Interactions, wanted: set[int]) -> None:
    part = log.of_learners(np.array(sorted(wanted), dtype=int))
    assert set(part.learner) == wanted & set(log.learner)
    assert len(part) == sum(learner in wanted for learner in log.learner)


@given(log=logs)
def test_single_skill_rows_follow_their_definition(log: Interactions) -> None:
    def pairs(mode: str) -> list[tuple[int, str]]:
        read = skill_rows(log, mode)  # type: ignore[arg-type]
        return [(int(a), str(read.names[s])) for a, s in zip(read.answer, read.skill, strict=True)]

    assert pairs("first") == [(i, (skills_of(log, i) or [""])[0]) for i in range(len(log))]
    assert pairs("mean") == [(i, name) for i in range(len(log)) for name in (skills_of(log, i) or [""])]
    names, code = joint_skills(log)
    assert pairs("combination") == [(i, names[c]) for i, c in enumerate(code)]


def test_the_frame_has_names_and_times() -> None:
    frame = log_of([(1, 2, 1, [0, 1]), (0, 0, 0, [])]).frame()
    assert frame.to_dict("list") == {
        "learner": ["l0", "l1"],
        "step": [0, 0],
        "item": ["i0", "i2"],
        "skill": ["", "a~~b"],
        "correct": [0, 1],
        "time_s": [0.0, 10.0],
        "duration_s": [0.0, 1.0],
    }


def test_an_empty_log_is_fine() -> None:
    log = log_of([])
    assert len(log.frame()) == 0
    assert log.present.tolist() == []
    assert len(skill_rows(log, "mean").answer) == 0


def test_recode_gives_the_place_of_each_name() -> None:
    assert recode(np.array(["x", "b"], dtype=object), np.array(["b", "x", "c"], dtype=object)).tolist() == [1, 0]
    assert recode(np.array(["q"], dtype=object), np.array(["b"], dtype=object)).tolist() == [-1]


def test_other_answers_leave_the_rest_alone() -> None:
    log = log_of([(0, 0, 1, [0]), (0, 1, 0, [1])])
    flipped = log.with_correct(1 - log.correct)
    assert flipped.correct.tolist() == [0, 1]
    assert log.correct.tolist() == [1, 0]
    assert flipped.item is log.item
