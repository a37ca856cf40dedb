"""The built-in set of courses: how each enrolment really ends is known, and so is what is wrong in the record."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from attain.core.rng import rng
from attain.data.courses.peers import peers
from attain.data.dataset import Dataset
from attain.data.enrolments import Enrolments, Fact
from attain.data.simulate import course_record
from attain.data.simulate.course_options import SimulateCoursesOptions
from attain.data.simulate.course_record import Bools, Names
from attain.data.simulate.course_world import BACKGROUNDS, GENDERS, CourseWorld, draw_courses


def simulated_courses(name: str, options: SimulateCoursesOptions) -> Dataset[Enrolments]:
    """Simulated enrolments at a cut-off day, with their truth.

    Tables of `truth`: `learners` (`learner`, `ability`), `offerings` (`course`, `term`, `level`: log odds of a bad end
    for a learner of mean effort), and `enrolments` (`example`, `effort`, `risk`: the true probability of a bad end;
    `ends_badly`: what came of it; `recorded`: what the record says; `left_day`). The fingerprint is left empty.
    """
    world = draw_courses(options, rng(options.seed, "courses", "world"))
    recorded = course_record.recorded_ends(world, options, rng(options.seed, "courses", "label"))
    last = np.inf if "later_events" in options.mistakes else options.as_of
    log = _log(world, options, recorded)
    clicks = course_record.clicks(world, options, rng(options.seed, "courses", "clicks"))
    results, schedule = course_record.results(world, options, rng(options.seed, "courses", "results"))
    log = replace(
        log,
        activity=clicks.where(clicks.day <= last),
        results=results.where(results.day <= last),
        schedule=schedule.where(schedule.due <= last),
    )
    there = np.ones(len(log), dtype=bool)
    if "left_already" not in options.mistakes:
        there = ~(world.left_day <= options.as_of)
    log = replace(log, facts={**log.facts, **peers(log, there)}).take(there)
    return Dataset(
        name,
        log,
        "",
        options=options.model_dump(mode="json"),
        cohorts=_cohorts(world, log),
        truth=_truth(world, log, recorded),
    )


def _log(world: CourseWorld, options: SimulateCoursesOptions, recorded: Bools) -> Enrolments:
    n, left = len(world.learner), world.left_day
    outcome, event_day = recorded, np.where(recorded, left, np.nan)
    if options.outcome == "withdrawn_within":
        outcome = (left > options.as_of) & (left <= options.as_of + options.horizon)
        event_day = np.where(left <= options.as_of + options.horizon, left, np.nan)
    return Enrolments(
        learner=world.learner.astype(np.int32),
        offering=world.offering.astype(np.int32),
        outcome=outcome.astype(float),
        event_day=event_day,
        row=np.arange(n, dtype=np.int64),
        course=world.course.astype(np.int32),
        term=world.term.astype(np.int32),
        length=np.full(len(world.course), float(options.length)),
        learners=_names("learner", len(world.ability)),
        courses=_names("course", options.courses),
        terms=_names("term", options.terms),
        as_of=options.as_of,
        facts=_facts(world, options),
        recorded_until=np.full(len(world.course), np.inf),
    )


def _facts(world: CourseWorld, options: SimulateCoursesOptions) -> dict[str, Fact]:
    facts = {
        "gender": Fact("demographics", world.gender[world.learner].astype(np.int32), _array(GENDERS)),
        "background": Fact("demographics", world.background[world.learner].astype(np.int32), _array(BACKGROUNDS)),
        "earlier_attempts": Fact("prior_results", world.attempts.astype(float)),
        "registration_day": Fact("registration", world.registered),
    }
    if options.courses > 1:
        course = world.course[world.offering].astype(np.int32)
        facts["course"] = Fact("course", course, _names("course", options.courses))
    if "end_day" in options.mistakes:
        facts["end_day"] = Fact("registration", world.left_day)
    return facts


def _cohorts(world: CourseWorld, log: Enrolments) -> pd.DataFrame:
    attributes = {"gender": _array(GENDERS)[world.gender], "background": _array(BACKGROUNDS)[world.background]}
    return pd.DataFrame(attributes, index=pd.Index(log.learners, dtype=object, name="learner"), dtype=object)


def _truth(world: CourseWorld, log: Enrolments, recorded: Bools) -> dict[str, pd.DataFrame]:
    kept = log.row
    offerings = {"course": log.courses[world.course], "term": log.terms[world.term], "level": world.level}
    enrolments = {
        "example": kept,
        "effort": world.effort[kept],
        "risk": world.risk[kept],
        "ends_badly": world.ends_badly[kept],
        "recorded": recorded[kept],
        "left_day": world.left_day[kept],
    }
    return {
        "learners": pd.DataFrame({"learner": log.learners, "ability": world.ability}),
        "offerings": pd.DataFrame(offerings),
        "enrolments": pd.DataFrame(enrolments),
    }


def _names(kind: str, count: int) -> Names:
    width = len(str(count))
    return _array([f"{kind}_{number:0{width}d}" for number in range(1, count + 1)])


def _array(names: Sequence[str]) -> Names:
    return np.array(names, dtype=object)
