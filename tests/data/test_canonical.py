from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attain.core.errors import UserError
from attain.data.canonical import Prepared, canonical
from attain.data.formats.columns import RawTable
from attain.data.source import Options, Source

Table = Callable[[str], RawTable]


def prepare(table: RawTable, options: dict[str, object] | None = None, **source: object) -> Prepared:
    """Columns of one letter stand for ours: l(earner), i(tem), c(orrect), s(kill), t(ime), d(uration), o(rder)."""
    ours = {"l": "learner", "i": "item", "c": "correct", "s": "skill", "t": "time", "d": "duration", "o": "order"}
    columns = {ours[name]: name for name in table.columns if name in ours}
    columns |= dict(source.pop("columns", {}))  # type: ignore[call-overload]
    described = Source.model_validate({"file": "a.csv", "columns": columns, "time_unit": "s", **source})
    return canonical(table, described, Options.model_validate(options or {}))


def rows(made: Prepared) -> list[tuple[str, str, str, int]]:
    frame = made.log.frame()
    return list(zip(frame["learner"], frame["item"], frame["skill"], frame["correct"], strict=True))


def changed(made: Prepared) -> dict[str, int]:
    return {change.what: change.rows for change in made.changes}


def test_rows_are_sorted_by_learner_then_time_and_ties_stay_in_file_order(table: Table) -> None:
    made = prepare(table("l,i,c,t\nb,1,1,5\na,2,0,9\nb,3,0,2\na,4,1,9\na,5,1,1\n"))
    assert rows(made) == [("b", "3", "", 0), ("b", "1", "", 1), ("a", "5", "", 1), ("a", "2", "", 0), ("a", "4", "", 1)]
    assert changed(made) == {"rows put back into the order of 't'": 2}
    assert made.log.time_s is not None
    assert made.log.time_s.tolist() == [2, 5, 1, 9, 9]
    assert made.log.row.tolist() == [0, 1, 2, 3, 4]


def test_without_time_or_order_the_file_gives_the_order(table: Table) -> None:
    made = prepare(table("l,i,c\nb,1,1\na,2,0\nb,3,0\n"))
    assert [row[:2] for row in rows(made)] == [("b", "1"), ("b", "3"), ("a", "2")]
    assert made.changes == ()
    assert made.log.time_s is None


def test_the_order_column_goes_before_the_time(table: Table) -> None:
    assert [r[1] for r in rows(prepare(table("l,i,c,t,o\na,1,1,1,30\na,2,1,2,4\n")))] == ["2", "1"]


def test_a_row_without_a_time_stays_behind_the_row_before_it(table: Table) -> None:
    made = prepare(table("l,i,c,t\na,1,1,\na,2,1,8\na,3,1,\na,4,1,3\n"))
    assert [row[1] for row in rows(made)] == ["1", "4", "2", "3"]
    assert changed(made)["rows without 't' left behind the row before them"] == 2
    assert made.log.time_s is not None
    assert np.isnan(made.log.time_s).tolist() == [True, False, False, True]


def test_rows_that_are_no_answers_are_dropped_and_counted(table: Table) -> None:
    made = prepare(table("l,i,c,s\na,1,1,x\n,1,1,x\na,,1,x\na,2,,x\na,3,STUDY,x\n,,,\n"), not_answers=["study"])
    assert rows(made) == [("a", "1", "x", 1)]
    assert changed(made) == {
        "dropped rows without a learner": 2,
        "dropped rows without an item": 1,
        "dropped rows that are no answers (presentations)": 1,
        "dropped rows without an answer": 1,
    }


def test_durations_that_are_none_become_unknown(table: Table) -> None:
    made = prepare(table("l,i,c,d\na,1,1,0\na,2,1,-1\na,3,1,500\na,4,1,4000000\na,5,1,\n"), duration_unit="ms")
    assert made.log.duration_s is not None
    np.testing.assert_array_equal(made.log.duration_s, np.array([np.nan, np.nan, 0.5, np.nan, np.nan], np.float32))
    assert changed(made) == {
        "durations of zero or less counted as unknown": 2,
        "durations over 3600 s counted as unknown": 1,
    }


def test_exact_duplicates_are_dropped_where_a_time_tells_and_kept_where_nothing_does(table: Table) -> None:
    timed = prepare(table("l,i,c,t\na,1,1,5\nb,1,1,5\na,1,1,5\na,1,1,6\n"))
    assert len(timed.log) == 3
    assert changed(timed) == {"dropped exact duplicates": 1}
    plain = prepare(table("l,i,c\na,1,1\na,1,1\n"))
    assert len(plain.log) == 2
    assert changed(plain) == {"rows equal to the row before, kept as retries (no time or order tells)": 1}


@pytest.mark.parametrize("tells", ["t", "o"])
def test_rows_that_are_equal_without_a_time_or_order_are_kept_as_retries(table: Table, tells: str) -> None:
    text = f"l,i,c,{tells}\na,1,0,\na,1,0,\na,1,0,5\na,1,0,5\n"
    made = prepare(table(text))
    assert len(made.log) == 3
    assert changed(made)["dropped exact duplicates"] == 1
    assert changed(made)["rows equal to the row before, kept as retries (no time or order tells)"] == 1


EXPANDED = "l,i,c,s\na,1,1,x\na,1,1,y\na,2,0,x\nb,1,0,x\nb,1,0,y\nb,1,0,x\n"


def test_an_expanded_file_is_refused_with_the_first_place_and_three_ways_out(table: Table) -> None:
    message = r"50\.0% of the rows .*\(first: line 2 and line 3\).*`expanded: merge`.*`answer_id`.*`expanded: keep`"
    with pytest.raises(UserError, match=message):
        prepare(table(EXPANDED))


def test_an_expanded_file_is_merged_to_one_row_an_answer(table: Table) -> None:
    made = prepare(table(EXPANDED), {"expanded": "merge"})
    assert rows(made) == [("a", "1", "x~~y", 1), ("a", "2", "x", 0), ("b", "1", "x~~y", 0), ("b", "1", "x", 0)]
    assert changed(made) == {"merged rows that are one answer under several skills": 2}


def test_an_expanded_file_can_be_kept(table: Table) -> None:
    assert len(prepare(table(EXPANDED), {"expanded": "keep"}).log) == 6


def test_a_few_repeats_are_no_expanded_file(table: Table) -> None:
    lines = "".join(f"a,{i},1,x\n" for i in range(300))
    assert len(prepare(table(f"l,i,c,s\n{lines}a,299,1,y\n")).log) == 301


def test_rows_at_different_times_are_different_answers(table: Table) -> None:
    text = "l,i,c,s,t\na,1,1,x,1\na,1,1,y,1\na,1,1,z,2\n"
    assert [row[2] for row in rows(prepare(table(text), {"expanded": "merge"}))] == ["x~~y", "z"]


def test_rows_with_one_answer_id_are_merged_wherever_they_stand(table: Table) -> None:
    made = prepare(table("l,i,c,s,id\na,1,1,x,7\na,2,0,x,8\na,1,1,y,7\n"), columns={"answer_id": "id"})
    assert rows(made) == [("a", "1", "x~~y", 1), ("a", "2", "x", 0)]


def test_an_item_may_be_named_by_several_columns(table: Table) -> None:
    made = prepare(table("l,p,q,c\na,P1,s1,1\na,P2,s1,1\na,P1,,1\na,P1,s1,0\na,,s1,0\n"), columns={"item": ["p", "q"]})
    assert [row[1] for row in rows(made)] == ["P1 / s1", "P2 / s1", "P1 / ", "P1 / s1"]
    assert len(made.log.items) == 3


def test_scaffolding_can_be_left_out(table: Table) -> None:
    raw = table("l,i,c,m\na,1,1,1\na,2,0,0\n")
    assert len(prepare(raw, columns={"original": "m"}).log) == 2
    made = prepare(raw, {"scaffolding": False}, columns={"original": "m"})
    assert changed(made) == {"dropped scaffolding steps": 1}
    with pytest.raises(UserError, match="'scaffolding' needs a column"):
        prepare(raw, {"scaffolding": False})


def test_options_keep_answers_with_skills_and_learners_with_answers(table: Table) -> None:
    made = prepare(
        table("l,i,c,s\na,1,1,x\na,2,1,\nb,1,1,x\nb,2,1,x\n"), {"keep_without_skill": False, "min_answers": 2}
    )
    assert [row[0] for row in rows(made)] == ["b", "b"]
    assert made.log.learners.tolist() == ["b"]
    assert changed(made) == {
        "dropped answers without a skill": 1,
        "dropped answers of learners with fewer than 2": 1,
    }


def test_learners_are_drawn_by_seed_and_independently_of_each_other(table: Table) -> None:
    names = [f"n{i}" for i in range(30)]

    def drawn(who: list[str], seed: int) -> set[str]:
        raw = table("l,i,c\n" + "".join(f"{name},1,1\n" for name in who))
        return set(prepare(raw, {"learners": 10, "seed": seed}).log.learners)

    first = drawn(names, 0)
    assert len(first) == 10
    assert drawn(names[::-1], 0) == first
    assert drawn(names, 1) != first
    assert drawn([n for n in names if n != min(set(names) - first)], 0) == first


def test_no_answer_left_is_an_error_that_says_why(table: Table) -> None:
    with pytest.raises(UserError, match=r"no answer is left \(dropped rows without an answer: 1\)"):
        prepare(table("l,i,c\na,1,\n"))


def test_a_choice_of_skills_needs_a_q_matrix(table: Table) -> None:
    with pytest.raises(UserError, match="no Q-matrix"):
        prepare(table("l,i,c\na,1,1\n"), {"skills": "joint"})


def test_a_skill_name_that_would_be_read_as_two_is_refused(table: Table) -> None:
    with pytest.raises(UserError, match="the skill name 'x~~y' has '~~' in it"):
        prepare(table("l,i,c,s\na,1,1,x~~y;z\n"), skill_separator=";")


def test_cohorts_are_one_value_a_learner(table: Table) -> None:
    raw = table("l,i,c,g\nb,1,1,\nb,2,1,F\na,1,1,M\nb,3,1,M\nz,1,1,\n")
    made = prepare(raw, cohorts={"gender": "g"})
    assert made.cohorts is not None
    assert made.cohorts["gender"].to_dict() == {"b": "F", "a": "M", "z": "(unknown)"}
    assert changed(made) == {"learners with several values of 'gender': the first is taken": 1}


def test_a_published_split_is_one_fold_a_learner(table: Table) -> None:
    split = {"column": "p", "folds": {"train": -1, "test": 0}}
    made = prepare(table("l,i,c,p\nb,1,1,test\nb,2,1,test\na,1,1,train\n"), published=split)
    assert made.published is not None
    assert made.published.tolist() == [0, -1]
    with pytest.raises(UserError, match="1 learners are in several parts"):
        prepare(table("l,i,c,p\nb,1,1,test\nb,2,1,train\n"), published=split)
    with pytest.raises(UserError, match=r"line 3, column 'p'.*expected one of 'train', 'test'"):
        prepare(table("l,i,c,p\nb,1,1,test\na,2,1,valid\n"), published=split)


cell = st.sampled_from(["a", "b", "c"])
raw_rows = st.lists(st.tuples(cell, cell, st.integers(0, 1), cell, st.integers(0, 3)), min_size=1, max_size=20)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=raw_rows)
def test_the_log_is_what_a_plain_loop_makes_of_the_rows(
    table: Table, raw: list[tuple[str, str, int, str, int]]
) -> None:
    lines = "".join(",".join(map(str, row)) + "\n" for row in raw)
    made = prepare(table(f"l,i,c,s,t\n{lines}"), {"expanded": "merge"})
    learners = list(dict.fromkeys(row[0] for row in raw))
    ordered = sorted(raw, key=lambda row: (learners.index(row[0]), row[4]))
    unique = list(dict.fromkeys(ordered))
    answers: list[tuple[tuple[str, str, int, int], list[list[str]]]] = []
    for learner, item, correct, skill, time in unique:
        key = (learner, item, correct, time)
        if not answers or answers[-1][0] != key:
            answers.append((key, [[]]))
        sets = answers[-1][1]
        free = next((s for s in sets if skill not in s), None)
        if free is None:
            sets.append(free := [])
        free.append(skill)
    expected = [(k[0], k[1], "~~".join(sorted(s)), k[2]) for k, sets in answers for s in sets]
    assert rows(made) == expected


def test_items_of_several_columns_that_read_alike_are_one_item(table: Table) -> None:
    made = prepare(table("l,i,c,u\na,x / y,1,z\na,x,0,y / z\na,,1,p\na,,1,q\n"), columns={"item": ("i", "u")})
    assert [row[1] for row in rows(made)] == ["x / y / z", "x / y / z"]
    assert made.log.items.tolist() == ["x / y / z"]
