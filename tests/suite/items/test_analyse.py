"""The facts on items as one: odd data have defined values and sentences, small cohorts are hidden, states are said."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data.answers import log_of
from attain.data.items import Item
from attain.data.responses import Responses
from attain.data.simulate.exposure import exposed
from attain.suite.items.analyse import analyse
from attain.suite.items.facts import ItemReport, ItemRow


def _responses(seed: int = 0, **options: object) -> tuple[Responses, np.ndarray]:
    world = exposed(np.random.default_rng(seed), **({"learners": 200, "items": 20, "answers": 12} | options))
    log = log_of(world.learner, [f"i{k}" for k in world.item], [()] * len(world.item), world.correct)
    cohorts = pd.DataFrame({"group": np.where(world.focal, "b", "a")}, index=log.learners)
    return Responses(log, cohorts=cohorts), world.difficulty


def _by_item(report: ItemReport) -> dict[str, ItemRow]:
    return {row.item: row for row in report.items}


def test_the_joint_model_is_taken_where_exposure_depended_on_ability_and_a_tracer_where_not() -> None:
    steered, _ = _responses(learners=400, width=0.5)
    by_lot, difficulty = _responses(by="lot")
    assert analyse(steered).ability == "joint"
    found = analyse(by_lot)
    assert found.ability == "irt"
    rows = _by_item(found)
    b = np.array([rows[f"i{k}"].b for k in range(20)], dtype=float)
    joint = np.array([rows[f"i{k}"].joint_b for k in range(20)], dtype=float)
    assert np.corrcoef(b, difficulty)[0, 1] > 0.95
    assert np.corrcoef(b, joint)[0, 1] > 0.98


def test_items_with_few_answers_have_a_value_and_no_place() -> None:
    responses, _ = _responses()
    log = responses.log
    few = np.flatnonzero(log.item == 3)[29:]
    found = _by_item(analyse(replace(responses, log=log.take(np.setdiff1d(np.arange(len(log)), few)))))
    row = found[str(log.items[3])]
    assert (row.n, row.state, row.rank) == (29, "not enough data", None)
    assert row.b is not None
    assert row.se is not None
    ranked = [one.rank for one in found.values() if one.state == "ok"]
    assert sorted(ranked) == list(range(1, len(ranked) + 1))


def test_items_are_joined_by_id_and_those_without_answers_or_a_row_are_told() -> None:
    responses, _ = _responses()
    known = {f"i{k}": Item(f"i{k}", "generated", "tiny", level=float(k % 3)) for k in range(10)}
    found = analyse(responses, known | {"tiny/p/0": Item("tiny/p/0", "generated", "tiny")})
    rows = _by_item(found)
    assert set(rows) == {*known, "tiny/p/0"}, "only items of the table are judged"
    assert (rows["tiny/p/0"].state, rows["tiny/p/0"].b, rows["tiny/p/0"].n) == ("no answers", None, 0)
    assert any(
        one.startswith("answered items that are not in the table") and "(10, such as" in one for one in found.remarks
    )
    assert "items of the table without an answer: 1 (such as 'tiny/p/0')" in found.remarks
    (system,) = found.systems
    assert (system.system, system.items, system.judged) == ("tiny", 11, 10)


def test_all_right_and_all_wrong_items_are_finite_and_flagged() -> None:
    responses, _ = _responses()
    correct = responses.log.correct.copy()
    correct[responses.log.item == 0] = 1
    correct[responses.log.item == 1] = 0
    for ability in ("joint", "irt"):
        found = analyse(replace(responses, log=responses.log.with_correct(correct)), ability=ability)
        rows = _by_item(found)
        easy, hard = rows[str(responses.log.items[0])], rows[str(responses.log.items[1])]
        assert easy.b is not None
        assert hard.b is not None
        assert easy.b < min(row.b for row in found.items if row is not easy)
        assert hard.b > max(row.b for row in found.items if row is not hard)
        assert easy.flags == ("all right: the difficulty is finite by its prior",)
        assert any(one.startswith("items that are all right or all wrong: 2;") for one in found.remarks)


def test_repeated_answers_count_once() -> None:
    log = log_of(np.array([0, 0, 0, 1, 1]), ["a", "a", "b", "a", "b"], [()] * 5, [0, 1, 1, 1, 0])
    found = analyse(Responses(log), ability="joint")
    assert (found.answers, _by_item(found)["a"].n, _by_item(found)["a"].p) == (4, 2, 0.5)
    assert found.remarks[0] == "answers to an item that the learner had answered before do not count (1)"


@pytest.mark.parametrize("ability", ["joint", "irt", "auto"])
def test_one_learner_has_values_and_a_sentence(ability: str) -> None:
    log = log_of(np.zeros(6, int), list("abcdef"), [()] * 6, [0, 1, 1, 0, 1, 1])
    found = analyse(Responses(log), ability=ability)
    assert "all answers are by one learner: what is said of items is said of this learner only" in found.remarks
    assert found.exposure.share is None
    assert all(row.b is not None and row.state == "not enough data" for row in found.items)


def test_missing_abilities_leave_answers_out_and_it_is_said() -> None:
    responses, _ = _responses()
    ability = np.zeros(len(responses.log))
    ability[responses.log.item == 2] = np.nan
    ability[:5] = np.nan
    found = analyse(replace(responses, ability=ability))
    row = _by_item(found)[str(responses.log.items[2])]
    assert found.ability == "column"
    assert (row.b, row.state) == (None, "not enough data")
    assert row.p is not None
    missing = int(np.isnan(ability).sum())
    assert f"answers without a known ability do not count for difficulties ({missing})" in found.remarks


def test_small_cohorts_are_hidden_and_what_would_give_them_away_too() -> None:
    responses, _ = _responses()
    group = np.full(200, "a", dtype=object)
    group[:90], group[90:97] = "b", "c"
    found = analyse(replace(responses, cohorts=pd.DataFrame({"group": group})), by=["group"])
    small = [row for row in found.dif if row.cohort == "c"]
    assert small
    assert all(row.n is None and row.delta is None and row.b.value is None for row in small)
    assert all(row.reason.startswith("hidden") for row in small)
    other = [row for row in found.dif if row.cohort == "b" and row.item in {one.item for one in small}]
    assert all(row.n is None for row in other), "the total of the item and one cohort would give the other away"


def test_an_unknown_attribute_is_a_sentence() -> None:
    responses, _ = _responses()
    with pytest.raises(UserError, match=r"Unknown cohort attribute 'groop'\. Did you mean 'group'\?"):
        analyse(responses, by=["groop"])


def test_items_that_nobody_answered_at_all_are_a_sentence() -> None:
    responses, _ = _responses()
    with pytest.raises(
        UserError, match="None of the 1 items is answered: their ids are like 'x', those of the answers"
    ):
        analyse(responses, {"x": Item("x")})


def test_a_learner_without_others_and_a_lone_item() -> None:
    log = log_of(np.arange(40), ["a"] * 40, [()] * 40, np.arange(40) % 2)
    found = analyse(Responses(log), ability="joint")
    (row,) = found.items
    assert row.b is not None
    assert "half of the learners answered fewer than five items" in " ".join(found.remarks)
    with pytest.raises(UserError, match="there are no answers to other items"):
        analyse(Responses(log), ability="irt")


def test_a_declaration_that_the_answers_do_not_bear_out_is_doubted() -> None:
    steered, _ = _responses(learners=400, width=0.5)
    said = np.full(len(steered.log), "Random", dtype=object)
    found = analyse(replace(steered, exposure=said))
    assert found.declared == {"Random": found.answers}
    assert (
        "the answers say that items were given at random, and yet abler learners were asked other items"
        in found.remarks
    )
    said[::2] = "adaptive"
    assert not any("given at random" in one for one in analyse(replace(steered, exposure=said)).remarks)
