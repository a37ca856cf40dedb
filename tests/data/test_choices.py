import json

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.data.choices import Choices, choices_of
from attain.testing.small import small_log
from attain.testing.small_choices import small_choices


def test_what_is_written_is_read_again() -> None:
    log = small_choices(0)
    again = Choices.of(log.arrays(), json.loads(json.dumps(log.texts())))
    for name, array in log.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array, err_msg=name)
    assert again.texts() == log.texts()


def test_a_repeat_is_an_item_that_the_learner_took_before() -> None:
    log = small_choices(0)
    taken: set[tuple[int, int]] = set()
    for row in range(len(log)):
        pair = (int(log.learner[row]), int(log.item[row]))
        assert log.repeated[row] == (pair in taken)
        taken.add(pair)


def test_answers_become_choices_with_the_skills_that_an_item_has_over_all_its_answers() -> None:
    log = small_log(0)
    made = choices_of(log)
    frame = log.frame().assign(skill=lambda f: f["skill"].str.split("~~")).explode("skill")
    expected = frame[frame["skill"] != ""].groupby("item")["skill"].agg(set).to_dict()
    found = {str(name): set(_skills_of(made, i)) for i, name in enumerate(made.items) if len(_skills_of(made, i))}
    assert found == {str(name): skills for name, skills in expected.items()}
    np.testing.assert_array_equal(made.correct, log.correct)


def _skills_of(log: Choices, item: int) -> NDArray[np.object_]:
    return log.skills[log.skill[log.skill_start[item] : log.skill_start[item + 1]]]


def test_a_tracer_gets_the_answers_with_the_skills_of_their_items() -> None:
    log = small_choices(0)
    assert log.correct is not None
    answers = log.interactions
    np.testing.assert_array_equal(answers.correct, log.correct)
    frame = pd.DataFrame({"item": answers.items[answers.item], "skill": answers.skill_text.astype(object)})
    assert (frame["skill"] == [f"skill {int(name.split()[1]) % 6}" for name in frame["item"]]).all()
