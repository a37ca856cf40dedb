"""How the databases answer what is asked most: by an index, not by reading a whole table, however much is in it."""

import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, event, text

from attain.testing.stores import BACKENDS, NewStore
from attain.tracking.sql import tables as t
from attain.tracking.sql.dialect import insert_new
from attain.tracking.sql.engine import reading, writing
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

RUNS, EXPERIMENTS = 3_000, 20
FIRST = f"{1:032x}"


@pytest.fixture(scope="module", params=BACKENDS)
def store(request: pytest.FixtureRequest, new_store: NewStore) -> Iterator[Store]:
    """A store so full that its planner knows the worth of an index."""
    store = open_database(new_store(request.param))
    with writing(store._engine) as c:
        _fill(c)
        c.execute(text("ANALYZE"))
    yield store
    store.close()


def _fill(c: Connection) -> None:
    numbers = range(1, RUNS + 1)
    times = {"creation_time": 0, "last_update_time": 0}
    made = [
        {"id": i, "name": f"e{i}", "artifact_location": "", "lifecycle_stage": "active"} | times for i in range(1, 21)
    ]
    insert_new(c, t.experiments, made)
    run = {"name": "n", "status": "FINISHED", "end_time": 1, "user_id": "", "artifact_uri": "", "process": None}
    run |= {"lifecycle_stage": "active", "deleted_with_experiment": False, "heartbeat": None}
    own = [{"id": i, "run_id": f"{i:032x}", "experiment": i % EXPERIMENTS, "start_time": i} for i in numbers]
    insert_new(c, t.runs, [run | {"parent_run_id": FIRST if i["id"] < 9 else None} | i for i in own])
    insert_new(c, t.metric_keys, [{"id": i, "key": f"m{i}"} for i in (1, 2, 3)])
    latest = [
        {"run": i, "key": k, "timestamp": 1, "step": 9, "is_nan": False, "value": i / k}
        for i in numbers
        for k in (1, 2)
    ]
    insert_new(c, t.latest_metrics, latest)
    points = [
        {"run": i, "key": 1, "timestamp": 1, "step": s, "is_nan": False, "value": 0.5}
        for i in numbers
        for s in range(5)
    ]
    points += [points[0] | {"run": 7, "key": 2, "timestamp": s} for s in range(2_000)]
    insert_new(c, t.metrics, points)
    insert_new(c, t.params, [{"run": i, "key": f"p{k}", "value": str(i)} for i in numbers for k in range(3)])
    tags = [(i, {"attain.key": f"k{i}", "team": f"t{i % 3}", "batch": f"b{i // 50}"}) for i in numbers]
    insert_new(c, t.tags, [{"run": i, "key": key, "value": value} for i, of in tags for key, value in of.items()])
    insert_new(
        c,
        t.artifacts,
        [{"run": i, "path": f"f/{k}", "sha256": f"{i:064x}", "size": 1} for i in numbers for k in "ab"],
    )
    insert_new(
        c, t.claims, [{"key": f"k{i}", "run_id": f"{i:032x}", "process": "a.1.1", "heartbeat": 0} for i in numbers]
    )
    data = {"source_type": "", "source": "", "schema": None, "profile": None}
    insert_new(
        c,
        t.datasets,
        [data | {"id": i, "experiment": i % 20, "name": f"d{i}", "digest": "x"} for i in range(1, 2_001)],
    )
    insert_new(c, t.inputs, [{"run": i, "dataset": i % 2_000 + 1} for i in numbers])


def second_page_of_history(store: Store) -> None:
    page = store.metric_history(f"{7:032x}", "m2", 100)
    store.metric_history(f"{7:032x}", "m2", 100, page.next_token)


def second_page_of_runs(store: Store) -> None:
    store.search_runs(["3"], max_results=10, page_token=store.search_runs(["3"], max_results=10).next_token)


QUESTIONS: dict[str, tuple[Callable[[Store], object], list[str]]] = {
    "a run": (lambda s: s.get_run(FIRST), ["uq_runs_run_id"]),
    "a history": (lambda s: s.metric_history(f"{7:032x}", "m2", 100), ["pk_metrics"]),
    "more of a history": (second_page_of_history, ["pk_metrics"]),
    "the newest runs": (lambda s: s.search_runs(["3"], max_results=10), ["ix_runs_listed"]),
    "more runs": (second_page_of_runs, ["ix_runs_listed"]),
    "a rare tag": (lambda s: s.search_runs(["3"], "tags.batch = 'b7'"), ["ix_tags_found", "pk_runs"]),
    "a rare param": (lambda s: s.search_runs(["3"], "params.p2 IN ('8', '9')"), ["ix_params_found", "pk_runs"]),
    "a rare metric": (
        lambda s: s.search_runs(["3"], "metrics.m1 > 2990", ["metrics.m2"]),
        ["ix_latest_metrics_key_value", "pk_runs"],
    ),
    "how many are rare": (lambda s: s.count_runs(["3"], "metrics.m1 <= 9"), ["ix_latest_metrics_key_value", "pk_runs"]),
    "a rare value among common ones": (
        lambda s: s.search_runs(["3"], "tags.team = 't1' AND tags.batch = 'b7'", max_results=20),
        ["ix_tags_found", "pk_runs"],
    ),
    "a common tag": (
        lambda s: s.search_runs(["3"], "tags.team = 't1'", max_results=10),
        ["ix_tags_found", "ix_runs_listed"],
    ),
    "finished jobs": (lambda s: s.finished_runs(["k1", "k2", "k3"]), ["ix_tags_job_key"]),
    "claims": (lambda s: s.claimed(["k1", "k2"]), ["pk_claims"]),
    "the end of a run": (lambda s: s.update_run(f"{9:032x}", status="FINISHED"), ["ix_claims_run_id"]),
    "files of a run": (lambda s: s.artifacts_under(f"{7:032x}", "f"), ["pk_artifacts"]),
    "an experiment by name": (lambda s: s.experiment_named("e7"), []),
    "the newest experiments": (lambda s: s.list_experiments(max_results=5), []),
    "a batch": (lambda s: s.log_batch(f"{9:032x}", params={"p1": "9"}, tags={"a": "b"}), ["uq_runs_run_id"]),
}
IN_SQLITE = {"uq_runs_run_id": "sqlite_autoindex_runs_1", "pk_runs": "INTEGER PRIMARY KEY"} | dict.fromkeys(
    ("pk_metrics", "pk_claims", "pk_artifacts"), "PRIMARY KEY"
)
LONG = "runs|metrics|latest_metrics|params|tags|artifacts|claims|inputs"


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_long_table_is_read_as_a_whole(store: Store, question: str) -> None:
    ask, indexes = QUESTIONS[question]
    plan = planned(store, ask)
    assert not re.search(rf"(Seq Scan on|SCAN) ({LONG})\b(?! USING)", plan), plan
    assert not re.search(rf"SCAN ({LONG}) USING", plan), plan
    for index in indexes:
        named = index if store._engine.dialect.name == "postgresql" else IN_SQLITE.get(index, index)
        assert named in plan, plan


def planned(store: Store, ask: Callable[[Store], object]) -> str:
    """The plans of what is selected, changed and removed to answer a question."""
    asked: list[tuple[str, object]] = []

    def note(_: object, cursor: object, statement: str, parameters: object, *more: object) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            asked.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        ask(store)
    finally:
        event.remove(store._engine, "before_cursor_execute", note)
    explain = "EXPLAIN " if store._engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
    with writing(store._engine) as c:
        plans = [c.exec_driver_sql(explain + statement, parameters) for statement, parameters in asked]  # type: ignore[arg-type]  # as they came
        return "\n".join(" ".join(map(str, row)) for plan in plans for row in plan)


def test_the_whole_of_a_long_table_is_seen_to_be_read(store: Store) -> None:
    """The check above would notice."""
    with reading(store._engine) as c:
        command = "EXPLAIN " if c.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN "
        plan = " ".join(map(str, c.execute(text(f"{command} SELECT * FROM params WHERE value = 'x'")).all()))
    assert re.search(rf"(Seq Scan on|SCAN) ({LONG})\b", plan)
