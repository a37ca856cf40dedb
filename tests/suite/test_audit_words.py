import pytest

from attain.audit.policy import Policy, Words
from attain.suite.audit_words import in_words
from attain.tracking.entities import Run


def run(dataset: str, outcome: str = "None") -> Run:
    params = {"dataset": dataset, "dataset.outcome": outcome}
    return Run("0" * 32, "1", "a run", "FINISHED", 0, 1, "active", "", "", params=params)


@pytest.mark.parametrize(
    ("dataset", "outcome", "words"),
    [
        ("oulad", "None", ("failed or withdrew", "passed")),
        ("oulad as_of=28", "withdrawn", ("withdrew", "did not withdraw")),
        ("uci_dropout", "dropout_known", ("dropped out", "graduated")),
        ("oulad", "no longer in the card", ("had the outcome", "did not have the outcome")),
        ("a set without a card", "None", ("had the outcome", "did not have the outcome")),
    ],
)
def test_the_outcome_is_called_as_the_card_does(dataset: str, outcome: str, words: tuple[str, str]) -> None:
    said = in_words(run(dataset, outcome), Policy()).outcome
    assert (said.had, said.had_not) == words


def test_words_of_the_policy_come_first() -> None:
    policy = Policy(outcome=Words(had="left", had_not="stayed"))
    assert in_words(run("oulad"), policy) is policy
