from dataclasses import replace

from attain.audit.overrides import Noted, common_reasons, deciders, in_steps, overrides
from attain.audit.small_groups import SuppressionRule

RULE = SuppressionRule()


def decisions(start: int, count: int, *, flagged: bool, support: bool) -> list[Noted]:
    return [Noted("a", start + i, flagged, "support" if support else "no_support", None) for i in range(count)]


def test_decisions_against_the_flag_and_their_outcomes_are_counted() -> None:
    lines = decisions(0, 30, flagged=True, support=True) + decisions(100, 20, flagged=True, support=False)
    lines += decisions(200, 12, flagged=False, support=True)
    lines += [Noted("a", 100 + i, True, None, i < 15) for i in range(20)]
    found = overrides(lines, RULE)
    assert found["decisions"] == 62
    assert found["flagged_not_supported"] == {"decisions": 20, "outcomes_known": 20, "had_outcome": 15}
    assert found["not_flagged_supported"]["decisions"] == 12


def test_the_last_word_on_an_enrolment_counts() -> None:
    first = decisions(0, 15, flagged=True, support=False)
    found = overrides(first + decisions(0, 15, flagged=True, support=True), RULE)
    assert found["flagged_supported"]["decisions"] == 15
    assert found["flagged_not_supported"]["decisions"] == 0


def test_a_few_decisions_of_a_kind_are_not_shown() -> None:
    lines = decisions(0, 30, flagged=True, support=True) + decisions(100, 3, flagged=True, support=False)
    assert overrides(lines, RULE) == {"decisions": 33, "hidden": True}
    assert overrides(lines[:4], RULE) == {"decisions": None, "hidden": True}


def test_a_few_whose_outcome_is_missing_are_not_given_away() -> None:
    lines = decisions(0, 30, flagged=True, support=False) + [Noted("a", i, True, None, True) for i in range(28)]
    assert overrides(lines, RULE)["hidden"]


def test_none_at_all_is_no_secret() -> None:
    assert overrides([], RULE)["decisions"] == 0
    assert not overrides([], RULE)["hidden"]


def test_lines_count_in_full_steps_so_that_no_single_decision_shows() -> None:
    lines = decisions(0, 39, flagged=True, support=True)
    assert [len(in_steps(lines[:n], RULE)) for n in (0, 9, 10, 19, 39)] == [0, 0, 10, 10, 30]
    assert len(in_steps(lines, SuppressionRule(0))) == 39, "an institution that hides nothing sees all"


def test_who_decided_is_named_and_a_reason_only_where_it_was_given_for_many() -> None:
    by, common = ["Ada", "Bea"], "is supported already"
    plain = enumerate(decisions(0, 30, flagged=True, support=False))
    lines = [replace(line, by=by[i % 2], because=common if i < 25 else f"odd {i}") for i, line in plain]
    lines += [replace(lines[29], because="odd 29")] * 12
    lines += [Noted("a", 1, True, None, True, "Cy", "only an outcome")]
    assert deciders(lines) == by
    assert common_reasons(lines, RULE) == [common], "one learner twelve times is one learner"
