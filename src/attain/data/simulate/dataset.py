"""The built-in data set: learners whose knowledge is known, for demos, tests and checks of metrics."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.rng import rng
from attain.core.table import SKILL_SEPARATOR
from attain.data.dataset import Dataset
from attain.data.interactions import Interactions
from attain.data.simulate import clock
from attain.data.simulate.knowledge import Bkt, Irt, Knowledge
from attain.data.simulate.options import SimulateOptions
from attain.data.simulate.practice import Answers, practise
from attain.data.simulate.world import World, draw_world


def simulated(name: str, options: SimulateOptions) -> Dataset:
    """Simulated answers with their truth.

    Tables of `truth`: `skills` (parameters), `prerequisites` (`skill`, `needs`), `items` (`item`, `skill`,
    `difficulty`), `learners` (`learner`, `speed`), and `mastery` (`learner`, `skill`, `opportunities`, and
    `known_at`: opportunities after which the skill was known, 0 if from the start, -1 if never).
    The fingerprint is left empty.
    """
    world = draw_world(options, rng(options.seed, "simulate", "world"))
    start = rng(options.seed, "simulate", "knowledge")
    knowledge = Bkt(world, options, start) if options.truth == "bkt" else Irt(world, options, start)
    answers = practise(world, knowledge, options, rng(options.seed, "simulate", "practice"))
    learners, skills = _names("learner", options.learners), _names("skill", options.skills)
    items = _names("item", len(world.difficulty))
    log = _log(world, answers, rng(options.seed, "simulate", "clock"), (learners, items, skills))
    cohorts = pd.DataFrame(
        {"gender": world.gender.astype(object), "school": world.school.astype(object)},
        index=pd.Index(learners, dtype=object, name="learner"),
    )
    truth = _truth(world, knowledge, answers, (learners, items, skills))
    return Dataset(name, log, "", options=options.model_dump(mode="json"), cohorts=cohorts, truth=truth)


Names = tuple[NDArray[np.object_], NDArray[np.object_], NDArray[np.object_]]


def _names(kind: str, count: int) -> NDArray[np.object_]:
    """`skill_01`, `skill_02`, …, so that names sort as numbers do."""
    width = len(str(count))
    return np.array([f"{kind}_{number:0{width}d}" for number in range(1, count + 1)], dtype=object)


def _log(world: World, answers: Answers, generator: np.random.Generator, names: Names) -> Interactions:
    learners, items, skills = names
    pairs = world.item_skill[answers.item]
    there = pairs >= 0
    duration = clock.durations(answers.knew, world.pace[answers.learner], generator)
    return Interactions(
        learner=answers.learner.astype(np.int32),
        item=answers.item.astype(np.int32),
        correct=answers.correct.astype(np.int8),
        skill=pairs[there].astype(np.int32),
        skill_start=np.concatenate([[0], np.cumsum(there.sum(axis=1))]).astype(np.int64),
        row=np.arange(len(answers.item), dtype=np.int64),
        learners=learners,
        items=items,
        skills=skills,
        time_s=clock.times(answers.learner, duration, generator),
        duration_s=duration.astype(np.float32),
    )


def _truth(world: World, knowledge: Knowledge, answers: Answers, names: Names) -> dict[str, pd.DataFrame]:
    learners, items, skills = names
    parameters = knowledge.parameters()
    parameters.insert(0, "skill", skills)
    after, before = np.nonzero(world.needs)
    joined = [SKILL_SEPARATOR.join(skills[s] for s in pair if s >= 0) for pair in world.item_skill]
    who, what = np.nonzero(answers.opportunities)
    mastery = {"learner": learners[who], "skill": skills[what], "opportunities": answers.opportunities[who, what]}
    return {
        "skills": parameters,
        "prerequisites": pd.DataFrame({"skill": skills[after], "needs": skills[before]}),
        "items": pd.DataFrame({"item": items, "skill": joined, "difficulty": world.difficulty}),
        "learners": pd.DataFrame({"learner": learners, "speed": world.speed}),
        "mastery": pd.DataFrame({**mastery, "known_at": answers.known_at[who, what]}),
    }
