import json
from collections.abc import Callable

import numpy as np
import pytest

from attain.audit.capacity import Capacity
from attain.audit.choices import consequences, cost_curve, shown_consequences
from attain.audit.rates import RATES, rates
from attain.audit.rows import audit_rows
from attain.audit.suppression import NOT_SHOWN, SuppressionRule
from attain.core.errors import UserError


def test_choices_at_equal_capacity_flag_equally_many_but_not_the_same_cohorts(world: Callable) -> None:
    made = world(1, n=4000, of_course=0.7)
    of_all, of_each = consequences(made.rows(["gender"]), [Capacity(share=0.2), Capacity(share=0.2, per_stratum=True)])
    assert abs(int(of_all.flags.flag.sum()) - int(of_each.flags.flag.sum())) <= 4
    women = [float(one.tables[1].column(RATES["false_positive_rate"]).value[0]) for one in (of_all, of_each)]
    assert women[0] > women[1] + 0.03


def test_what_is_hidden_for_one_choice_is_hidden_for_all(world: Callable) -> None:
    made = world(n=300)
    chosen = rates(["false_discovery_rate", "selection_rate"])
    found = consequences(made.rows(["age"]), [Capacity(share=0.05), Capacity(share=0.9)])
    shown = json.loads(json.dumps(shown_consequences(found, chosen, SuppressionRule()), allow_nan=False))
    hidden = [
        {
            (c["values"]["age"], n)
            for c in one["tables"][1]["cohorts"]
            for n, r in c["rates"].items()
            if r.get("reason") == NOT_SHOWN
        }
        for one in shown
    ]
    assert hidden[0] == hidden[1] != set()


def test_every_point_of_the_cost_curve_is_that_of_its_flags(world: Callable) -> None:
    made = world(n=200)
    frame = made.frame.assign(score=made.frame["score"].round(1))
    curve = cost_curve(audit_rows(frame), missed=5, in_vain=1, call=0.25)
    target = frame["target"].to_numpy()
    for k, threshold, cost in zip(curve.flagged[1:], curve.threshold[1:], curve.cost[1:], strict=True):
        flag = (frame["score"] >= threshold).to_numpy()
        assert flag.sum() == k
        assert cost == pytest.approx(5 * (target * ~flag).sum() + ((1 - target) * flag).sum() + 0.25 * k)
    assert curve.cost[0] == 5 * target.sum()
    least, most = curve.cheapest
    assert least <= most
    assert curve.cost[np.isin(curve.flagged, [least, most])].max() == pytest.approx(curve.cost.min())


def test_dear_calls_mean_that_nobody_is_called(world: Callable) -> None:
    assert cost_curve(world(n=100).rows(), missed=1, in_vain=1, call=5).cheapest == (0, 0)
    assert cost_curve(world(n=100).rows(), missed=1, in_vain=0).cheapest[1] == 100
    with pytest.raises(UserError, match="price in_vain is -1"):
        cost_curve(world(n=100).rows(), missed=1, in_vain=-1)
