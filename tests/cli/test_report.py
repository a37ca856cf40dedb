import pytest

from attain.cli.output import interval
from attain.cli.report import print_report, spread
from attain.cli.run import another_metric
from attain.metrics.evaluate import Value
from attain.suite.report import Column, Declared, Table
from attain.tasks import answer_scoring


def test_where_no_model_finished_that_is_said_instead_of_an_empty_table(capsys: pytest.CaptureFixture[str]) -> None:
    value = Value("auc", None, 0.57, 0.55, 0.59, 321, 321, "", "")
    rate = Column("course_rate", "r" * 32, {"auc": value}, ())
    print_report([Table("oulad", (Declared("auc", "max", "probability", True),), (), (rate,), ())])
    said = capsys.readouterr().out
    assert "oulad: no model finished; these are only its baselines." in said
    assert "321 learners" in said
    assert "course_rate" in said
    assert "metric" not in said.split("baselines.")[1]


@pytest.mark.parametrize(
    ("value", "low", "high", "said", "ends"),
    [
        (0.7497, 0.7395, 0.7599, "0.7497 ±0.0102", "0.7497 [0.7395, 0.7599]"),
        (-0.00086, -0.02, 0.019, "-0.0009 ±0.0195", "-0.0009 [-0.0200, 0.0190]"),
        (5.0, 4.8, 5.2, "5.000 ±0.200", "5.000 [4.800, 5.200]"),
        (100.0, 100.0, 100.0, "100 ±0", "100 [100, 100]"),
        (1.5e-05, 1.1e-05, 1.9e-05, "0.00001500 ±0.00000400", "0.00001500 [0.00001100, 0.00001900]"),
    ],
)
def test_a_value_has_no_more_and_no_fewer_decimals_than_its_interval_can_be_read_with(
    value: float, low: float, high: float, said: str, ends: str
) -> None:
    assert spread(Value("m", None, value, low, high, 10, 10, "", "")) == said
    assert interval(value, low, high) == ends


@pytest.mark.parametrize(
    ("task", "known", "offered"),
    [
        ("answer_scoring", ["score_rmse[seen]"], "score_correlation"),
        (
            "answer_scoring",
            [f"{one}[{part}]" for one in answer_scoring.METRICS for part in ("seen", "unseen")],
            '"score_correlation[unseen]"',  # without a part it has no value here, and `attain score` refuses it
        ),
        ("content_generation", ["chrf[0]", "failed_share"], "refused_share"),
    ],
)
def test_the_metric_that_is_offered_for_an_example_can_be_computed(task: str, known: list[str], offered: str) -> None:
    assert another_metric(task, known) == offered
