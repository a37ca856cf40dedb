import re
from collections.abc import Callable
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.suite.config import find_suite, read_suite, suite_files
from attain.suite.plan import make_plan


def message(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        make_plan(read_suite(str(path)))
    return str(caught.value)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ({"models": "modells: [bkt]"}, "tiny.yaml:7: modells: Unknown field 'modells'. Did you mean 'models'"),
        ({"models": ""}, "models: is missing"),
        ({"models": "models: []"}, "tiny.yaml:7: models: .*at least 1"),
        (
            {"models": "models: [bktt]"},
            "tiny.yaml:7: models.0: Unknown knowledge tracing model 'bktt'. Did you mean 'bkt'",
        ),
        ({"models": "models:\n  - name: bkt\n    gird: {}"}, "tiny.yaml:9: models.0.gird: .* Did you mean 'grid'"),
        (
            {"models": "models:\n  - name: bkt\n    params: {start: 3}"},
            "tiny.yaml:9: models.0.params.start: .*'starts'",
        ),
        ({"models": "models:\n  - name: bkt\n    params: {starts: 0}"}, "tiny.yaml:9: models.0.params.starts: .*is 0"),
        ({"models": "models:\n  - name: bkt\n    grid: {starts: []}"}, "tiny.yaml:9: models.0.grid: .*is empty"),
        (
            {"models": "models:\n  - name: bkt\n    params: {starts: 1}\n    grid: {starts: [1]}"},
            "tiny.yaml:10: models.0.grid: 'starts' is in params and in grid",
        ),
        ({"models": "models: [absent:Model]"}, "tiny.yaml:7: models.0: Cannot find 'absent'"),
        ({"metrics": "metrics: [acu]"}, "tiny.yaml:8: metrics.0: Unknown metric 'acu'. Did you mean 'auc'"),
        ({"metrics": "metrics: ['accuracy@high']"}, "tiny.yaml:8: metrics.0: .*high"),
        (
            {"cohorts": "cohorts: [gendr]"},
            "tiny.yaml:10: cohorts.0: Unknown cohort attribute 'gendr'. Did you mean 'gender'",
        ),
        ({"split": "split: {by: learnr}"}, "tiny.yaml:5: split.*learnr"),
        ({"split": "split: {by: learner, folds: 1}"}, "tiny.yaml:5: split.folds: 1 is not right"),
        (
            {"split": "split: {by: learner, fold: 3}"},
            "tiny.yaml:5: split.fold: Unknown field 'fold'. Did you mean 'folds'",
        ),
        (
            {"split": "split: {by: time, train_shar: 0.5}"},
            "tiny.yaml:5: split.train_shar: .* Did you mean 'train_share'",
        ),
        ({"split": "split: {by: learner, folds: 99}"}, "tiny.yaml:3: datasets.0: 40 learners cannot be dealt into 99"),
        ({"split": "split: {by: published}"}, "tiny.yaml:3: datasets.0: This data set was not published with a split"),
        ({"models": "models: [bkt, bkt]"}, "tiny.yaml:7: models: 'bkt' is named twice with the same params"),
        ({"seeds": "seeds: [1, 1]"}, "tiny.yaml:10: seeds: .*a seed is named twice"),
        ({"metrics": "metrics: [auc, auc]"}, "tiny.yaml:8: metrics.1: 'auc' is named twice"),
        ({"seeds": "seeds: [a]"}, "tiny.yaml:10: seeds.0: 'a' is not right"),
        ({"replicates": "replicates: 5"}, "tiny.yaml:9: replicates: 5 is not right"),
    ],
)
def test_a_mistake_is_shown_with_its_line_and_the_mend(
    write_suite: Callable[..., Path], lines: dict[str, str], said: str
) -> None:
    text = message(write_suite(**lines))
    assert re.search(said, text, re.DOTALL), text


def test_every_suite_of_the_project_is_a_suite() -> None:
    for path in suite_files().values():
        assert read_suite(str(path)).suite.suite == path.stem


def test_a_suite_is_found_by_name_or_by_path(home: Path) -> None:
    (home / "configs" / "suites").mkdir(parents=True)
    (home / "configs" / "suites" / "mine.yaml").write_text("suite: mine\n")
    assert find_suite("mine") == home / "configs" / "suites" / "mine.yaml"
    assert find_suite("configs/suites/mine.yaml") == Path("configs/suites/mine.yaml")
    with pytest.raises(UserError, match=r"Unknown suite 'mime'. Did you mean 'mine'"):
        find_suite("mime")
    with pytest.raises(UserError, match=r"no suite file 'other.yaml'"):
        find_suite("other.yaml")
