import numpy as np
import pytest

pytest.importorskip("gymnasium", reason="needs attain[gym]")

from gymnasium.utils.env_checker import check_env

from attain.data.simulate.curriculum import Curriculum
from attain.data.simulate.student import STUDENTS
from attain.tasks.tutoring import POLICIES, teach
from attain.tasks.tutoring_env import TutoringEnv

CURRICULUM = Curriculum.of(["a", "b", "c"], [(0, 1)], items_per_skill=2)


def make(**params: object) -> TutoringEnv:
    return TutoringEnv(STUDENTS.get("bkt").create(**params), CURRICULUM, steps=30)


@pytest.mark.filterwarnings("ignore")
def test_it_is_an_environment_as_gymnasium_checks_them() -> None:
    check_env(make(), skip_render_check=True)


def test_the_rewards_of_a_lesson_add_up_to_the_skills_that_were_gained() -> None:
    env = make(prior=0.0, spread=0)
    env.reset(seed=3)
    total, info = 0.0, {"mastered": 0}
    for step in range(30):
        _, reward, ended, out_of_time, info = env.step(np.int64(step % 6))
        total += reward
        if ended or out_of_time:
            break
    assert total == pytest.approx(info["mastered"] / 3)


def test_it_sees_what_a_tutor_sees() -> None:
    env = make(slip=0.0, guess=0.0, prior=1.0 - 1e-9, spread=0)
    env.reset(seed=0)
    seen, *_ = env.step(np.int64(2))
    np.testing.assert_allclose(seen, [0, 1 / 30, 0, 0, 0, 0])


def test_a_learner_who_leaves_ends_it() -> None:
    env = make(leave=0.999)
    env.reset(seed=0)
    _, _, ended, _, info = env.step(np.int64(0))
    assert ended
    assert info["left"]


def test_a_policy_reaches_in_it_what_it_reaches_with_all_learners_together() -> None:
    """The mean over single learners, taught item by item, is that of learners stepped together."""
    student = STUDENTS.get("bkt").create(spread=0)
    together = teach(POLICIES.get("equal_exposure").create(answers=5), student, CURRICULUM, learners=3000, steps=15)
    mastered = []
    env = TutoringEnv(student, CURRICULUM, steps=15)
    for seed in range(400):
        env.reset(seed=seed)
        for step in range(15):
            *_, info = env.step(np.int64(2 * ((step // 5) % 3)))
        mastered.append(info["mastered"])
    assert np.mean(mastered) == pytest.approx(together.at_end.mean(), abs=4 * np.std(mastered) / 20)
