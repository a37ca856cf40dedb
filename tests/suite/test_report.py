from attain.metrics.difference import Difference
from attain.suite.report import Column, Declared, Table


def difference(a: str, b: str, reason: str) -> Difference:
    values = (0.8, 0.7) if not reason else (None, None)
    ends = (0.1, 0.05, 0.15, 0.01, 0.02) if not reason else (None,) * 5
    return Difference("auc", "max", (a, b), 3, 0, *values, *ends, reason)


def table(*differences: Difference) -> Table:
    columns = tuple(Column(label, label, {}, ()) for label in ("bkt", "pfa", "irt"))
    return Table("algebra", (Declared("auc", "max", "AUC", True),), columns, (), differences)


def test_one_reason_that_forbids_every_comparison_is_said_once() -> None:
    pairs = (("bkt", "pfa"), ("pfa", "irt"), ("bkt", "irt"))
    few = table(*(difference(a, b, "3 learners are too few") for a, b in pairs))
    assert few.verdicts() == ["no models can be compared on auc: 3 learners are too few"]


def test_a_reason_that_forbids_one_comparison_is_said_of_it() -> None:
    said = table(difference("bkt", "pfa", ""), difference("pfa", "irt", "irt failed on half")).verdicts()
    assert len(said) == 2
    assert "irt failed on half" in said[1]
    assert "irt failed on half" not in said[0]
