"""Runs by how their ids begin, experiments by name."""

import pytest

from attain.core.errors import UserError
from attain.tracking.find_run import experiments, find_run
from attain.tracking.sql.store import Store


def test_the_beginning_of_an_id_is_enough_while_it_is_the_only_one(store: Store) -> None:
    one, other = (store.create_run("0", run_id=start + "0" * 29).run_id for start in ("abc", "abd"))
    assert find_run(store, one).run_id == find_run(store, "abc").run_id == one
    with pytest.raises(UserError, match="is the beginning of several run ids") as refused:
        find_run(store, "ab")
    assert one in str(refused.value)
    assert other in str(refused.value)


@pytest.mark.parametrize(
    ("text", "said"), [("", "is not the id"), ("%", "is not the id"), ("f" * 32, "There is no run")]
)
def test_what_no_id_begins_with_is_told(store: Store, text: str, said: str) -> None:
    store.create_run("0")
    with pytest.raises(UserError, match=said):
        find_run(store, text)


def test_every_experiment_is_found_by_its_name_however_many_pages_there_are(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {name: store.create_experiment(name) for name in ("a", "b", "c")}
    listed = store.list_experiments
    monkeypatch.setattr(store, "list_experiments", lambda page_token=None: listed(max_results=2, page_token=page_token))
    assert experiments(store) == made | {"Default": "0"}
