"""What jobs ask for, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.suite.config import read_suite
from attain.suite.execute import Execution
from attain.suite.plan import make_plan
from attain.suite.progress import View
from attain.suite.resources import Resources, Room, this_machine
from attain.tracking.store import default_uri, open_store

Write = Callable[..., Path]


def execute(path: Path, workers: int = 1) -> Execution:
    plan = make_plan(read_suite(str(path)))
    return Execution(plan, default_uri(), workers=workers, threads=1, view=View())


def test_a_room_says_what_it_lacks() -> None:
    room = Room(threads=4, memory_gb=8, gpus=0)
    assert room.lacks(Room(4, 8)) == ""
    assert room.lacks(Room(5)) == "5 threads where there are 4"
    assert room.lacks(Room(1, 16)) == "16 GB of memory where there are 8 GB"
    assert room.lacks(Room(1, 0, 1)) == "1 GPU where there are none"
    assert room.without(Room(3, 6)) == Room(1, 2)


def test_a_job_that_does_not_say_its_threads_gets_the_usual_ones() -> None:
    assert Room.for_job(Resources(), 2) == Room(2)
    assert Room.for_job(Resources(threads=4, memory_gb=1.5, gpus=1), 2) == Room(4, 1.5, 1)


def test_this_machine_has_threads_and_memory() -> None:
    assert this_machine().threads >= 1
    assert this_machine().memory_gb > 0.1


def test_what_this_machine_cannot_give_is_refused_with_its_line(write_suite: Write) -> None:
    path = write_suite(models="models: [prior_rate, {name: bkt, resources: {memory_gb: 100000}}]")
    with pytest.raises(UserError, match=r"tiny.yaml:7: models.1.resources: bkt asks for 100000 GB of memory where"):
        execute(path).run()
    assert open_store().list_experiments().items == [] or not open_store().count_runs(
        [e.experiment_id for e in open_store().list_experiments().items]
    )


def test_a_misspelt_resource_is_told_with_its_line(write_suite: Write) -> None:
    path = write_suite(resources="resources: {thread: 2}")
    with pytest.raises(UserError, match=r"tiny.yaml:10: resources.thread: Unknown field 'thread'. Did you mean 'threa"):
        read_suite(str(path))


def test_a_job_runs_with_the_threads_it_asks_for_and_its_key_does_not_change(
    write_suite: Write, write_model: Write, home: Path
) -> None:
    write_model("import os, json\nopen('threads.json', 'w').write(json.dumps(os.environ['OMP_NUM_THREADS']))")
    keys = [job.key for job in make_plan(read_suite(str(write_suite(models="models: ['own:Own']")))).jobs]
    path = write_suite(models="models: [{name: 'own:Own', resources: {threads: 2}}]")
    assert [job.key for job in make_plan(read_suite(str(path))).jobs] == keys
    assert not execute(path, workers=2).run().failed
    assert json.loads((home / "threads.json").read_text()) == "2"
