"""The way back to what was in use, as the ledger knows it."""

import json
from collections.abc import Callable

import pytest

from attain.core.errors import UserError
from attain.suite.gates.promote import Decision
from attain.suite.gates.rollback import rollback
from attain.tracking.sql.store import Store

Challenge = Callable[..., str]
Judge = Callable[..., Decision]


def back(store: Store, because: str = "it went wrong") -> int:
    return rollback(store, "dropout", "champion", because, "ada").now


def test_a_rollback_goes_back_promotion_by_promotion(store: Store, challenge: Challenge, judge: Judge) -> None:
    for truth in (1.2, 2.4, 3.6):
        decision = judge(challenge(truth=truth), despite_unknown=True)
        assert decision.result == "promoted", decision.sentence
    assert back(store) == 3
    assert judge("4", despite_unknown=True).result == "promoted", "the same comparison as before"
    assert [back(store), back(store), back(store)] == [3, 2, 1]
    assert store.registry.version_by_alias("dropout", "champion").version == 1
    line = store.access.about("model dropout", ["model.rollback"])[-1]
    assert json.loads(line.details) == {
        "alias": "champion",
        "because": "it went wrong",
        "from": 2,
        "version": 1,
    }
    with pytest.raises(UserError, match="Version 1 is the first champion of 'dropout'"):
        back(store)


def test_what_cannot_be_rolled_back_is_a_sentence(store: Store, challenge: Challenge, judge: Judge) -> None:
    with pytest.raises(UserError, match="A rollback needs its reason"):
        back(store, " ")
    with pytest.raises(UserError, match="'dropout' has no challenger that was promoted"):
        rollback(store, "dropout", "challenger", "oops", "ada")
    judge(challenge(truth=1.2))
    store.registry.set_alias("dropout", "champion", challenge(noise=0.1))
    with pytest.raises(UserError, match="dropout@champion is version 3, and the ledger says version 2: it was moved"):
        back(store)


def test_a_deleted_version_is_not_gone_back_to(store: Store, challenge: Challenge, judge: Judge) -> None:
    judge(challenge(truth=1.2))
    store.registry.delete_version("dropout", 1)
    with pytest.raises(UserError, match="'dropout' has no version 1"):
        back(store)
    assert store.registry.version_by_alias("dropout", "champion").version == 2
