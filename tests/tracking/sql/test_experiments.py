from collections.abc import Callable

import pytest

from attain.tracking.entities import Experiment
from attain.tracking.errors import Exists, Invalid, NotFound
from attain.tracking.sql.store import Store


def test_a_new_store_has_the_default_experiment(store: Store) -> None:
    default = store.experiment("0")
    assert (default.name, default.lifecycle_stage) == ("Default", "active")
    assert store.experiment_named("Default") == default


def test_an_experiment_keeps_what_it_was_made_with(store: Store) -> None:
    made = store.create_experiment("bkt", tags={"team": "a"})
    found = store.experiment(made)
    assert made == "1"
    assert (found.name, found.tags, found.artifact_location) == ("bkt", {"team": "a"}, "mlflow-artifacts:/1")
    assert store.experiment(store.create_experiment("x", "s3://b")).artifact_location == "s3://b"


def test_a_name_is_unique_also_among_deleted_experiments(store: Store) -> None:
    made = store.create_experiment("bkt")
    with pytest.raises(Exists, match="'bkt' already"):
        store.create_experiment("bkt")
    store.delete_experiment(made)
    with pytest.raises(Exists, match="Restore it, or choose"):
        store.create_experiment("bkt")
    with pytest.raises(Exists, match="is deleted"):
        store.ensure_experiment("bkt")


def test_ensure_makes_an_experiment_once(store: Store) -> None:
    assert store.ensure_experiment("bkt") == store.ensure_experiment("bkt")


def test_deleting_takes_the_runs_along_and_restoring_brings_those_back(store: Store) -> None:
    made = store.create_experiment("bkt")
    stays, gone = store.create_run(made), store.create_run(made)
    store.delete_run(gone.run_id)
    store.delete_experiment(made)
    assert store.get_run(stays.run_id).lifecycle_stage == "deleted"
    store.restore_experiment(made)
    assert store.get_run(stays.run_id).lifecycle_stage == "active"
    assert store.get_run(gone.run_id).lifecycle_stage == "deleted"


def test_a_second_delete_or_restore_finds_nothing(store: Store) -> None:
    made = store.create_experiment("bkt")
    with pytest.raises(NotFound, match="no deleted experiment"):
        store.restore_experiment(made)
    store.delete_experiment(made)
    with pytest.raises(NotFound, match="no active experiment"):
        store.delete_experiment(made)


def test_no_run_starts_in_a_deleted_or_missing_experiment(store: Store) -> None:
    made = store.create_experiment("bkt")
    store.delete_experiment(made)
    with pytest.raises(Invalid, match="is deleted"):
        store.create_run(made)
    for missing in ("7", "x", "", "-1", "1e3", "9" * 30):
        with pytest.raises(NotFound, match="no experiment"):
            store.create_run(missing)


def test_renaming_keeps_names_unique(store: Store) -> None:
    made = store.create_experiment("bkt")
    store.rename_experiment(made, "dkt")
    assert store.experiment(made).name == "dkt"
    store.rename_experiment(made, "dkt")
    with pytest.raises(Exists, match="'Default'"):
        store.rename_experiment(made, "Default")


def test_tags_are_overwritten_and_taken_away(store: Store) -> None:
    store.set_experiment_tags("0", {"a": "1", "b": "2"})
    store.set_experiment_tags("0", {"a": "3"})
    store.delete_experiment_tag("0", "b")
    assert store.experiment("0").tags == {"a": "3"}
    with pytest.raises(NotFound, match="no tag 'b'"):
        store.delete_experiment_tag("0", "b")


def test_a_list_of_experiments_has_pages_and_views(store: Store, all_pages: Callable[..., list[Experiment]]) -> None:
    made = [store.create_experiment(f"e{i}") for i in range(5)]
    store.delete_experiment(made[0])
    seen = all_pages(lambda token: store.list_experiments(max_results=2, page_token=token))
    assert [one.experiment_id for one in seen] == ["5", "4", "3", "2", "0"]
    assert [one.experiment_id for one in store.list_experiments("DELETED_ONLY").items] == ["1"]
    assert len(store.list_experiments("ALL").items) == 6
    with pytest.raises(Invalid, match="expected one of ACTIVE_ONLY"):
        store.list_experiments("BOTH")  # type: ignore[arg-type]  # wrong on purpose
