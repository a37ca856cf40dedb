from collections.abc import Callable
from pathlib import Path

from attain.suite.config import read_suite
from attain.suite.plan import Plan, make_plan, params_set

Write = Callable[..., Path]


def plan(path: Path) -> Plan:
    return make_plan(read_suite(str(path)))


def keys(path: Path) -> list[str]:
    return [job.key for job in plan(path).jobs]


def test_grids_seeds_and_folds_are_multiplied(write_suite: Write) -> None:
    made = plan(
        write_suite(
            models="models:\n  - name: bkt\n    grid: {starts: [1, 2], forgets: [true, false]}\n  - prior_rate",
            seeds="seeds: [0, 1]",
        )
    )
    assert len(made.runs) == (4 + 1) * 2
    assert len(made.jobs) == len(made.runs) * 2
    assert len({job.key for job in made.jobs}) == len(made.jobs)
    assert made.runs[0].label == "bkt starts=1 forgets=True seed=0"
    assert made.runs[-1].label == "prior_rate seed=1"


def test_a_key_changes_with_whatever_changes_the_result(write_suite: Write) -> None:
    base = keys(write_suite())
    assert keys(write_suite()) == base
    for change in (
        {"seeds": "seeds: [1]"},
        {"split": "split: {by: learner, folds: 2, seed: 1}"},
        {"models": "models:\n  - name: prior_rate\n    params: {shrink: 3}"},
        {"  - name": ""},
    ):
        path = write_suite(**change) if "  - name" not in change else write_suite()
        if "  - name" in change:
            path.write_text(path.read_text().replace("learners: 40", "learners: 41"))
        assert not set(keys(path)) & set(base), change


def test_a_key_does_not_change_with_what_leaves_the_result_alone(write_suite: Write) -> None:
    base = keys(write_suite())
    assert keys(write_suite(suite="suite: other", metrics="metrics: [brier]", replicates="replicates: 200")) == base
    assert keys(write_suite(models="models: [prior_rate, pfa]"))[:2] == base
    assert keys(write_suite(split="split: {by: learner, folds: 2, only: 1}")) == base[:1]


def test_other_code_of_a_model_is_another_job(write_suite: Write, write_model: Write) -> None:
    write_model()
    one = keys(write_suite(models="models: ['own:Own']"))
    assert keys(write_suite(models="models: ['own:Own']")) == one
    (write_suite().parent / "own.py").write_text(write_model("x = 1").read_text())
    assert not set(keys(write_suite(models="models: ['own:Own']"))) & set(one)


def test_two_sets_of_one_name_are_told_apart_by_their_options(write_suite: Write) -> None:
    text = write_suite().read_text()
    text = text.replace("split:", "  - name: simulated\n    options: {learners: 30}\nsplit:")
    path = write_suite()
    path.write_text(text)
    names = {run.dataset.name for run in plan(path).runs}
    assert names == {"simulated learners=40 skills=3 items=9 answers=20", "simulated learners=30"}


def test_a_file_of_answers_is_a_data_set(write_suite: Write, home: Path) -> None:
    rows = [f"s{learner};q{step % 3};{(learner + step) % 2}" for learner in range(6) for step in range(5)]
    (home / "mine.csv").write_text("\n".join(["who;what;right", *rows]))
    path = write_suite(
        datasets="datasets:\n  - file: mine.csv\n    columns: {learner: who, item: what, correct: right}"
    )
    path.write_text(
        path.read_text().replace(
            "  - name: simulated\n    options: {learners: 40, skills: 3, items: 9, answers: 20}\n", ""
        )
    )
    made = plan(path)
    assert made.runs[0].dataset.name == "mine"
    assert len(made.runs[0].dataset.log) == 30


def test_a_baseline_that_is_named_is_a_model_and_is_not_run_twice(write_suite: Write) -> None:
    made = plan(
        write_suite(models="models: [{name: last_mean}, bkt]", baselines="baselines: true", seeds="seeds: [0, 1]")
    )
    labels = [(run.label, run.baseline) for run in made.runs]
    assert labels == [
        ("last_mean seed=0", False),
        ("last_mean seed=1", False),
        ("bkt seed=0", False),
        ("bkt seed=1", False),
        ("learner_mean", True),
        ("item_mean", True),
    ]


def test_a_set_may_have_a_split_of_its_own(write_suite: Write) -> None:
    path = write_suite()
    text = path.read_text().replace(
        "\nsplit:", "\n    split: {by: learner, folds: 3}\n  - name: simulated\n    options: {learners: 30}\nsplit:"
    )
    path.write_text(text)
    made = plan(path)
    assert [len(run.jobs) for run in made.runs] == [3, 2]
    assert [run.jobs[0].split["folds"] for run in made.runs] == [3, 2]


def test_of_several_params_that_vary_only_the_unusual_values_are_said(write_suite: Write) -> None:
    models = "models:\n  - bkt\n  - {name: bkt, params: {forgets: true}}\n  - {name: bkt, params: {starts: 2}}"
    assert [run.label for run in plan(write_suite(models=models)).runs] == ["bkt", "bkt forgets=True", "bkt starts=2"]


def test_params_that_are_other_than_by_default_are_told_from_the_others(write_suite: Write) -> None:
    models = "models:\n  - bkt\n  - name: bkt\n    params: {starts: 2, forgets: false}"
    assert [params_set(run) for run in plan(write_suite(models=models)).runs] == [[], ["model.starts"]]
