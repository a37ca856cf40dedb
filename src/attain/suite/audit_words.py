"""How an audit calls the outcome: as the policy does, else as the data set's card does."""

from attain.audit.policy import Policy, Words
from attain.data.card import dataset_names, find_card
from attain.data.courses.source import Courses
from attain.tracking.entities import Run


def usual_outcome(run: Run) -> str:
    """The outcome that the run's data set has where none is named; "" where its card tells of none."""
    courses = _courses(run)
    return next(iter(courses.outcomes), "") if courses else ""


def in_words(run: Run, policy: Policy) -> Policy:
    """The policy with the card's words for the outcome that the run is about, where it has none of its own."""
    courses = _courses(run)
    if policy.outcome != Words() or courses is None:
        return policy
    given = run.params.get("dataset.outcome", "None")
    outcome = courses.outcomes.get(next(iter(courses.outcomes)) if given == "None" else given)
    if outcome is None or not (outcome.had and outcome.had_not):
        return policy
    return policy.model_copy(update={"outcome": Words(had=outcome.had, had_not=outcome.had_not)})


def _courses(run: Run) -> Courses | None:
    name = run.params.get("dataset", "").split(" ")[0]  # in a suite, options may stand behind it
    return find_card(name).card.courses if name in dataset_names() else None
