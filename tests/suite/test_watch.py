"""New content runs the suite once, whoever watches; what is still being written waits, and a failure stops nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.suite.watch import MOST_PATIENCE_S, PATIENCE_S, Watch
from attain.suite.watch_files import Files
from attain.tracking import artifacts
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database


class Suite:
    """Stands for a suite: counts its runs, and fails where it is told to."""

    def __init__(self) -> None:
        self.runs, self.text, self.error = 0, "suite: mine", None

    def work(self) -> str:
        self.runs += 1
        if self.error is not None:
            raise self.error
        return f"{self.runs:032x}"


@pytest.fixture
def suite() -> Suite:
    return Suite()


@pytest.fixture
def store(uri: str, home: Path) -> Iterator[Store]:
    store = open_database(uri)
    yield store
    store.close()


@pytest.fixture
def file(home: Path) -> Path:
    path = home / "answers.csv"
    path.write_text("learner,item,correct\n")
    return path


def watching(file: Path, suite: Suite, store: Store) -> Watch:
    return Watch(Files(file), "mine", lambda: suite.text, suite.work, store)


def test_a_content_is_run_once_it_is_at_rest_and_once_for_all(file: Path, suite: Suite, store: Store) -> None:
    watch = watching(file, suite, store)
    assert [watch.look(now).what for now in range(4)] == ["settling", "ran", "nothing new", "nothing new"]
    assert suite.runs == 1
    again = watching(file, suite, store)
    assert [again.look(now).what for now in range(2)] == ["settling", "nothing new"], "another process, the same store"
    assert suite.runs == 1


def test_what_was_done_is_a_run_in_the_store(file: Path, suite: Suite, store: Store) -> None:
    event = watching(file, suite, store).look(0, settled=True)
    experiment = store.ensure_experiment("mine").experiment_id
    (run,) = store.search_runs([experiment], "tags.`attain.kind` = 'watch'").items
    assert (run.status, run.tags["attain.watch.suite_run"]) == ("FINISHED", event.suite_run)
    assert run.tags["attain.watch.path"] == str(file)


def test_while_it_is_written_nothing_is_run(file: Path, suite: Suite, store: Store) -> None:
    watch = watching(file, suite, store)
    for now in range(5):
        with file.open("a") as stream:
            stream.write(f"l{now},i,1\n")
        assert watch.look(now).what == "settling"
    assert suite.runs == 0
    assert watch.look(9).what == "ran"


def test_the_content_decides_and_not_the_time_of_the_file(file: Path, suite: Suite, store: Store) -> None:
    watch = watching(file, suite, store)
    assert watch.look(0, settled=True).what == "ran"
    file.write_text(file.read_text())
    assert watch.look(1, settled=True).what == "nothing new"
    before = file.read_text()
    file.write_text("other")
    assert watch.look(2, settled=True).what == "ran"
    file.write_text(before)
    assert watch.look(3, settled=True).what == "nothing new", "it was run before"
    suite.text = "suite: changed"
    assert watch.look(4, settled=True).what == "ran", "another suite, another run"
    assert suite.runs == 3


@pytest.mark.parametrize("error", [UserError("a column is missing."), RuntimeError("no luck")])
def test_a_failed_run_is_told_and_tried_again_later_or_on_a_change(
    file: Path, suite: Suite, store: Store, error: Exception
) -> None:
    watch, suite.error = watching(file, suite, store), error
    first = watch.look(0, settled=True)
    assert first.what == "failed"
    assert str(error) in first.said
    assert watch.look(1, settled=True).what == "nothing new"
    assert watch.look(PATIENCE_S, settled=True).what == "failed"
    assert watch.look(2 * PATIENCE_S, settled=True).what == "nothing new", "twice as long each time"
    assert watch.look(3 * PATIENCE_S, settled=True).what == "failed"
    assert suite.runs == 3
    suite.error = None
    file.write_text("mended")
    assert watch.look(3 * PATIENCE_S + 1, settled=True).what == "ran"
    experiment = store.ensure_experiment("mine").experiment_id
    failed = store.search_runs([experiment], "status = 'FAILED'").items
    assert len(failed) == 3
    if isinstance(error, RuntimeError):
        assert b"no luck" in artifacts.read_bytes(store, failed[0].run_id, "error.txt")
    assert MOST_PATIENCE_S >= PATIENCE_S


def test_two_that_watch_do_not_run_it_twice(file: Path, suite: Suite, store: Store) -> None:
    other = watching(file, suite, store)
    seen: list[str] = []

    def work() -> str:
        seen.append(other.look(0, settled=True).what)
        return "0" * 32

    assert Watch(Files(file), "mine", lambda: suite.text, work, store).look(0, settled=True).what == "ran"
    assert seen == ["busy"]
    assert suite.runs == 0


def test_a_folder_is_all_its_files_but_those_on_their_way(home: Path, suite: Suite, store: Store) -> None:
    folder = home / "logs"
    watch = watching(folder, suite, store)
    assert watch.look(0).what == "waiting"
    folder.mkdir()
    (folder / "b.csv.part").write_text("half")
    (folder / ".lock").write_text("")
    assert watch.look(1).what == "waiting"
    (folder / "a.csv").write_text("1")
    assert [watch.look(now).what for now in (2, 3)] == ["settling", "ran"]
    (folder / "b.csv.part").rename(folder / "b.csv")
    assert [watch.look(now).what for now in (4, 5)] == ["settling", "ran"]
    (folder / "b.csv").rename(folder / "c.csv")
    assert [watch.look(now).what for now in (6, 7)] == ["settling", "ran"], "names belong to the content"


def test_a_stopped_run_is_begun_again(file: Path, suite: Suite, store: Store) -> None:
    suite.error = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        watching(file, suite, store).look(0, settled=True)
    suite.error = None
    assert watching(file, suite, store).look(0, settled=True).what == "ran"


def test_a_suite_that_is_broken_for_a_while_stops_nothing(file: Path, suite: Suite, store: Store) -> None:
    def text() -> str:
        raise UserError("tiny.yaml:1: suite: is missing.")

    event = Watch(Files(file), "mine", text, suite.work, store).look(0, settled=True)
    assert (event.what, event.said) == ("failed", "tiny.yaml:1: suite: is missing.")
