"""Many writes in one transaction."""

import pytest

from attain.tracking.entities import MetricPoint, Run
from attain.tracking.errors import Invalid
from attain.tracking.sql.engine import together, writing
from attain.tracking.sql.store import Store


def test_what_is_refused_leaves_the_others_of_its_transaction(store: Store, run: Run) -> None:
    with together(store._engine):
        store.log_batch(run.run_id, params={"model": "bkt"})
        with pytest.raises(Invalid, match="never change"):
            store.log_batch(run.run_id, [MetricPoint("auc", 0.7, 0)], params={"model": "dkt"}, tags={"team": "a"})
        store.log_batch(run.run_id, tags={"team": "b"})
        assert store.get_run(run.run_id).tags["team"] == "b"
    kept = store.get_run(run.run_id)
    assert (kept.params, kept.metrics, kept.tags["team"]) == ({"model": "bkt"}, {}, "b")


def test_nothing_of_a_transaction_that_breaks_off_is_kept(store: Store, run: Run) -> None:
    def break_off() -> None:
        with together(store._engine):
            store.log_batch(run.run_id, params={"model": "bkt"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert not store.get_run(run.run_id).params
    with writing(store._engine) as c:
        assert not c.in_nested_transaction()
