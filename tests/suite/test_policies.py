"""The matrix of policies by worlds: what it keeps, that it goes on where it stopped, and what it concludes."""

import json
from pathlib import Path

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.simulate.student import STUDENTS
from attain.repro.checkout import check_out
from attain.suite.policies import Cell, Interval, Matrix, run_matrix
from attain.suite.policies_config import read_matrix
from attain.suite.students import fitted
from attain.tracking import artifacts
from attain.tracking.store import Store, open_store

SMALL = """
suite: small
curriculum: {skills: 6, seed: 1}
learners: 60
steps: 60
seeds: [0, 1]
replicates: 200
policies: [zpd, equal_exposure]
students:
  - bkt
  - {name: irt_growth, label: growing, params: {gain: 0.4}}
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path / 'attain.db'}")


def write(folder: Path, text: str = SMALL) -> str:
    path = folder / "small.yaml"
    path.write_text(text)
    return str(path)


def test_every_policy_is_tried_in_every_world_and_the_baseline_is_always_there(tmp_path: Path, store: Store) -> None:
    found = run_matrix(read_matrix(write(tmp_path)), store, lambda _: None)
    assert found.policies == ("curriculum", "zpd", "equal_exposure")
    assert found.worlds == ("bkt", "growing")
    assert len(found.cells) == 6
    assert found.learners == 120
    for cell in found.cells:
        run = store.get_run(cell.run_id)
        assert run.status == "FINISHED"
        assert run.metrics["steps_to_mastery"] == pytest.approx(cell.steps.value)
        assert (cell.saved is None) == (cell.policy == "curriculum")


def test_what_is_saved_is_the_paired_difference_of_the_learners(tmp_path: Path, store: Store) -> None:
    found = run_matrix(read_matrix(write(tmp_path)), store, lambda _: None)

    def steps(policy: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        kept = json.loads(artifacts.read_bytes(store, found.cell(policy, "bkt").run_id, "learners.json"))
        reached = np.array(kept["reached"])
        return np.where(reached < 0, 60, reached)

    saved = found.cell("equal_exposure", "bkt").saved
    apart = steps("curriculum") - steps("equal_exposure")
    assert saved is not None
    assert saved.value == pytest.approx(apart.mean())
    half = 1.96 * apart.std() / np.sqrt(len(apart))
    assert saved.low == pytest.approx(apart.mean() - half, abs=half / 2)
    assert saved.high == pytest.approx(apart.mean() + half, abs=half / 2)


def test_what_is_finished_is_not_done_again(tmp_path: Path, store: Store) -> None:
    said: list[str] = []
    first = run_matrix(read_matrix(write(tmp_path)), store, said.append)
    assert not any("kept" in text for text in said)
    said.clear()
    more = SMALL.replace("policies: [zpd,", "policies: [zpd, random,")
    second = run_matrix(read_matrix(write(tmp_path, more)), store, said.append)
    assert sum("kept" in text for text in said) == 6
    assert second.cell("zpd", "bkt").run_id == first.cell("zpd", "bkt").run_id


def test_other_params_are_another_cell(tmp_path: Path, store: Store) -> None:
    said: list[str] = []
    run_matrix(read_matrix(write(tmp_path)), store, said.append)
    run_matrix(read_matrix(write(tmp_path, SMALL.replace("steps: 60", "steps: 61"))), store, said.append)
    assert not any("kept" in text for text in said)


def test_the_matrix_keeps_its_table_and_its_figures(tmp_path: Path, store: Store) -> None:
    found = run_matrix(read_matrix(write(tmp_path)), store, lambda _: None)
    kept = {file.path for file in store.artifacts_under(found.run_id)}
    assert {"matrix.json", "verdicts.txt", "suite.yaml", "figures/matrix.svg", "figures/gains.png"} <= kept


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[zpd, equal", "[zdp, equal", r"policies\.0: .*zdp.*Did you mean 'zpd'"),
        ("- bkt\n", "- bktt\n", r"students\.0: .*bktt.*Did you mean 'bkt'"),
        ("{gain: 0.4}", "{gian: 0.4}", r"students\.1\.params: .*gian.*Did you mean 'gain'"),
        ("learners: 60", "learner: 60", r"learner.*Did you mean 'learners'"),
        ("seeds: [0, 1]", "seeds: [0, 0]", "named twice"),
        ("[zpd, equal_exposure]", "[zpd, zpd]", "'zpd' is named twice"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = write(tmp_path, SMALL.replace(old, new))
    with pytest.raises(UserError, match=message) as raised:
        _read(file)
    assert "small.yaml:" in str(raised.value)


def _read(file: str) -> None:
    made = read_matrix(file)
    made.policies()
    made.students()


def _cell(policy: str, world: str, saved: float | None, p: float | None) -> Cell:
    steps = Interval(100, 90, 110)
    difference = None if saved is None else Interval(saved, saved - 1, saved + 1)
    return Cell(policy, world, "", steps, difference, p, 1, 1, 0, 1, 0, 0, None, 0, 1, 1)


def _matrix(**saved: tuple[tuple[float, float], tuple[float, float]]) -> Matrix:
    cells = [_cell("curriculum", world, None, None) for world in ("one", "two")]
    for policy, worlds in saved.items():
        cells += [_cell(policy, world, *values) for world, values in zip(("one", "two"), worlds, strict=True)]
    return Matrix("m", "", 500, 100, ("curriculum", *saved), ("one", "two"), tuple(cells), {})


def test_verdicts_say_where_a_policy_is_better_and_where_it_cannot_be_told() -> None:
    said = _matrix(
        flips=((20, 0.001), (-20, 0.001)),
        unsure=((20, 0.2), (20, 0.001)),
        same=((1, 0.9), (-1, 0.8)),
        bad=((-9, 0.0), (-9, 0.0)),
    ).verdicts()
    assert said == [
        "No policy beats the order of the curriculum in every world.",
        "flips is better than curriculum in one; worse in two.",
        "unsure is better than curriculum in two; no clear difference in one.",
        "No clear difference between same and curriculum in any world.",
        "bad is worse than curriculum in one and two.",
    ]


def test_a_policy_that_is_better_everywhere_is_said_to_be() -> None:
    assert _matrix(good=((9, 0.001), (9, 0.001))).verdicts() == [
        "Better than the order of the curriculum in every world: good."
    ]


def test_learners_fitted_to_a_data_set_are_like_its_learners() -> None:
    made = fitted(STUDENTS.get("bkt").create(spread=0), "simulated", {"learners": 400, "skills": 5, "seed": 3}, 5)
    assert made.distance["accuracy_gap"] < 0.05
    assert abs(made.distance["slope_gap"]) < 0.01
    assert len(made.curriculum.skills) == 5
    own = made.student.params.model_dump()
    assert len(own["learn"]) == 5


@pytest.mark.parametrize("kind", ["pfa", "irt_growth"])
def test_other_kinds_are_fitted_by_our_own_tracers(kind: str) -> None:
    made = fitted(STUDENTS.get(kind).create(spread=0.8), "simulated", {"learners": 400, "skills": 5, "seed": 3}, 5)
    assert made.distance["accuracy_gap"] < 0.1


def test_a_kind_that_cannot_be_fitted_says_which_can() -> None:
    with pytest.raises(UserError, match=r"'half_life' cannot be fitted.*bkt, irt_growth, pfa"):
        fitted(STUDENTS.get("half_life").create(), "simulated", {}, 5)


def test_the_matrix_keeps_the_code_that_it_was_made_with(
    home: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(home.parent))
    (home / "beside.py").write_text("A = 1\n")
    run = store.get_run(run_matrix(read_matrix(write(home)), store, lambda _: None).run_id)
    kept = {file.path for file in store.artifacts_under(run.run_id)}
    assert {"provenance.json", "environment.txt", "code/tree.bundle"} <= kept
    code = json.loads(artifacts.read_bytes(store, run.run_id, "provenance.json"))["code"]
    assert run.tags["attain.git.tree"] == code["tree"]
    check_out(code, artifacts.read_bytes(store, run.run_id, "code/tree.bundle"), home, home / "again")
    assert (home / "again" / "beside.py").read_text() == "A = 1\n"
