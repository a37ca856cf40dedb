import pytest

from attain.cli.report import print_report
from attain.metrics.evaluate import Value
from attain.suite.report import Column, Declared, Table


def test_where_no_model_finished_that_is_said_instead_of_an_empty_table(capsys: pytest.CaptureFixture[str]) -> None:
    value = Value("auc", None, 0.57, 0.55, 0.59, 321, 321, "", "")
    rate = Column("course_rate", "r" * 32, {"auc": value}, ())
    print_report([Table("oulad", (Declared("auc", "max", "probability", True),), (), (rate,), ())])
    said = capsys.readouterr().out
    assert "oulad: no model finished; these are only its baselines." in said
    assert "321 learners" in said
    assert "course_rate" in said
    assert "metric" not in said.split("baselines.")[1]
