"""Features of clicks: three learners worked by hand, then many against a plain reading of the definition."""

from dataclasses import replace

import numpy as np
import pytest

from attain.data.enrolments import Enrolments, Events
from attain.data.features import clicks, clicks_by_week
from attain.data.features.table import available, feature_table
from attain.testing.small_enrolments import small_enrolments


def of(rows: list[tuple[int, float, int, int, float]], n: int = 3, as_of: float = 20) -> Enrolments:
    """Enrolments with these events: owner, day, kind, page, amount."""
    owner, day, kind, about, amount = (np.array(column) for column in zip(*rows, strict=True))
    events = Events.of(
        owner,
        n,
        np.array(["forum", "quiz"], dtype=object),
        day=day,
        kind=kind,
        about=about,
        amount=amount.astype(float),
    )
    zeros = np.zeros(n, dtype=np.int32)
    unknown = np.full(n, np.nan)
    return Enrolments(
        learner=np.arange(n, dtype=np.int32),
        offering=zeros,
        outcome=unknown,
        event_day=unknown,
        row=np.arange(n),
        course=zeros[:1],
        term=zeros[:1],
        length=unknown[:1],
        learners=np.array([f"l{i}" for i in range(n)], dtype=object),
        courses=np.array(["c"], dtype=object),
        terms=np.array(["t"], dtype=object),
        as_of=as_of,
        activity=events,
    )


ROWS = [(0, -2, 0, 1, 3), (0, 4, 0, 1, 2), (0, 5, 1, 2, 1), (0, 5, 0, 1, 1), (0, 6, 1, 2, 4), (0, 16, 1, 3, 1)]
LOG = of([*ROWS, (2, 20, 1, 9, 5)])


def column(log: Enrolments, name: str) -> list[float]:
    return [float(value) for value in clicks.build(log)[f"clicks_{name}"].values]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("total", [12, 0, 5]),
        ("pages", [3, 0, 1]),
        ("before_start", [3, 0, 0]),
        ("active_days", [5, 0, 1]),
        ("days_since_last", [4, np.nan, 0]),
        ("pause_mean", [18 / 4, np.nan, np.nan]),
        ("pause_sd", [np.std([6, 1, 1, 10]), np.nan, np.nan]),
        ("sessions", [3, 0, 1]),
        ("session_days", [5 / 3, np.nan, 1]),
        ("on_forum", [6, 0, 0]),
        ("on_quiz", [6, 0, 5]),
        ("trend", [np.polyfit([0, 1, 2], [3, 0, 1], 1)[0], 0, np.polyfit([0, 1, 2], [0, 0, 1], 1)[0]]),
    ],
)
def test_each_is_what_it_is_called(name: str, expected: list[float]) -> None:
    np.testing.assert_allclose(column(LOG, name), expected)


def test_no_record_is_not_the_same_as_no_clicks() -> None:
    log = replace(LOG, recorded_until=np.array([19.0]))
    for module in (clicks, clicks_by_week):
        for fact in module.build(log).values():
            assert np.isnan(fact.values.astype(float)).all()


def test_they_are_what_counting_row_by_row_gives() -> None:
    log = small_enrolments(3)
    events = log.activity
    assert events is not None
    found = {name: fact.values for name, fact in clicks.build(log).items()}
    for row in np.flatnonzero(log.recorded)[::7]:
        mine = slice(int(events.start[row]), int(events.start[row + 1]))
        days = sorted(set(events.day[mine].tolist()))
        assert found["clicks_total"][row] == events.amount[mine].sum()
        assert found["clicks_pages"][row] == len(set(events.about[mine].tolist()))
        assert found["clicks_active_days"][row] == len(days)
        assert found["clicks_sessions"][row] == sum(day - 1 not in days for day in days)
        assert found["clicks_on_quiz"][row] == events.amount[mine][events.kind[mine] == 2].sum()


def test_weeks_hold_every_click_once() -> None:
    log = small_enrolments(3)
    weeks = clicks_by_week.weekly(log)
    assert weeks.shape == (len(log), 6, 2)  # before, weeks 0 to 3, and day 28
    built = {name: fact.values for name, fact in clicks.build(log).items()}
    np.testing.assert_allclose(weeks[:, :, 0].sum(axis=1), built["clicks_total"])
    np.testing.assert_allclose(weeks[:, :, 1].sum(axis=1), built["clicks_active_days"])
    np.testing.assert_allclose(weeks[:, 0, 0], built["clicks_before_start"])


def test_weeks_by_hand_and_by_name() -> None:
    facts = clicks_by_week.build(LOG)
    assert list(facts)[:4] == ["clicks_week_before", "clicks_week_0", "clicks_week_1", "clicks_week_2"]
    assert [facts[f"clicks_week_{name}"].values[0] for name in ("before", 0, 1, 2)] == [3, 8, 0, 1]
    assert [facts[f"active_days_week_{name}"].values[0] for name in ("before", 0, 1, 2)] == [1, 3, 0, 1]
    early = clicks_by_week.weekly(replace(of([(0, -3, 0, 1, 2)]), as_of=-1))
    assert early.tolist()[0] == [[2, 1]]


def test_both_sets_are_found_by_name_and_do_not_depend_on_who_else_is_there() -> None:
    log = small_enrolments(1)
    assert {"clicks", "clicks_by_week"} <= set(available(log))
    assert not any(name.startswith("_") for name in available(log))
    whole = feature_table(log, ["clicks", "clicks_by_week"])
    some = np.array([7, 3, 90])
    for name, fact in feature_table(log.take(some), ["clicks", "clicks_by_week"]).items():
        np.testing.assert_array_equal(fact.values, whole[name].values[some], err_msg=name)
