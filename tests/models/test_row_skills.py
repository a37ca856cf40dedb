import numpy as np

from attain.models._row_skills import mean_over_skills
from attain.testing.small import make_log


def test_the_value_of_an_answer_is_the_mean_over_its_skills() -> None:
    log = make_log(np.array([0, 0, 1]), np.array([0, 1, 2]), np.array([1, 0, 1]), [[0, 2], [], [1]])
    np.testing.assert_allclose(mean_over_skills(log, np.array([1.0, 10, 100]), -1), [50.5, -1, 10])
