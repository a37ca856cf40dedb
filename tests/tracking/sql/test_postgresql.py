"""What is PostgreSQL's own: how it is reached, and its errors in words."""

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from attain.testing.postgresql import PASSWORD_ROLE
from attain.testing.stores import NewStore
from attain.tracking.entities import Run
from attain.tracking.errors import Invalid, Unavailable
from attain.tracking.sql import postgresql
from attain.tracking.sql.engine import open_engine, reading, writing
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.parametrize("uri", ["postgresql"], indirect=True)

END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND application_name = 'attain'"
)


@pytest.fixture
def other(uri: str) -> Iterator[Store]:
    """The same store, as another process has it."""
    store = open_store(uri)
    yield store
    store.close()


def test_a_server_that_is_away_is_said_to_be(store: Store, uri: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    nowhere = tmp_path_factory.mktemp("nobody-listens")
    with pytest.raises(
        Unavailable, match=r"'postgresql://ada@/runs' cannot be reached: .*Is the server running\?"
    ) as e:
        open_store(f"postgresql://ada:secret@/runs?host={nowhere}")
    assert e.value.passing
    assert "secret" not in str(e.value)


def test_a_missing_database_and_an_unknown_user_are_named(store: Store, uri: str) -> None:
    with pytest.raises(Unavailable, match=r"does not exist on the server\. Make it: createdb"):
        open_store(uri.replace(f"/{store._engine.url.database}?", "/nothing?"))
    with pytest.raises(Unavailable, match="knows no user 'nobody-knows'"):
        open_store(uri.replace("attain@", "nobody-knows@"))


def test_a_wrong_password_is_refused_and_not_repeated(store: Store, uri: str) -> None:
    with writing(store._engine) as c:
        c.execute(text(f"CREATE ROLE {PASSWORD_ROLE} LOGIN PASSWORD 'right'"))
    try:
        with pytest.raises(Unavailable, match=f"refused the password of user '{PASSWORD_ROLE}'") as caught:
            open_store(uri.replace("attain@", f"{PASSWORD_ROLE}:wr0ng@"))
        assert "wr0ng" not in str(caught.value)
        with pytest.raises(Unavailable, match="refused the password"):
            open_store(uri.replace("attain@", f"{PASSWORD_ROLE}@"))
        with pytest.raises(Unavailable, match="does not let this user do that"):
            open_store(uri.replace("attain@", f"{PASSWORD_ROLE}:right@"))
    finally:
        with writing(store._engine) as c:
            c.execute(text(f"DROP ROLE {PASSWORD_ROLE}"))


def test_the_name_of_a_store_has_no_password_and_no_settings(store: Store, uri: str) -> None:
    engine = open_engine("postgres://ada:secret@db.example:5433/runs?pool_size=2&sslmode=require")
    assert postgresql.place(engine.url) == "postgresql://ada@db.example:5433/runs"
    assert engine.pool.size() == 2  # type: ignore[attr-defined]  # a QueuePool
    assert dict(engine.url.query) == {"sslmode": "require"}


@pytest.mark.parametrize("setting", ["pool_size=many", "pool_size=0", "pool_timeout=-1"])
def test_a_setting_that_is_no_number_is_refused(store: Store, uri: str, setting: str) -> None:
    with pytest.raises(Invalid, match=r"expected a whole number from 1"):
        open_engine(f"postgresql://host/db?{setting}")


def test_without_the_driver_the_extra_is_named(uri: str) -> None:
    script = """
import sys
sys.modules["psycopg"] = None
from attain.tracking.errors import Invalid
from attain.tracking.sql.engine import open_engine
try:
    open_engine("postgresql://host/db")
except Invalid as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "pip install 'attain[postgresql]'" in done.stdout


def test_sqlite_needs_no_driver_of_postgresql(uri: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    script = """
import sys
from attain.tracking.store import open_store
open_store(sys.argv[1])
print("psycopg" in sys.modules)
"""
    file = tmp_path_factory.mktemp("sqlite") / "attain.db"
    command = [sys.executable, "-c", script, f"sqlite:///{file}"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "False\n"


def test_a_connection_that_the_server_ended_is_opened_again(store: Store, run: Run, other: Store) -> None:
    with writing(other._engine) as c:
        c.execute(text(END_OTHERS))
    assert store.get_run(run.run_id) == run


def test_a_write_that_is_cut_off_is_said_to_be_and_leaves_nothing(store: Store, run: Run, other: Store) -> None:
    def cut_off() -> None:
        with writing(store._engine) as c:
            c.execute(text("UPDATE runs SET name = 'half'"))
            with writing(other._engine) as d:
                d.execute(text(END_OTHERS))
            c.execute(text("SELECT 1"))

    with pytest.raises(Unavailable) as caught:
        cut_off()
    assert caught.value.passing
    assert store.get_run(run.run_id).name == "first"


def test_a_lock_that_is_held_too_long_is_said(
    store: Store, uri: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LOCK_S", 0.05)
    impatient = open_store(uri)
    with writing(store._engine) as c:
        c.execute(text("UPDATE runs SET name = 'unseen'"))
        with pytest.raises(Unavailable, match="is locked: another process") as caught:
            impatient.log_batch(run.run_id, tags={"a": "b"})
    assert caught.value.passing
    impatient.close()


def test_when_all_connections_are_busy_it_is_said(uri: str) -> None:
    small = open_store(f"{uri}&pool_size=1&pool_timeout=1")
    with reading(small._engine), reading(small._engine), pytest.raises(Unavailable, match="set a larger pool_size"):  # type: ignore[attr-defined]  # a database's
        small.experiment("0")
    small.close()


def test_two_that_wait_for_each_other_are_told_to_try_again(store: Store, other: Store) -> None:
    runs = [store.create_run("0").run_id for _ in range(2)]
    errors: list[Unavailable] = []
    barrier = threading.Barrier(2)

    def cross(mine: Store, first: str, second: str) -> None:
        try:
            with writing(mine._engine) as c:
                for run in (first, second):
                    c.execute(text("UPDATE runs SET name = 'x' WHERE run_id = :run"), {"run": run})
                    if run == first:
                        barrier.wait()
        except Unavailable as error:
            errors.append(error)

    threads = [threading.Thread(target=cross, args=(s, *r)) for s, r in ((store, runs), (other, runs[::-1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (error,) = errors
    assert error.passing
    assert "waited for each other" in str(error)


@pytest.mark.parametrize(("value", "kind"), [("nul \x00 in it", "text"), (2**70, "bigint")])
def test_a_value_that_postgresql_cannot_hold_is_refused(store: Store, uri: str, value: str | int, kind: str) -> None:
    with pytest.raises(Invalid, match="cannot hold a value that was given"), reading(store._engine) as c:
        c.execute(text(f"SELECT CAST(:value AS {kind})"), {"value": value})


def test_reading_sees_one_state_throughout_and_cannot_write(store: Store, run: Run, other: Store) -> None:
    with reading(store._engine) as c:
        names = [c.execute(text("SELECT name FROM runs")).scalar_one()]
        other.update_run(run.run_id, name="changed")
        names.append(c.execute(text("SELECT name FROM runs")).scalar_one())
    assert names == ["first", "first"]
    with pytest.raises(Unavailable, match="read-only"), reading(store._engine) as c:
        c.execute(text("UPDATE runs SET name = 'x'"))
    assert store.get_run(run.run_id).name == "changed"


def test_all_text_sorts_by_code_point_whatever_the_database_says(store: Store) -> None:
    query = """SELECT table_name, column_name FROM information_schema.columns
               WHERE table_schema = current_schema() AND data_type IN ('text', 'character varying')
               AND collation_name IS DISTINCT FROM 'C'"""
    with reading(store._engine) as c:
        assert c.execute(text(query)).all() == []
        linguistic = c.execute(text("SELECT 'a' < 'B', 'a' < 'B' COLLATE \"C\"")).one()
    assert linguistic == (True, False)


MAKE = "import sys; from attain.tracking.store import open_store; open_store(sys.argv[1]).create_run('0')"


def test_several_processes_make_one_new_store_at_once(cluster: str, uri: str) -> None:
    with psycopg.connect(cluster.format(database="postgres"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE unmade")
    address = cluster.format(database="unmade")
    workers = [subprocess.Popen([sys.executable, "-W", "error", "-c", MAKE, address]) for _ in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    store = open_store(address)
    assert store.count_runs(["0"]) == 3
    store.close()


def test_a_whole_module_may_have_a_store_of_its_own(new_store: NewStore, store: Store, uri: str) -> None:
    mine = open_store(new_store("postgresql"))
    mine.create_run("0")
    assert store.count_runs(["0"]) == 0
    mine.close()
