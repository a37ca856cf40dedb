from pathlib import Path

import pytest

from attain.audit.policy import Policy, read_policy
from attain.core.errors import UserError


def written(folder: Path, text: str) -> str:
    file = folder / "ours.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_the_institutions_file_can_be_named_and_holds_every_field() -> None:
    policy = read_policy("institution")
    assert policy.source is not None
    assert set(policy.source.data) == set(Policy.model_fields)
    assert policy.policy.tolerated("false_positive_rate") == 0.05
    assert policy.policy.tolerated("selection_rate") == 0.1


def test_without_a_file_the_usual_values_hold_and_are_said_to() -> None:
    read = read_policy(None)
    assert read.policy == Policy()
    assert "no policy file" in read.name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "institution: X\nmetrics:\n  - recall\n  - fals_positive_rate\n",
            r"ours.yaml:4: metrics.1: Unknown metric 'fals_positive_rate'. Did you mean 'false_positive_rate'",
        ),
        ("tolerance: {recal: 0.1}\n", r"ours.yaml:1: tolerance: Unknown metric 'recal'. Did you mean 'recall'"),
        ("metrics: [recall]\ncapcity: {count: 3}\n", r"ours.yaml:2: capcity: Unknown field .* Did you mean 'capacity'"),
        ("capacity: {count: 3, share: 0.1}\n", r"ours.yaml:1: capacity: give `count` or `share`, one of them"),
        ("\n\nalpha: 5\n", r"ours.yaml:3: alpha: 5 is not right"),
        ("metrics: [recall, recall]\n", r"ours.yaml:1: metrics: a metric is named twice"),
        ("rounding: tens\n", r"ours.yaml:1: rounding: 'tens' is not right"),
        ("tolerance: ten\n", r"ours.yaml:1: tolerance.default: 'ten' is not right"),
        ("capacity: 40", r"ours.yaml:1: capacity: 40 is not right: expected fields of count, share, per_course"),
    ],
)
def test_a_fault_is_one_sentence_with_file_and_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        read_policy(written(tmp_path, text))


def test_one_tolerance_is_that_of_every_metric(tmp_path: Path) -> None:
    policy = read_policy(written(tmp_path, "tolerance: 0.03\n")).policy
    assert {policy.tolerated(name) for name in ("recall", "equalized_odds", "selection_rate")} == {0.03}


def test_an_unknown_attribute_is_shown_where_the_file_names_it(tmp_path: Path) -> None:
    read = read_policy(written(tmp_path, "by:\n  - gender\n  - gender*agee\n"))
    with pytest.raises(UserError, match=r"ours.yaml:3: by.1: Unknown cohort attribute 'agee'. Did you mean 'age'"):
        read.check_attributes(read.policy.by, ["gender", "age"])
    with pytest.raises(UserError, match=r"^Unknown cohort attribute 'heigth'"):
        read.check_attributes(["heigth"], ["gender", "age"])


def test_a_policy_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UserError, match=r"Unknown policy 'instituton'. Did you mean 'institution'"):
        read_policy("instituton")
    with pytest.raises(UserError, match=r"There is no policy file 'no/such.yaml'. Known by name: .*institution"):
        read_policy("no/such.yaml")
