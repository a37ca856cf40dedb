"""The built-in prompts: short lessons of our own, questions that made-up writers asked about them, and ratings.

The lessons are true, the writers and raters are not: a writer has a chance to spoil a question in a known way, and a
rating falls with the spoiling, with the rater's strictness and by luck. So what an analysis should find is known.
"""

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.rng import rng
from attain.data.dataset import Dataset
from attain.data.prompts import Prompts
from attain.data.simulate.lessons_options import LessonOptions

TOPICS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "water": (
        ("evaporation", "the change of a liquid into a gas at its surface", "a puddle is gone by noon"),
        ("condensation", "the change of a gas into a liquid", "a cold glass grows wet outside"),
        ("precipitation", "water that falls from clouds", "snow lies on the roofs in winter"),
        ("runoff", "rain that flows over the ground into a stream", "gutters fill after a storm"),
    ),
    "plants": (
        ("photosynthesis", "the making of sugar from light, water and carbon dioxide", "a leaf grows in the sun"),
        ("pollination", "the carrying of pollen from flower to flower", "bees visit an orchard"),
        ("germination", "the first growth of a seed", "a bean splits after a day in water"),
        ("transpiration", "the loss of water through the leaves", "a bag over a branch grows misty inside"),
    ),
    "numbers": (
        ("factor", "a number that divides another without a rest", "three goes into twelve four times"),
        ("multiple", "the product of a number and a whole number", "fifteen is five taken three times"),
        ("prime number", "a number above one that only one and itself divide", "seven stones fill no even box"),
        ("remainder", "what is left after a division", "nine apples for four friends leave one"),
    ),
    "forces": (
        ("friction", "the force that slows things that rub on each other", "a sledge stops on gravel"),
        ("gravity", "the force that pulls masses together", "a dropped key falls to the floor"),
        ("inertia", "the tendency of a body to keep its motion", "a rider leans forward when a bus stops"),
        ("buoyancy", "the push of a liquid on what is in it", "a cork rises in a bucket"),
    ),
}
"""Topic to its concepts: name, what it is, and where one sees it."""

LEADS = (
    "Look around you: {example}. What you see is {concept}. By {concept} we mean {meaning}.",
    "{Concept} is {meaning}. You have seen it when {example}.",
    "Today's word is {concept}. It stands for {meaning}. An example: {example}.",
)
REFERENCES = ("How would you explain {concept} in one sentence?", "Which word do we use for {meaning}?")
SYSTEMS = {"careful": 0.05, "plain": 0.25, "careless": 0.6}
"""A made-up writer to the chance that a question of its is spoiled."""
DIMENSIONS = {"clarity": 0.8, "answerability": 1.6, "relevance": 0.4}
"""What is rated to how much a spoiled question loses in it."""
SCALE = (1.0, 5.0)


def lessons(name: str, options: LessonOptions) -> Dataset[Prompts]:
    """The lessons with recorded questions and ratings; the fingerprint is left empty.

    Tables of `truth`: `pieces` (`prompt`, `system`, `spoiled`) and `raters` (`rater`, `strictness`).
    """
    table, topic = _table(options.prompts)
    pieces, spoiled = _pieces(table, options.seed)
    strictness = rng(options.seed, "lessons", "raters").normal(0, 0.4, options.raters)
    ratings = _ratings(pieces, spoiled, strictness, options.seed)
    index = pd.Index(table["prompt"], dtype=object, name="learner")
    cohorts = pd.DataFrame({"topic": topic}, index=index, dtype=object)
    truth = {
        "pieces": pieces[["prompt", "system"]].assign(spoiled=spoiled),
        "raters": pd.DataFrame({"rater": _raters(options.raters), "strictness": strictness}),
    }
    prompts = Prompts(table, pieces, ratings, SCALE)
    return Dataset(name, prompts, "", options=options.model_dump(mode="json"), cohorts=cohorts, truth=truth)


def _table(n_prompts: int) -> tuple[pd.DataFrame, list[str]]:
    """Each concept in each lead: a prompt of its own, with the other concepts of its topic as wrong options."""
    rows: list[dict[str, object]] = []
    topics = []
    for turn, lead in enumerate(LEADS):
        for topic, concepts in TOPICS.items():
            names = [concept for concept, _, _ in concepts]
            for at, (concept, meaning, example) in enumerate(concepts):
                words = {"concept": concept, "Concept": concept.capitalize(), "meaning": meaning, "example": example}
                others = names[at + 1 :] + names[:at]
                row = {
                    "passage": _sentences(lead.format(**words)),
                    "answer": (meaning, concept)[turn % 2],
                    "concept": concept,
                    "references": json.dumps([REFERENCES[turn % 2].format(**words)]),
                    "options": json.dumps([concept, *others]),
                    "level": float(3 + turn),
                }
                rows.append({"prompt": f"lesson_{len(rows) + 1:02}", "row": len(rows), **row})
                topics.append(topic)
    return pd.DataFrame(rows[:n_prompts]), topics[:n_prompts]


def _sentences(text: str) -> str:
    """The text with a capital at the start of each sentence."""
    return ". ".join(part[:1].upper() + part[1:] for part in text.split(". "))


def _pieces(table: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    parts, spoilt = [], []
    for system, chance in SYSTEMS.items():
        draw = rng(seed, "lessons", system)
        spoiled = draw.random(len(table)) < chance
        how = draw.integers(0, len(_SPOIL), len(table))
        texts = []
        for row, is_spoiled, which in zip(table.to_dict("records"), spoiled, how, strict=True):
            question = f"Which word stands for this: {row['answer']}?"
            if row["answer"] != row["concept"]:
                question = f"In the lesson, what is {row['concept']}?"
            texts.append(_SPOIL[which](question) if is_spoiled else question)
        parts.append(pd.DataFrame({"prompt": table["prompt"], "sample": 0, "system": system, "text": texts}))
        spoilt.append(spoiled)
    return pd.concat(parts, ignore_index=True), np.concatenate(spoilt)


_SPOIL: tuple[Callable[[str], str], ...] = (
    lambda question: question.removesuffix("?") + " and so on?",
    lambda question: "Tell all.",
    lambda question: "What is it?",
)


def _raters(count: int) -> list[str]:
    return [f"rater_{number:02}" for number in range(1, count + 1)]


def _ratings(
    pieces: pd.DataFrame,
    spoiled: NDArray[np.bool_],
    strictness: NDArray[np.float64],
    seed: int,
) -> pd.DataFrame:
    draw, parts = rng(seed, "lessons", "ratings"), []
    for dimension, loss in DIMENSIONS.items():
        for rater, own in zip(_raters(len(strictness)), strictness, strict=True):
            value = 4.4 - loss * spoiled - own + draw.normal(0, 0.5, len(pieces))
            known = pieces[["prompt", "sample", "system"]]
            rated = np.clip(np.rint(value), *SCALE)
            parts.append(known.assign(rater=rater, kind="person", dimension=dimension, value=rated))
    return pd.concat(parts, ignore_index=True)
