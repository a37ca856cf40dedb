import numpy as np
import pytest
from numpy.typing import NDArray

from attain.core.component import Params
from attain.data.simulate.curriculum import Curriculum
from attain.data.simulate.student import STUDENTS
from attain.tasks.tutoring import NEVER, POLICIES, TutoringPolicy, teach

CURRICULUM = Curriculum.of(["a", "b", "c"], [(0, 1)])


class Scripted(TutoringPolicy):
    """Everybody gets the same items; skill 0 is declared mastered after the second."""

    name = "scripted"
    params: Params
    script: tuple[int, ...] = (1, 0, 0, 2)

    class _Lesson:
        def __init__(self, n: int, script: tuple[int, ...]) -> None:
            self.declared, self.expected = np.zeros((n, 3), dtype=bool), np.full(n, 0.5)
            self.script = script

        def choose(self, step: int) -> NDArray[np.int32]:
            item = self.script[step] if step < len(self.script) else NEVER
            return np.full(len(self.declared), item, dtype=np.int32)

        def observe(self, item: NDArray[np.int32], correct: NDArray[np.int8]) -> None:
            self.declared[:, 0] |= item == 0

    def begin(self, curriculum: Curriculum, n: int, generator: np.random.Generator) -> "_Lesson":
        return self._Lesson(n, self.script)


def sure(**params: object) -> dict[str, object]:
    return {"spread": 0, "prior": 0.0, "learn": 1.0, "guess": 0.0, "slip": 0.0, "unready": 0.0, **params}


def test_the_account_of_a_lesson_is_what_happened() -> None:
    # item 1 needs skill 0 and teaches nothing; 0 teaches skill 0; 0 again is over-practice; 2 teaches skill 2
    outcome = teach(Scripted(), STUDENTS.get("bkt").create(**sure()), CURRICULUM, learners=2, steps=10, share=2 / 3)
    assert outcome.steps.tolist() == [4, 4]
    assert outcome.reached.tolist() == [4, 4]
    assert outcome.at_end.tolist() == [2, 2]
    assert outcome.early.tolist() == [1, 1]
    assert outcome.over.tolist() == [1, 1]
    assert outcome.right.tolist() == [1, 1]
    assert outcome.declared.tolist() == [1, 1]
    assert outcome.declared_true.tolist() == [1, 1]
    assert outcome.seconds.tolist() == [120, 120]
    assert outcome.expected_error.tolist() == [4 * 0.5 - 1] * 2


def test_mastery_that_is_declared_and_not_true_is_counted_as_such() -> None:
    never = STUDENTS.get("bkt").create(**sure(learn=1e-12))
    outcome = teach(Scripted(), never, CURRICULUM, learners=2, steps=10)
    assert outcome.declared.tolist() == [1, 1]
    assert outcome.declared_true.tolist() == [0, 0]
    assert (outcome.reached == NEVER).all()


def test_who_knows_enough_at_the_start_needs_no_step() -> None:
    knows = STUDENTS.get("bkt").create(**sure(prior=1.0))
    assert teach(Scripted(), knows, CURRICULUM, learners=3, steps=5).reached.tolist() == [0, 0, 0]


def test_two_policies_teach_the_same_people_with_the_same_luck() -> None:
    student = STUDENTS.get("bkt").create()
    a = teach(POLICIES.get("curriculum").create(), student, CURRICULUM, learners=200, steps=1, seed=5)
    b = teach(POLICIES.get("zpd").create(), student, CURRICULUM, learners=200, steps=1, seed=5)
    np.testing.assert_array_equal(a.right, b.right)  # both begin with the first skill


@pytest.mark.parametrize("kind", ["bkt", "irt_growth"])
def test_adaptive_order_against_a_timetable_turns_with_how_learners_learn(kind: str) -> None:
    """The flip: a timetable is far behind where learners learn at once, and ahead where they grow unseen."""
    curriculum, student = Curriculum.random(20, seed=1), STUDENTS.get(kind).create()
    steps = {}
    for name in ("curriculum", "equal_exposure"):
        outcome = teach(POLICIES.get(name).create(), student, curriculum, learners=400, steps=500, seed=0)
        steps[name] = np.where(outcome.reached < 0, 500, outcome.reached)
    saved = steps["curriculum"] - steps["equal_exposure"]
    half = 2 * saved.std() / np.sqrt(len(saved))
    assert saved.mean() + half < -100 if kind == "bkt" else saved.mean() - half > 50
