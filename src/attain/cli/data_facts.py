"""What is in a data set, as tables in the terminal: one for each kind of data."""

from dataclasses import asdict
from typing import Any

from attain.cli.output import number, print_json, print_table
from attain.data.choices import Choices
from attain.data.dataset import Dataset
from attain.data.describe import Facts, Spread, describe
from attain.data.describe_choices import ChoiceFacts, describe_choices
from attain.data.describe_enrolments import EnrolmentFacts, describe_enrolments
from attain.data.describe_prompts import PromptFacts, describe_prompts
from attain.data.describe_scored import ScoredFacts, describe_scored
from attain.data.enrolments import Enrolments
from attain.data.prompts import Prompts
from attain.data.scored_answers import ScoredAnswers

Known = Facts | EnrolmentFacts | ChoiceFacts | PromptFacts | ScoredFacts


def print_facts(dataset: Dataset[Any], *, as_json: bool) -> None:  # of any content
    """What is in a data set, and what was changed."""
    facts, rows = _said(dataset)
    if as_json:
        print_json(asdict(facts))
        return
    print(facts.name)
    print_table(["", ""], [*rows, ["fingerprint", facts.fingerprint]])
    _print_cohorts_and_changes(facts)


def _said(dataset: Dataset[Any]) -> tuple[Known, list[list[str]]]:  # of any content
    """The facts, and what is shown of them."""
    log = dataset.log
    facts: Known
    if isinstance(log, Enrolments):
        return (facts := describe_enrolments(dataset)), _of_enrolments(facts)
    if isinstance(log, Choices):
        return (facts := describe_choices(dataset)), _of_choices(facts)
    if isinstance(log, Prompts):
        return (facts := describe_prompts(dataset)), _of_prompts(facts)
    if isinstance(log, ScoredAnswers):
        return (facts := describe_scored(dataset)), _of_scored(facts)
    return (facts := describe(dataset)), _of_answers(facts)


def _of_answers(facts: Facts) -> list[list[str]]:
    return [
        ["answers", str(facts.answers)],
        ["learners", str(facts.learners)],
        ["items", str(facts.items)],
        ["skills", str(facts.skills)],
        ["share correct", number(facts.share_correct)],
        ["share with several skills", number(facts.share_multi_skill)],
        ["share without a skill", number(facts.share_without_skill)],
        ["answers a learner", _spread(facts.answers_a_learner)],
        ["times", _times(facts)],
        ["seconds an answer", "none" if facts.duration_s is None else _spread(facts.duration_s)],
        ["published split", _folds(facts.published_folds)],
    ]


def _of_enrolments(facts: EnrolmentFacts) -> list[list[str]]:
    return [
        ["cut-off", facts.as_of],
        ["enrolments", str(facts.enrolments)],
        ["learners", str(facts.learners)],
        ["courses", str(facts.courses)],
        ["offerings", str(facts.offerings)],
        ["share with the outcome", "hidden" if facts.share_outcome is None else number(facts.share_outcome)],
        *([f"enrolments in {term}", str(count)] for term, count in facts.terms.items() if term),
        *([f"features: {group}", str(count)] for group, count in facts.features.items()),
        *([f"events: {name}", str(count)] for name, count in facts.events.items()),
        *([["offerings with activity recorded", str(facts.recorded)]] if "activity" in facts.events else []),
    ]


def _of_choices(facts: ChoiceFacts) -> list[list[str]]:
    return [
        ["events", str(facts.events)],
        ["learners", str(facts.learners)],
        ["items", str(facts.items)],
        ["skills", str(facts.skills)],
        ["prerequisites", str(facts.prerequisites)],
        ["events a learner", _spread(facts.events_a_learner)],
        ["share of repeats", number(facts.share_repeated)],
        ["share of the catalogue that holds half of all events", number(facts.head_share)],
        ["order", facts.order],
    ]


def _of_scored(facts: ScoredFacts) -> list[list[str]]:
    parts = [[f"answers in {part}", f"{n} to {facts.questions_of[part]} questions"] for part, n in facts.parts.items()]
    return [
        ["answers", str(facts.answers)],
        ["questions", str(facts.questions)],
        *parts,
        ["answers a question", _spread(facts.answers_a_question)],
        ["words an answer", _spread(facts.words_an_answer)],
        ["points", _spread(facts.points)],
        ["questions without a model answer", str(facts.without_reference)],
        ["questions without a maximum", str(facts.without_maximum)],
        ["questions whose answers all have equal points", str(facts.equal_points)],
    ]


def _of_prompts(facts: PromptFacts) -> list[list[str]]:
    return [
        ["prompts", str(facts.prompts)],
        ["texts", ", ".join(facts.fields)],
        ["with a reference", str(facts.with_reference)],
        ["characters of a passage", "–" if facts.passage_chars is None else _spread(facts.passage_chars)],
        ["outputs on record", f"{facts.pieces} of {len(facts.systems)} systems"],
        ["missing outputs", str(facts.missing_pieces)],
        ["empty outputs", str(facts.empty_pieces)],
        ["outputs that another system has too", str(facts.repeated_pieces)],
        ["ratings", f"{facts.ratings} by {len(facts.raters)} raters"],
        *([f"mean {name}", number(mean)] for name, mean in facts.dimensions.items()),
        ["share at the top of the scale", "–" if facts.at_the_top is None else number(facts.at_the_top)],
    ]


def _print_cohorts_and_changes(facts: Known) -> None:
    unit = "prompts" if isinstance(facts, PromptFacts) else "learners"
    for name, counts in facts.cohorts.items():
        cells = [[k, str(count)] for k, count in counts.items()]
        print_table([name, unit], cells, title=f"\n{unit.capitalize()} by {name}")
    changed = [[str(change.rows), change.what] for change in facts.changes]
    print("" if changed else "\nNothing was changed.")
    if changed:
        print_table(["rows", "what was changed"], changed)


def _times(facts: Facts) -> str:
    if facts.days is None:
        return "none (the order of the answers only)"
    when = f"{facts.first_day} to {facts.last_day}" if facts.first_day else "no calendar dates"
    return f"{facts.days:.1f} days, {when}"


def _spread(spread: Spread) -> str:
    inner = f"middle half {number(spread.quarter)} to {number(spread.three_quarters)}"
    return f"median {number(spread.median)} ({inner}, all {number(spread.least)} to {number(spread.most)})"


def _folds(folds: dict[str, int | str] | None) -> str:
    if folds is None:
        return "none"
    words = {k: n if n == "hidden" else f"{n} learners" for k, n in folds.items()}
    return ", ".join(f"{'training only' if k == '-1' else f'fold {k}'}: {said}" for k, said in words.items())
