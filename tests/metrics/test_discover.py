from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.metrics.discover import find, metric_ids

MINE = '''
import numpy as np
from attain.core.metric import Sums, metric

@metric(direction="max", unit="count", needs="target", written="at")
def my_answers(rows, least: int = 1):
    """How many answers."""
    return Sums(rows.sum_by_unit(np.ones(len(rows)))[:, None], lambda sums: sums[:, 0], "no answers")

not_a_metric = 3
'''


def test_every_id_finds_the_metric_of_that_id() -> None:
    assert metric_ids() == sorted(metric_ids())
    for identity in metric_ids():
        assert find(identity).id == identity


@pytest.mark.parametrize("identity", metric_ids())
def test_every_metric_says_what_it_means(identity: str) -> None:
    metric = find(identity)
    assert metric.summary.endswith((".", ";"))
    assert metric.needs
    assert metric.unit in {
        "probability", "share", "seconds", "minutes", "days", "opportunities", "count", "nats", "score",
        "weeks", "points",
    }  # fmt: skip


def test_a_bare_name_has_the_default_parameters() -> None:
    assert find("accuracy").id == "accuracy@0.5"
    assert find("ece[10,uniform]").id == "ece[10,uniform]"


def test_an_unknown_name_offers_the_nearest() -> None:
    with pytest.raises(UserError, match=r"Unknown metric 'acuracy'. Did you mean 'accuracy'"):
        find("acuracy@0.5")


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        ("accuracy@half", "threshold is 'half'"),
        ("accuracy@1.5", "threshold is '1.5'. Input should be less than or equal to 1"),
        ("auc@3", "has 0 parameter"),
        ("ece[15", "not well formed"),
    ],
)
def test_a_bad_parameter_is_named(identity: str, words: str) -> None:
    with pytest.raises(UserError, match=words.replace("(", r"\(")):
        find(identity)


def test_a_metric_in_a_file_beside_the_suite_is_found_by_path(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    metric = find("mine:my_answers", folder=tmp_path)
    assert metric.id == "mine:my_answers@1"
    assert find(metric.id, folder=tmp_path).id == metric.id


def test_a_file_without_that_metric_is_a_plain_error(tmp_path: Path) -> None:
    (tmp_path / "mine2.py").write_text(MINE)
    with pytest.raises(UserError, match="has no metric 'not_a_metric'"):
        find("mine2:not_a_metric", folder=tmp_path)
