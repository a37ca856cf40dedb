"""The work of requests: writes that wait together are kept together, and each hears of its own fate."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event

from attain.server.worker import MOST_TOGETHER, Worker
from attain.tracking.entities import MetricPoint, Run
from attain.tracking.errors import Invalid, Unavailable
from attain.tracking.sql.store import Store

pytestmark = pytest.mark.parametrize("uri", ["sqlite"], indirect=True)  # other databases group commits themselves


@pytest.fixture
def worker(store: Store) -> Iterator[Worker]:
    worker = Worker(store, threads=2)
    yield worker
    worker.close()


@pytest.fixture
def run(store: Store) -> Run:
    return store.create_run("0")


def at_once(worker: Worker, works: list[Callable[[], Any]]) -> list[Any]:
    """The outcomes of writes that all wait before the first begins."""
    gate = threading.Event()

    async def ask() -> list[Any]:
        first = asyncio.ensure_future(worker.write(gate.wait))
        others = [asyncio.ensure_future(worker.write(work)) for work in works]
        await asyncio.sleep(0)
        gate.set()
        return (await asyncio.gather(first, *others, return_exceptions=True))[1:]

    return asyncio.run(ask())


def logging(store: Store, run: Run, step: int) -> Callable[[], None]:
    return lambda: store.log_batch(run.run_id, [MetricPoint("loss", 0.5, 1, step)])


def steps(store: Store, run: Run) -> list[int]:
    return [point.step for point in store.metric_history(run.run_id, "loss").items]


def test_writes_that_wait_share_transactions(store: Store, worker: Worker, run: Run) -> None:
    begun: list[object] = []
    event.listen(store._engine, "commit", begun.append)
    count = 2 * MOST_TOGETHER
    assert at_once(worker, [logging(store, run, step) for step in range(count)]) == [None] * count
    assert len(begun) in (2, 3)  # 3 where what held them up was one of them
    assert steps(store, run) == list(range(count))


def test_one_that_is_refused_leaves_the_others(store: Store, worker: Worker, run: Run) -> None:
    bad = lambda: store.log_batch(run.run_id, [MetricPoint("loss", 0.5, 1, 9)], params={"a*": 1})  # noqa: E731
    outcomes = at_once(worker, [logging(store, run, 0), bad, logging(store, run, 1)])
    assert outcomes[0] is outcomes[2] is None
    assert isinstance(outcomes[1], Invalid)
    assert steps(store, run) == [0, 1]


@pytest.mark.parametrize("broken", [ZeroDivisionError(), Unavailable("the disk is full")])
def test_one_that_breaks_leaves_the_others_and_does_nothing_twice(
    store: Store, worker: Worker, run: Run, broken: Exception
) -> None:
    def breaks() -> None:
        store.log_batch(run.run_id, [MetricPoint("loss", 0.5, 1, 9)])
        raise broken

    outcomes = at_once(worker, [logging(store, run, 0), breaks, logging(store, run, 1)])
    assert outcomes == [None, broken, None]
    assert [step for step in steps(store, run) if step != 9] == [0, 1]


def test_a_write_is_kept_before_it_is_answered(store: Store, worker: Worker, run: Run) -> None:
    async def ask() -> list[list[int]]:
        seen = []
        for step in range(3):
            await worker.write(logging(store, run, step))
            seen.append(await worker.read(lambda: steps(store, run)))
        return seen

    assert asyncio.run(ask()) == [[0], [0, 1], [0, 1, 2]]


def test_a_result_nobody_waits_for_harms_nobody(store: Store, worker: Worker, run: Run) -> None:
    async def ask() -> None:
        gone = asyncio.ensure_future(worker.write(logging(store, run, 0)))
        await asyncio.sleep(0)
        gone.cancel()
        await worker.write(logging(store, run, 1))

    asyncio.run(ask())
    assert steps(store, run) == [0, 1]


def test_closing_finishes_what_waits(store: Store, run: Run) -> None:
    worker = Worker(store, threads=2)

    async def ask() -> None:
        waiting = [asyncio.ensure_future(worker.write(logging(store, run, step))) for step in range(20)]
        await asyncio.sleep(0)
        await asyncio.to_thread(worker.close)
        await asyncio.gather(*waiting)

    asyncio.run(ask())
    assert steps(store, run) == list(range(20))
