"""What an audit's record and its ledger say, in the order in which somebody who must decide asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from attain.audit.counted import Counted, fitting
from attain.audit.overrides import Noted, common_reasons, deciders, in_steps, overrides
from attain.audit.report_front import blind_spots, gaps_found, no_gap_sentence, overrides_sentence
from attain.audit.small_groups import SuppressionRule
from attain.audit.words import Plain, Words, between, bound, is_bounded, number, of_100, percent, rate_of
from attain.charts.people import draw_people

MOST_GAPS = 3
FINE = "as a calibrated model"
SCORES = {
    FINE: "score by score it is as right as a model can be on so many people",
    "worse than a calibrated model": (
        "score by score it is further off than chance explains: take scores as an order, not as risks"
    ),
    "cannot tell": "whether it is right score by score cannot be told",
}
KINDS = {
    "flagged_supported": "flagged, and given support",
    "flagged_not_supported": "flagged, but given no support",
    "not_flagged_supported": "not flagged, but given support",
    "not_flagged_not_supported": "not flagged, and given no support",
}


@dataclass(frozen=True)
class Card:
    """One count, what it is of, and how sure that is; of a hundred, None where nothing is shown."""

    count: str
    words: str
    detail: str
    of_100: int | None

    def svg(self) -> str:
        """A hundred people, those of the count filled."""
        return "" if self.of_100 is None else draw_people(self.of_100, f"{self.of_100} of 100")


@dataclass(frozen=True)
class Point:
    """Something to know before one acts; `open` where it is not settled."""

    name: str
    said: str
    open: bool = False


@dataclass(frozen=True)
class Places:
    """What was asked for by the number of learners who can be helped: the counts shown, or what is wrong with it."""

    shown: Counted | None
    said: str
    problem: str


@dataclass(frozen=True)
class Decided:
    """What advisors decided on the flags, as far as it points at nobody: in words, in numbers, by whom and why."""

    said: str
    rows: tuple[tuple[str, int, int, int], ...]
    by: tuple[str, ...]
    reasons: tuple[str, ...]


def cards(record: Plain) -> tuple[Card, ...]:
    """How many are flagged, how many of them in vain, how many who were fine are flagged, and who is missed."""
    words, results = Words(**record["policy"]["outcome"]), record["results"]
    every = results.get("readings") or results["tables"][0]["cohorts"][0]["rates"]
    asked = (
        ("false_discovery_rate", f"of those flagged {words.had_not}: flagged in vain"),
        ("false_positive_rate", f"who {words.had_not} are flagged all the same"),
        ("false_negative_rate", f"who {words.had} are not flagged: missed"),
    )
    return (_flagged(record), *(_card(rate_of(every, name), said) for name, said in asked))


def _flagged(record: Plain) -> Card:
    flags, population = record["results"]["flags"], record["results"]["population"]
    if flags["flagged"] is None or not population["rows"]:
        return Card("not shown", "how many enrolments are flagged", f"By {flags['rule']}.", None)
    share = flags["flagged"] / population["rows"]
    count = f"{number(flags['flagged'])} of {number(population['rows'])}"
    detail = f"{of_100(share)} of 100; {flags['rule'].replace('scores: ', 'scores, ')}"
    return Card(count, "enrolments are flagged", detail, round(100 * share))


def _card(rate: Plain, said: str) -> Card:
    if is_bounded(rate):
        return Card(f"{bound(rate)} of 100", said, f"Of {number(rate['n'])}: {rate['reason']}", None)
    if rate["value"] is None:
        return Card("not shown", said, rate["reason"], None)
    detail = f"{of_100(rate['value'])} of 100 (95 % interval: {between(rate)})"
    return Card(f"{number(rate['count'])} of {number(rate['n'])}", said, detail, round(100 * rate["value"]))


def points(record: Plain, signed: Sequence[Plain], audit: str) -> tuple[Point, ...]:
    """What to know before one acts: for whom it is worse, for whom nobody can tell, who decided and who signed."""
    policy, found = record["policy"], gaps_found(record)[:MOST_GAPS]
    out = [Point("Gap found", f"{said} {inside}".strip(), open=True) for said, inside in found]
    if none := no_gap_sentence(record):
        out.append(Point("Gaps", none))
    if blind := blind_spots(record):
        out.append(Point("Nobody can tell", f"Whether these fare as others do: {'; '.join(blind)}.", open=True))
    out.append(Point("Scores", scores_sentence(record), open=_of_all(record)["verdict"] != FINE))
    where = f" ({policy['institution']})" if policy["institution"] else ""
    who = f"The capacity and the use of the flags were decided by {policy['decided_by']}{where}."
    nobody = "The policy does not say who decided on the capacity and the use of the flags: put it into decided_by."
    out.append(Point("Who decided", who if policy["decided_by"] else nobody, open=not policy["decided_by"]))
    names = [f"{one['by']} on {one['on']}: {one['because']}" for one in signed]
    nobody = f'Nobody answers for this audit yet. attain audit sign {audit} --because "…" does so.'
    out.append(Point("Signed", "; ".join(names) or nobody, open=not names))
    return tuple(out)


def _of_all(record: Plain) -> Plain:
    found: list[Plain] = record["results"]["calibration"]
    return found[0] if found else {"verdict": "cannot tell", "mean_score": None, "reason": "no scores were looked at"}


def scores_sentence(record: Plain) -> str:
    """Whether scores mean what they say, and in which cohorts they do not."""
    words, every = Words(**record["policy"]["outcome"]), _of_all(record)
    if every["mean_score"] is None:
        return f"Whether scores mean what they say cannot be told: {every['reason']}."
    said = (
        f"On average the model expected that {percent(every['mean_score'])} {words.had}, and "
        f"{percent(every['mean_target'])} did"
    )
    return f"{said}; {SCORES[every['verdict']]}."


def places(typed: str, counts: Sequence[Counted], record: Plain) -> Places:
    """The counts for so many places; as many as the policy has, where none were asked for."""
    if not counts:
        return Places(None, "The counts of all together are not shown: too few people.", "")
    own = next((one for one in counts if one.own), counts[0])
    asked = typed.strip().replace(",", "")
    if not asked:
        return Places(own, _sentence(own, record), "")
    if not (asked.isascii() and asked.isdecimal()) or len(asked) > 9 or int(asked) == 0:
        problem = f"{typed[:40]!r} is no number of learners; give a whole one, such as 250."
        return Places(own, _sentence(own, record), problem)
    wanted = int(asked)
    shown = fitting(counts, wanted)
    if shown.flagged > wanted:
        said = f"{wanted:,} are fewer than the least that was counted, which is {shown.flagged:,}."
    elif shown.flagged < wanted:
        said = f"Of the {len(counts)} capacities that were counted {shown.flagged:,} is the most that fits {wanted:,}."
    else:
        said = ""
    return Places(shown, f"{said} {_sentence(shown, record)}".strip(), "")


def _sentence(one: Counted, record: Plain) -> str:
    words = Words(**record["policy"]["outcome"])
    share = f" ({of_100(one.in_vain / one.flagged)} of 100)" if one.flagged else ""
    return (
        f"With {one.flagged:,} flagged: {one.found:,} of them {words.had}, {one.in_vain:,}{share} {words.had_not} and "
        f"are flagged in vain; {one.missed:,} who {words.had} are missed."
    )


def decided(lines: Sequence[Noted], rule: SuppressionRule) -> Decided:
    """Decisions on the flags, those against them, how they ended, by whom and why."""
    shown = in_steps(lines, rule)
    counts = overrides(shown, rule)
    if lines and counts["decisions"] == 0:
        counts = {"decisions": None, "hidden": True}
    said = overrides_sentence(counts)
    if not lines or counts["hidden"]:
        return Decided(said, (), (), ())
    if rule.smallest > 1:
        said += f" They are counted in steps of {rule.smallest}, so that no single decision shows."
    names = ("decisions", "outcomes_known", "had_outcome")
    rows = tuple((word, *_three([counts[kind][name] for name in names])) for kind, word in KINDS.items())
    return Decided(said, rows, tuple(deciders(shown)), tuple(common_reasons(shown, rule)))


def _three(numbers: list[Any]) -> tuple[int, int, int]:  # counts of plain data
    first, second, third = numbers
    return first, second, third
