"""The search against a second implementation: plain Python over plain values."""

import math
import operator
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from attain.testing.stores import BACKENDS, NewStore
from attain.tracking.entities import DatasetInput, MetricPoint, Page, Run, View
from attain.tracking.errors import Invalid
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store

Predicate = Callable[[Run], bool]

NUMBERS = [-1.0, 0.0, 0.5, 1.0, 1e300, math.nan]
TEXTS = ["", "bkt", "BKT", "dkt", "b_t", "50%", "it's", "Élan", "élan", "a\\b", "*", "0.5"]
METRICS, PARAMS, TAGS = ["auc", "val auc"], ["model", "lr-rate"], ["team", "mlflow.user"]


@pytest.fixture(scope="module", params=BACKENDS)
def runs(request: pytest.FixtureRequest, new_store: NewStore) -> Iterator[tuple[Store, list[Run]]]:
    """Sixty random runs in three experiments: values missing, equal, NaN; some deleted, some ended."""
    store, draw = open_store(new_store(request.param)), random.Random(0)
    for name in ("a", "b"):
        store.create_experiment(name)

    def some(names: list[str], values: list[str]) -> dict[str, str]:
        return {name: draw.choice(values) for name in names if draw.random() < 0.7}

    ids = []
    for _ in range(60):
        run = store.create_run(
            draw.choice("012"),
            name=draw.choice(["x", "X", "y"]),
            params=some(PARAMS, TEXTS),
            tags=some(TAGS, TEXTS),
            start_time=draw.randrange(5),
            user_id=draw.choice(["ada", "bob"]),
        )
        metrics = [MetricPoint(key, draw.choice(NUMBERS), 0, s) for key in METRICS for s in range(draw.randrange(3))]
        store.log_batch(run.run_id, metrics)
        context = some(["mlflow.data.context"], ["train", "test"])
        data = [DatasetInput(draw.choice(["d1", "d2"]), draw.choice("pq"), tags=context)]
        store.log_inputs(run.run_id, data[: draw.randrange(2)])
        if draw.random() < 0.5:
            store.update_run(run.run_id, status=draw.choice(["FINISHED", "FAILED"]), end_time=draw.randrange(5, 9))
        if draw.random() < 0.1:
            store.delete_run(run.run_id)
        ids.append(run.run_id)
    yield store, [store.get_run(run_id) for run_id in ids]
    store.close()


COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def like(pattern: str, text: str) -> bool:
    parts = {"%": ".*", "_": "."}
    return re.fullmatch("".join(parts.get(c, re.escape(c)) for c in pattern), text, re.DOTALL) is not None


@dataclass(frozen=True)
class Thing:
    """A field: how it may be written, and its values of a run (several for data sets, none if it is missing)."""

    written: tuple[str, ...]
    values: Callable[[Run], list[str | float]]


def of(mapping: str, key: str) -> Callable[[Run], list[str | float]]:
    return lambda run: [getattr(run, mapping)[key]] if key in getattr(run, mapping) else []


def attribute(name: str) -> Callable[[Run], list[str | float]]:
    return lambda run: [] if getattr(run, name) is None else [getattr(run, name)]


NUMERIC = [
    Thing(("metrics.auc", "metric.`auc`"), of("metrics", "auc")),
    Thing(('metrics."val auc"', "metrics.`val auc`"), of("metrics", "val auc")),
    Thing(("start_time", "attributes.start_time", "created"), attribute("start_time")),
    Thing(("attr.end_time",), attribute("end_time")),
]
TEXTUAL = [
    Thing(("params.model", "param.model", "parameters.`model`"), of("params", "model")),
    Thing(("params.lr-rate",), of("params", "lr-rate")),
    Thing(("tags.team", 'tag."team"'), of("tags", "team")),
    Thing(("tags.mlflow.user",), of("tags", "mlflow.user")),
    Thing(("run_name", "attributes.`Run Name`"), attribute("name")),
    Thing(("status",), attribute("status")),
    Thing(("user_id",), attribute("user_id")),
    Thing(("dataset.name",), lambda run: [one.name for one in run.inputs]),
    Thing(("datasets.digest",), lambda run: [one.digest for one in run.inputs]),
    Thing(
        ("dataset.context",),
        lambda run: [one.tags["mlflow.data.context"] for one in run.inputs if "mlflow.data.context" in one.tags],
    ),
]


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@st.composite
def clauses(draw: st.DrawFn) -> tuple[str, Predicate]:
    """A clause as text, and as a function of a run."""
    numeric = draw(st.booleans())
    thing = draw(st.sampled_from(NUMERIC if numeric else TEXTUAL))
    name = draw(st.sampled_from(thing.written))
    kind = draw(st.sampled_from(["compare", "compare", "in", "missing", *([] if numeric else ["like"])]))
    if kind == "missing":
        negated = draw(st.booleans())
        return f"{name} IS {'NOT ' * negated}NULL", lambda run: bool(thing.values(run)) == negated
    if kind == "like":
        pattern = draw(st.sampled_from(["%", "b%", "%k%", "B_T", "b_t", "", "50%", "é%", "%\\b", "*", "_%"]))
        if draw(st.booleans()):
            return f"{name} LIKE {quoted(pattern)}", lambda run: any(like(pattern, str(v)) for v in thing.values(run))
        low = pattern.lower()
        return f"{name} ilike {quoted(pattern)}", lambda run: any(like(low, str(v).lower()) for v in thing.values(run))
    known: list[Any] = (
        [n for n in NUMBERS if not math.isnan(n)] + [2, 6] if numeric else [*TEXTS, "x", "FINISHED", "d1", "p", "train"]
    )
    value = st.sampled_from(known)
    written: Callable[[Any], str] = repr if numeric else quoted
    if kind == "in":
        chosen = draw(st.lists(value, min_size=1, max_size=3))
        return f"{name} IN ({', '.join(map(written, chosen))})", lambda run: any(v in chosen for v in thing.values(run))
    sign = draw(st.sampled_from(list(COMPARE) if numeric else ["=", "!="]))
    wanted = draw(value)
    return f"{name} {sign} {written(wanted)}", lambda run: any(
        not (isinstance(v, float) and math.isnan(v)) and COMPARE[sign](v, wanted) for v in thing.values(run)
    )


def combined(parts: st.SearchStrategy[tuple[str, Predicate]]) -> st.SearchStrategy[tuple[str, Predicate]]:
    def both(pair: list[tuple[str, Predicate]]) -> tuple[str, Predicate]:
        return " AND ".join(f"({t})" for t, _ in pair), lambda run: all(p(run) for _, p in pair)

    def either(pair: list[tuple[str, Predicate]]) -> tuple[str, Predicate]:
        return " or ".join(f"({t})" for t, _ in pair), lambda run: any(p(run) for _, p in pair)

    def negated(one: tuple[str, Predicate]) -> tuple[str, Predicate]:
        return f"NOT ({one[0]})", lambda run: not one[1](run)

    several = st.lists(parts, min_size=2, max_size=3)
    return st.one_of(several.map(both), several.map(either), parts.map(negated))


filters = st.recursive(clauses(), combined, max_leaves=6)


@settings(max_examples=150, deadline=None)
@given(
    filter=filters,
    experiments=st.sets(st.sampled_from("0129")),
    view=st.sampled_from(["ACTIVE_ONLY", "ALL"]),
    size=st.sampled_from([1, 5, 1_000]),
)
def test_a_filter_finds_the_runs_that_python_finds(
    runs: tuple[Store, list[Run]],
    all_pages: Callable[..., list[Run]],
    filter: tuple[str, Predicate],
    experiments: set[str],
    view: View,
    size: int,
) -> None:
    """The smaller the page, the fewer runs are few (see `rare`): both ways to find them are gone."""
    store, everything = runs
    text, holds = filter
    stages = ["active"] if view == "ACTIVE_ONLY" else ["active", "deleted"]
    seen = [run for run in everything if run.experiment_id in experiments and run.lifecycle_stage in stages]
    expected = {run.run_id for run in seen if holds(run)}

    def page(token: str | None) -> Page[Run]:
        return store.search_runs(list(experiments), text, max_results=size, page_token=token, view=view)

    assert sorted(run.run_id for run in all_pages(page)) == sorted(expected)
    assert store.count_runs(list(experiments), text, view=view) == len(expected)


@pytest.mark.parametrize("size", [1, 1_000])
@pytest.mark.parametrize("what", ["params", "tags"])
def test_texts_that_differ_only_far_behind_are_told_apart(store: Store, what: str, size: int) -> None:
    same = "é" * 100
    ids = {end: store.create_run("0", **{what: {"m": same + end}}).run_id for end in ("", "a", "b")}  # type: ignore[arg-type]  # either way
    for end, run_id in ids.items():
        for filter in (f"{what}.m = '{same}{end}'", f"{what}.m IN ('x', '{same}{end}')"):
            assert [run.run_id for run in store.search_runs(["0"], filter, max_results=size).items] == [run_id]
    assert store.count_runs(["0"], f"{what}.m != '{same}'") == 2


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("params.m LIKE 'Élan'", ["Élan"]),
        ("params.m LIKE 'b_T'", ["bkT"]),
        ("params.m LIKE 'b%'", ["bkT", "b%"]),
        ("params.m LIKE 'b\\%'", []),
        ("params.m ILIKE 'éLAN'", ["Élan", "élan"]),
        ("params.m ILIKE 'BKT'", ["bkT"]),
        ("params.m ILIKE '%\\x'", ["a\\x"]),
        ("params.m != 'Élan' AND params.m != 'élan'", ["bkT", "b%", "a\\x"]),
    ],
)
def test_case_matters_to_like_and_not_to_ilike(store: Store, filter: str, found: list[str]) -> None:
    for start, value in enumerate(["Élan", "élan", "bkT", "b%", "a\\x"]):
        store.create_run("0", params={"m": value}, start_time=start)
    store.create_run("0", start_time=9)
    runs = store.search_runs(["0"], filter, ["start_time"]).items
    assert [run.params["m"] for run in runs] == found


orders = st.lists(
    st.tuples(st.sampled_from([*NUMERIC, *TEXTUAL[:7]]), st.sampled_from(["", " ASC", " desc"])), max_size=3
)


@settings(max_examples=60, deadline=None)
@given(order=orders, size=st.integers(1, 70))
def test_pages_together_are_everything_in_order(
    runs: tuple[Store, list[Run]],
    all_pages: Callable[..., list[Run]],
    order: list[tuple[Thing, str]],
    size: int,
) -> None:
    store, everything = runs
    expected = sorted(everything, key=lambda run: (-run.start_time, run.run_id))
    for thing, direction in reversed(order):
        expected = ordered(expected, thing, descending=direction == " desc")
    texts = [thing.written[0] + direction for thing, direction in order]

    def page(token: str | None) -> Page[Run]:
        return store.search_runs(["0", "1", "2"], order_by=texts, max_results=size, page_token=token, view="ALL")

    assert len(page(None).items) == min(size, len(everything))
    assert [run.run_id for run in all_pages(page)] == [run.run_id for run in expected]


def ordered(runs: list[Run], thing: Thing, *, descending: bool) -> list[Run]:
    """Stable sort: numbers or text in the direction, then NaN, then missing."""
    groups: dict[str | float, list[Run]] = {}
    nan: list[Run] = []
    for run in runs:
        for value in thing.values(run):
            (nan if isinstance(value, float) and math.isnan(value) else groups.setdefault(value, [])).append(run)
    values = sorted(groups, reverse=descending)
    missing = [run for run in runs if not thing.values(run)]
    return [run for value in values for run in groups[value]] + nan + missing


def test_pages_neither_repeat_nor_lose_runs_while_others_start(
    store: Store, all_pages: Callable[..., list[Run]]
) -> None:
    old = [store.create_run("0", start_time=i).run_id for i in range(9)]

    def page(token: str | None) -> Page[Run]:
        found = store.search_runs(["0"], max_results=2, page_token=token)
        store.create_run("0", start_time=100)
        return found

    assert [run.run_id for run in all_pages(page)] == old[::-1]


def test_a_token_belongs_to_its_question(store: Store) -> None:
    for i in range(3):
        store.create_run("0", start_time=i)
    token = store.search_runs(["0"], max_results=1).next_token
    for question in ({"filter": "status = 'RUNNING'"}, {"order_by": ["status"]}, {"view": "ALL"}):
        with pytest.raises(Invalid, match="another question"):
            store.search_runs(["0"], page_token=token, **question)
    with pytest.raises(Invalid, match="another question"):
        store.search_runs(["1"], page_token=token)


def test_no_experiments_means_no_runs(store: Store, run: Run) -> None:
    assert store.search_runs([]).items == []
    assert store.search_runs(["nonsense"]).items == []


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ("metrics.auc UP", "expected ASC, DESC"),
        ("auc", "no attribute"),
        ("dataset.name", "cannot be sorted"),
        ("", "the text ends"),
    ],
)
def test_an_order_that_cannot_be_read_is_pointed_at(store: Store, order: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        store.search_runs(["0"], order_by=[order])


def test_a_field_named_twice_in_an_order_counts_once_and_too_many_are_refused(store: Store, run: Run) -> None:
    assert len(store.search_runs(["0"], order_by=["metrics.a", "metrics.a DESC"]).items) == 1
    with pytest.raises(Invalid, match="at most 20"):
        store.search_runs(["0"], order_by=[f"metrics.m{i}" for i in range(21)])


def test_one_statement_finds_and_six_fetch_however_many_runs_there_are(runs: tuple[Store, list[Run]]) -> None:
    store, _ = runs
    said: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    found = store.search_runs(["0", "1", "2"], "metrics.auc > 0 OR params.model = 'bkt'", ["metrics.auc"]).items
    assert len(found) > 10
    assert sum(one.startswith("SELECT") for one in said) == 7
    assert sum("FROM runs" in one for one in said) == 1


def test_a_filter_cannot_change_the_store(store: Store, run: Run) -> None:
    nasty = "'; DROP TABLE runs; --"
    assert store.search_runs(["0"], f"params.model = {quoted(nasty)}").items == []
    assert store.search_runs(["0"], f"params.`{nasty}` = 'x'").items == []
    assert store.get_run(run.run_id)
