import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.data.enrolments import Enrolments, Events, Fact

KINDS = np.array(["forum", "quiz"], dtype=object)


def events(owner: list[int], day: list[float], n: int) -> Events:
    kind = np.array(owner) % 2
    return Events.of(np.array(owner, dtype=int), n, KINDS, day=np.array(day), kind=kind, amount=np.array(day) * 10)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), max_size=30), st.lists(st.integers(0, 4), max_size=8))
def test_events_follow_their_owners_in_the_order_of_days(rows: list[tuple[int, int]], wanted: list[int]) -> None:
    made = events([o for o, _ in rows], [float(d) for _, d in rows], 5).take(np.array(wanted, dtype=int))
    expected = [sorted(d * 10 for o, d in rows if o == owner) for owner in wanted]
    found = [made.amount[made.start[i] : made.start[i + 1]].tolist() for i in range(len(wanted))]
    assert found == expected


def test_chosen_events_keep_all_owners() -> None:
    made = events([0, 1, 1, 2], [1, 2, 3, 4], 3)
    late = made.where(made.day > 2)
    assert late.start.tolist() == [0, 0, 1, 2]
    assert late.owner.tolist() == [1, 2]
    assert np.isnan(late.due).all()


@pytest.fixture
def log() -> Enrolments:
    return Enrolments(
        learner=np.array([0, 1, 0], dtype=np.int32),
        offering=np.array([0, 0, 1], dtype=np.int32),
        outcome=np.array([0.0, 1, 1]),
        event_day=np.array([np.nan, 40, np.nan]),
        row=np.arange(3),
        course=np.array([0, 1], dtype=np.int32),
        term=np.array([0, 0], dtype=np.int32),
        length=np.array([100.0, 90]),
        learners=np.array(["ann", "bob"], dtype=object),
        courses=np.array(["A", "B"], dtype=object),
        terms=np.array(["t"], dtype=object),
        as_of=28.0,
        facts={
            "gender": Fact("demographics", np.array([0, -1, 0], dtype=np.int32), np.array(["F"], dtype=object)),
            "credits": Fact("registration", np.array([60.0, 30, np.nan])),
        },
        activity=events([0, 2], [1, 2], 3),
    )


def test_a_frame_shows_names_and_leaves_unknown_cells_empty(log: Enrolments) -> None:
    frame = log.frame()
    assert frame["learner"].tolist() == ["ann", "bob", "ann"]
    assert frame["course"].tolist() == ["A", "A", "B"]
    assert frame["gender"].isna().tolist() == [False, True, False]
    assert log.offering_names.tolist() == ["A t", "B t"]


def test_rows_take_their_facts_and_events_with_them(log: Enrolments) -> None:
    some = log.take(np.array([2, 1]))
    assert some.facts["credits"].values.tolist()[1] == 30
    assert some.activity is not None
    assert some.activity.amount.tolist() == [20]
    assert some.row.tolist() == [2, 1]


def test_what_is_predicted_from_says_nothing_of_how_it_ended(log: Enrolments) -> None:
    hidden = log.without_outcome()
    assert np.isnan(hidden.outcome).all()
    assert np.isnan(hidden.event_day).all()
    assert log.outcome.tolist() == [0, 1, 1]


def test_arrays_and_texts_hold_everything(log: Enrolments) -> None:
    again = Enrolments.of(log.arrays(), log.texts())
    assert again.frame().equals(log.frame())
    assert again.activity is not None
    assert again.activity.kinds.tolist() == ["forum", "quiz"]
    assert again.results is None
    assert again.as_of == 28
