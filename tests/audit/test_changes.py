import pandas as pd
import pytest

from attain.audit.changes import FEW, changes_sentence, smallest_changes
from attain.audit.small_groups import SuppressionRule

RULE = SuppressionRule()


def found(**sizes: int) -> pd.DataFrame:
    names = [name for name, size in sizes.items() for _ in range(size)]
    return pd.DataFrame({"feature": names, "now": range(len(names)), "needed": [2.0] * len(names)})


def test_features_are_counted_by_whose_smallest_change_they_are() -> None:
    plain = smallest_changes(found(missed=11, late=30, clicks=4), 60, "", RULE)
    assert [(one["feature"], one["share"]) for one in plain["features"]] == [("late", 0.5), ("missed", 0.1833)]
    assert plain["features"][0]["now"] == pytest.approx(25.5)
    assert plain["features"][0]["needed"] == 2
    assert plain["rest"] == pytest.approx(4 / 60, abs=1e-4)
    assert plain["none"] == 0.25
    assert sum(one["share"] for one in plain["features"]) + plain["rest"] + plain["none"] == pytest.approx(1, abs=1e-3)


def test_a_typical_value_of_a_few_is_not_told() -> None:
    assert smallest_changes(found(missed=9), 60, "", RULE)["features"] == []
    assert smallest_changes(found(missed=9), 9, "", RULE)["reason"] == FEW


def test_a_change_is_told_as_what_the_model_goes_by_and_promises_nothing() -> None:
    said = changes_sentence({"changes": smallest_changes(found(missed=45), 60, "", RULE)})
    assert said.startswith("Of 100 flagged, 75 would have been under the line with one value changed")
    assert "does not mean that reaching them helps" in said
    assert "is not known: no model." in changes_sentence({"changes": smallest_changes(None, 60, "no model", RULE)})
    assert "is not known" in changes_sentence({})
