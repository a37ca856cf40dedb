"""How an audit calls the outcome: as the policy does, else as the data set's card does."""

from attain.audit.policy import Policy, Words
from attain.data.card import dataset_names, find_card
from attain.tracking.entities import Run


def in_words(run: Run, policy: Policy) -> Policy:
    """The policy with the card's words for the outcome that the run is about, where it has none of its own."""
    name = run.params.get("dataset", "").split(" ")[0]  # in a suite, options may stand behind it
    courses = find_card(name).card.courses if name in dataset_names() else None
    if policy.outcome != Words() or courses is None:
        return policy
    given = run.params.get("dataset.outcome", "None")
    outcome = courses.outcomes.get(next(iter(courses.outcomes)) if given == "None" else given)
    if outcome is None or not (outcome.had and outcome.had_not):
        return policy
    return policy.model_copy(update={"outcome": Words(had=outcome.had, had_not=outcome.had_not)})
