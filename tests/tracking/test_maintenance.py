import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from attain.tracking import maintenance
from attain.tracking.entities import MetricPoint, Run
from attain.tracking.errors import Invalid, NotFound, Unavailable
from attain.tracking.liveness import now_ms
from attain.tracking.registry_entities import ModelPoint
from attain.tracking.sql import ledger, tables
from attain.tracking.sql.engine import reading
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database


def quiet(what: str, count: int) -> None:
    """Progress that nobody looks at."""


def test_a_backup_is_a_store_with_everything_in_it(store: Store, run: Run, tmp_path: Path) -> None:
    store.log_batch(run.run_id, [MetricPoint("loss", 1 / 3, 1)], params={"a": "é"}, tags={"t": "x"})
    store.create_experiment("another")
    file = tmp_path / "kept.db"
    assert maintenance.backup(store, file, quiet) == file.stat().st_size > 0
    kept = open_database(f"sqlite:///{file}")
    assert kept.get_run(run.run_id) == store.get_run(run.run_id)
    assert kept.list_experiments() == store.list_experiments()
    kept.close()
    assert [path.name for path in tmp_path.glob("kept.db*")] == ["kept.db"]


def test_a_backup_made_while_others_write_holds_one_moment(store: Store, run: Run, tmp_path: Path) -> None:
    done = threading.Event()

    def write() -> None:
        step = 0
        while not done.is_set():
            store.log_batch(run.run_id, [MetricPoint(key, step, step, step) for key in ("a", "b")])
            step += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            maintenance.backup(store, tmp_path / f"{number}.db", quiet)
    finally:
        done.set()
        writer.join()
    for number in range(3):
        kept = open_database(f"sqlite:///{tmp_path / f'{number}.db'}")
        a, b = (kept.metric_history(run.run_id, key, 50_000).items for key in ("a", "b"))
        assert [p.step for p in a] == [p.step for p in b] == list(range(len(a)))
        kept.close()


def test_a_backup_replaces_no_file_and_leaves_no_half(store: Store, run: Run, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    with pytest.raises(Invalid, match="There is a file"):
        maintenance.backup(store, tmp_path / "there", quiet)
    assert (tmp_path / "there").read_text() == "mine"
    with pytest.raises(Unavailable):
        maintenance.backup(store, tmp_path / "there" / "below", quiet)


def test_vacuum_removes_what_was_deleted_before_a_time_and_nothing_else(
    store: Store, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maintenance, "AT_ONCE", 2)
    experiment = store.create_experiment("gone")
    gone = [store.create_run(experiment, params={"a": "b"}).run_id for _ in range(3)]
    for one in gone:
        store.log_batch(one, [MetricPoint("m", i, i) for i in range(50)])
    store.delete_experiment(experiment)
    later = store.create_run("0").run_id
    stays = store.create_experiment("stays")
    assert maintenance.vacuum(store, quiet).runs == 0
    assert maintenance.vacuum(store, quiet, deleted_before=now_ms() - 60_000).runs == 0
    between = now_ms() + 1
    monkeypatch.setattr("attain.tracking.sql.store.now_ms", lambda: between + 1_000)
    store.delete_run(later)
    store.delete_experiment(stays)
    done = maintenance.vacuum(store, quiet, deleted_before=between)
    assert (done.runs, done.experiments) == (3, 1)
    for one in gone:
        with pytest.raises(NotFound):
            store.get_run(one)
    assert store.get_run(later).lifecycle_stage == "deleted"
    assert store.get_run(run.run_id) == run
    assert [one.name for one in store.list_experiments("ALL").items] == ["stays", "Default"]


def test_what_is_removed_for_good_stands_in_the_ledger(store: Store, run: Run) -> None:
    store.delete_run(run.run_id)
    maintenance.vacuum(store, quiet, deleted_before=now_ms() + 1_000)
    with reading(store._engine) as c:
        (entry,) = ledger.listed(c, 10, None).items
        assert ledger.verify(c).broken is None
    assert (entry.action, entry.object) == ("run.remove", "1 runs")
    assert run.run_id in entry.details


def test_deleted_logged_models_are_removed_with_all_they_have(store: Store, run: Run) -> None:
    gone, stays = (store.models.create("0", name=name, params={"a": "b"}).model_id for name in ("gone", "stays"))
    point = ModelPoint(gone, MetricPoint("auc", 0.7, 1))
    store.log_batch(run.run_id, about_models=[point])
    store.models.delete(gone)
    assert maintenance.vacuum(store, quiet, deleted_before=now_ms() - 60_000).models == 0
    done = maintenance.vacuum(store, quiet, deleted_before=now_ms() + 1_000)
    assert (done.models, done.runs, done.kept) == (1, 0, 0)
    with reading(store._engine) as c:
        assert c.execute(select(tables.logged_models.c.model_id)).scalars().all() == [stays]
        assert len(c.execute(select(tables.logged_model_params)).all()) == 1
        assert c.execute(select(tables.logged_model_metrics)).all() == []
        (entry,) = ledger.listed(c, 10, None).items
    assert (entry.action, entry.object) == ("model.remove", "1 logged models")
    assert gone in entry.details


def test_what_a_registered_version_is_made_of_stays_though_it_is_deleted(store: Store, run: Run) -> None:
    experiment = store.create_experiment("of the model")
    model = store.models.create(experiment, name="m", source_run_id=run.run_id)
    store.registry.create_model("early warning")
    store.registry.create_version("early warning", f"models:/{model.model_id}")
    store.registry.create_version("early warning", f"{run.artifact_uri}/model", run_id=run.run_id)
    store.models.delete(model.model_id)
    store.delete_run(run.run_id)
    store.delete_experiment(experiment)
    done = maintenance.vacuum(store, quiet, deleted_before=now_ms() + 1_000)
    assert (done.runs, done.models, done.experiments, done.kept) == (0, 0, 0, 2)
    assert store.get_run(run.run_id).lifecycle_stage == "deleted"
    for version in (1, 2):
        store.registry.delete_version("early warning", str(version))
    done = maintenance.vacuum(store, quiet, deleted_before=now_ms() + 1_000)
    assert (done.runs, done.models, done.experiments, done.kept) == (1, 1, 1, 0)


def test_a_restored_run_is_not_removed_and_a_second_deletion_does_not_make_it_younger(store: Store, run: Run) -> None:
    store.delete_run(run.run_id)
    store.restore_run(run.run_id)
    assert maintenance.vacuum(store, quiet, deleted_before=now_ms() + 1_000).runs == 0
    store.delete_run(run.run_id)
    after = now_ms() + 1
    while now_ms() <= after:
        pass
    store.delete_run(run.run_id)
    assert maintenance.vacuum(store, quiet, deleted_before=after).runs == 1


def test_vacuum_gives_room_back(store: Store, run: Run) -> None:
    store.add_points([(run.run_id, MetricPoint("m", i, i)) for i in range(30_000)])
    store.delete_run(run.run_id)
    done = maintenance.vacuum(store, quiet, deleted_before=now_ms() + 1_000)
    assert done.after < done.before - 400_000


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    for address in (f"sqlite:///{tmp_path / 'none' / 'attain.db'}", f"sqlite:///{tmp_path / 'attain.db'}"):
        with pytest.raises(NotFound, match="There is no store at"):
            maintenance.open_existing(address)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(Invalid, match="is a server; give the address of its database"):
        maintenance.open_existing("http://localhost:5000")
