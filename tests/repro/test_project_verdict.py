import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.projects.record import IDENTITY, SEED_TAG, TREE
from attain.repro.original import Original
from attain.repro.project_verdict import likeness_of, numbers_differ, project_seed_runs
from attain.repro.verdict import Likeness
from attain.tracking import artifacts
from attain.tracking.entities import MetricPoint
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

Points = dict[str, list[tuple[int, float]]]


def a_run(store: Store, metrics: Points, files: dict[str, bytes]) -> str:
    run_id = store.create_run("0", "r").run_id
    points = [MetricPoint(name, value, 1, step) for name, some in metrics.items() for step, value in some]
    store.log_batch(run_id, metrics=points)
    if files:
        artifacts.log_files(store, run_id, {f"outputs/{name}": content for name, content in files.items()})
    store.update_run(run_id, status="FINISHED")
    return run_id


def verdict(
    home: Path, old: tuple[Points, dict[str, bytes]], new: tuple[Points, dict[str, bytes]], *varies: str
) -> Likeness:
    then, fresh = (open_database(f"sqlite:///{home / name}.db") for name in ("then", "fresh"))
    first, second = then.get_run(a_run(then, *old)), fresh.get_run(a_run(fresh, *new))
    facts = {"project": {"name": "p", "entry_name": "main"}}
    found = likeness_of(Original(then, first, first, (first,), facts), fresh, second, varies)
    then.close()
    fresh.close()
    return found


LOSS: Points = {"loss": [(0, 0.5), (1, 0.25)]}


@pytest.mark.parametrize(
    ("new", "level", "why"),
    [
        ((LOSS, {"a.txt": b"x"}), "identical", "1 metric and 1 output are the same"),
        (
            ({"loss": [(0, 0.5 + 1e-9), (1, 0.25)]}, {"a.txt": b"x"}),
            "numerically equal",
            "differs by more than 1.0e-09",
        ),
        (({"loss": [(0, 0.6), (1, 0.25)]}, {"a.txt": b"x"}), "differs", "loss differs; the store has 0 of the 3"),
        (({"loss": [(0, 0.5)]}, {"a.txt": b"x"}), "differs", "loss differs"),
        (({"loss": [(0, 0.5), (2, 0.25)]}, {"a.txt": b"x"}), "differs", "loss differs"),
        (({**LOSS, "more": [(0, 1.0)]}, {"a.txt": b"x"}), "differs", "more differs"),
        ((LOSS, {"a.txt": b"y"}), "differs", "a.txt differs, though every metric is the same"),
        ((LOSS, {}), "differs", "a.txt differs"),
        ((LOSS, {"a.txt": b"x", "b.txt": b""}), "differs", "b.txt differs"),
    ],
)
def test_metrics_are_compared_step_by_step_and_outputs_by_their_bytes(
    home: Path, new: tuple[Points, dict[str, bytes]], level: str, why: str
) -> None:
    found = verdict(home, (LOSS, {"a.txt": b"x"}), new)
    assert found.level == level
    assert why in found.why


def test_numbers_in_a_text_are_compared_as_numbers(home: Path) -> None:
    old = b'{"w": [0.5, 1e3, -2], "n": "nan"}'
    assert verdict(home, (LOSS, {"m": old}), (LOSS, {"m": b'{"w": [0.50, 1000.0, -2.0], "n": "nan"}'})).why == (
        "1 metric and 1 output: only written otherwise"
    )
    little = verdict(home, (LOSS, {"m": old}), (LOSS, {"m": b'{"w": [0.50000001, 1e3, -2], "n": "nan"}'}))
    assert (little.level, "more than 1.0e-08" in little.why) == ("numerically equal", True)
    assert verdict(home, (LOSS, {"m": old}), (LOSS, {"m": b'{"w": [0.5, 1e3, 2], "n": "nan"}'})).level == "differs"
    assert verdict(home, (LOSS, {"m": b"\xff1"}), (LOSS, {"m": b"\xff1.0"})).level == "differs"


def test_what_varies_by_its_nature_is_left_out(home: Path) -> None:
    old = ({**LOSS, "seconds": [(0, 1.0)]}, {"train.log": b"1", "model/a": b"1"})
    new = ({**LOSS, "seconds": [(0, 2.0)]}, {"train.log": b"2", "model/a": b"1"})
    assert verdict(home, old, new).level == "differs"
    found = verdict(home, old, new, "seconds", "*.log")
    assert (found.level, found.why) == ("identical", "1 metric and 1 output are the same")
    assert verdict(home, old, new, "*").level == "not comparable"


def test_undefined_and_infinite_values_are_equal_to_themselves_alone(home: Path) -> None:
    old: Points = {"a": [(0, math.nan)], "b": [(0, math.inf)]}
    assert verdict(home, (old, {}), (old, {})).level == "identical"
    assert verdict(home, (old, {}), ({"a": [(0, 0.0)], "b": [(0, math.inf)]}, {})).level == "differs"
    assert verdict(home, (old, {}), ({"a": [(0, math.nan)], "b": [(0, -math.inf)]}, {})).level == "differs"


def test_seeds_with_undefined_values_tell_nothing(home: Path) -> None:
    store = open_database(f"sqlite:///{home / 'then.db'}")
    runs = []
    for seed, value in enumerate((1.0, math.nan, math.inf, 1.1)):
        run_id = a_run(store, {"a": [(0, value)]}, {})
        store.log_batch(run_id, tags={SEED_TAG: str(seed), IDENTITY: "x", TREE: "t"})
        runs.append(store.get_run(run_id))
    assert len(project_seed_runs(store, runs[0])) == 4
    facts = {"project": {"name": "p", "entry_name": "main"}}
    found = likeness_of(Original(store, runs[0], runs[0], (runs[0],), facts), store, runs[3], ())
    assert (found.level, found.metrics[0].seeds.values) == ("differs", (1.0, 1.1))
    store.close()


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), max_size=4))
def test_numbers_are_equal_to_themselves_however_they_are_written(values: list[float]) -> None:
    written = [", ".join(map(form, values)) for form in ("{!r}".format, "{:.17e}".format)]
    found = numbers_differ(f"[{written[0]}]", f"[{written[1]}]")
    assert found is not None
    assert found <= 1e-12


@given(st.text(alphabet="ab1.e-+ \n"))
def test_a_text_is_the_same_as_itself(text: str) -> None:
    assert numbers_differ(text, text) == 0.0
