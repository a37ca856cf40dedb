"""What an audit is about, how it protects small groups, and what it cannot say: in sentences."""

from attain.audit.small_groups import EDGE, FEW_TIMES
from attain.audit.words import Plain, Words, listed, number


def about(record: Plain) -> str:
    """What was audited, in a sentence."""
    population, card = record["results"]["population"], record["card"]
    many = f"{number(population['rows'])} enrolments" if population["rows"] is not None else "the enrolments"
    where = f"{len(population['courses'])} course{'s' * (len(population['courses']) != 1)}"
    risk = f"a score for the risk that the learner {record['policy']['outcome']['had']}"
    known = f"from what was known as of {card['unit']} {population['as_of']:g} of the course"
    several = None not in (population["rows"], population["learners"]) and population["learners"] < population["rows"]
    again = " Who is enrolled several times is counted each time." if several else ""
    return f"The model {card['model']} gave {many} in {where} ({listed(population['terms'])}) {risk}, {known}.{again}"


def hiding_sentence(record: Plain) -> str:
    """How small groups are protected, in a sentence."""
    policy = record["policy"]
    smallest, few = policy["smallest"], FEW_TIMES * policy["smallest"]
    rounded = (
        "are exact" if policy["rounding"] == "exact" else "are rounded to the nearest 5, shares to whole per cents"
    )
    if smallest <= 0:
        return f"nothing; counts {rounded}"
    return (
        f"rates on fewer than {smallest} learners, and others from which they could be worked out; on fewer than {few} "
        f"learners, a rate that leaves fewer than {EDGE} people on one side is only said to be under or over a bound, "
        f"for it would tell of each; counts {rounded}"
    )


def cannot_say(record: Plain) -> list[str]:
    """What a reader must not take from the page."""
    results, words = record["results"], Words(**record["policy"]["outcome"])
    said = [
        "Whether flags help: what support does for a flagged learner was not measured here.",
        "Why scores are high, or cohorts differ: these are associations, and none of them shows a cause.",
        f"How things are elsewhere or later: it is about these courses in {listed(results['population']['terms'])}.",
        f"Whether the institution's record of who {words.had} is right; its errors count as truth here.",
        "That a system is fair: calibrated scores and equal errors cannot both be had where cohorts differ in how "
        "often they have the outcome, so that someone must choose, and say so.",
    ]
    unknown = results["population"]["unknown"]
    if unknown is None or unknown > 0:
        said.append(f"Anything of {number(unknown) if unknown else 'a few'} enrolments whose outcome is not known.")
    if unknown_in := results["joined"]["unknown_in"]:
        said.append(f"In which cohorts those are whose {listed(unknown_in)} is not recorded; they stand as (unknown).")
    if record["card"]["mistakes"]:
        said.insert(
            0, f"Anything about real use: mistakes were switched on in the data ({record['card']['mistakes']})."
        )
    if record["card"]["split"].get("by") not in ("term", "time"):
        said.append(
            "How the model does in a later term: it was not tested on one, and such figures are usually too good."
        )
    return said
