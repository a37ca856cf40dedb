"""The evidence of an audit as tables: captions, heads and cells as text, ready for a page."""

from dataclasses import dataclass

from attain.audit.words import Plain, Words, chance, is_bounded, number, percent, points, rate_of

HIDDEN = "not shown"


@dataclass(frozen=True)
class Sheet:
    """A table for people.

    Attributes:
        caption: what it holds and how it is to be read.
        heads: of the columns.
        rows: cells; the first of each row names it.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def cohort_sheets(record: Plain) -> list[Sheet]:
    """The rates of everybody, and of each attribute and intersection."""
    rates = record["policy"]["metrics"]
    words = Words(**record["policy"]["outcome"])
    sheets = []
    for table in record["results"]["tables"]:
        name = " and ".join(table["attributes"]) or "all together"
        rows = [
            (", ".join(cohort["values"].values()) or "all", *(share(rate_of(cohort["rates"], rate)) for rate in rates))
            for cohort in table["cohorts"]
        ]
        caption = f"By {name}. Share, 95 % interval, and the people counted of those it is a share of."
        if not table["attributes"]:
            caption = caption.replace("By all together", "All together")
        sheets.append(Sheet(caption, (name, *(_head(rate, words) for rate in rates)), tuple(rows)))
    return sheets


def _head(rate: str, words: Words) -> str:
    return f"{rate.replace('_', ' ')}: {words.title(rate)}"


def share(rate: Plain) -> str:
    """A rate with its interval and denominator."""
    if is_bounded(rate):
        side = "under" if "under" in rate else "over"
        low, high = 100 * rate["low"], 100 * rate["high"]
        return f"{side} {percent(rate[side], 1)} [{low:.1f}, {high:.1f}] of {number(rate['n'])}"
    if rate["value"] is None:
        return HIDDEN if "n" not in rate else f"undefined: {rate['reason']}"
    low, high = 100 * rate["low"], 100 * rate["high"]
    return f"{percent(rate['value'], 1)} [{low:.1f}, {high:.1f}] {number(rate['count'])} of {number(rate['n'])}"


def gap_sheets(record: Plain) -> list[Sheet]:
    """Every comparison, one table an attribute."""
    words = Words(**record["policy"]["outcome"])
    found = record["results"]["findings"]
    heads = ("who", "rate", "held fixed", "here", "the rest", "points apart [95 %]", "p (Holm)", "seen from", "verdict")
    sheets = []
    for attribute in dict.fromkeys(one["attribute"] for one in found):
        rows = [_gap(one, words) for one in found if one["attribute"] == attribute]
        caption = (
            f"Gaps by {attribute}. A gap of “seen from” points or more would be found in four audits of five. "
            "A range is from the lowest to the highest cohort."
        )
        sheets.append(Sheet(caption, heads, tuple(rows)))
    return sheets


def least_p_sentence(record: Plain) -> str:
    """How p values come about, and the least that there can be; "" where nothing was tested."""
    results = record["results"]
    if not results["n_tests"]:
        return ""
    return (
        f"P values: the cohorts were dealt out anew {number(results['n_deals'])} times among the same people, and p is "
        f"how often the gap came out as large. After correction for {number(results['n_tests'])} comparisons (Holm) "
        f"the least p that so many deals can give is {results['least_p']:.3f}: there hardly any deal came so far, and "
        "how much smaller p is cannot be told. More replicates in the policy lower it."
    )


def _gap(one: Plain, words: Words) -> tuple[str, ...]:
    who = "range" if one["kind"] in ("range", "equalized_odds") else str(one["level"])
    rate = words.title(one["rate"])
    if one["value"] is None:
        return (who, rate, one["within"] or "–", "–", "–", "–", "–", "–", f"{one['verdict']}: {one['reason']}")
    ends = f" [{points(one['low'])}, {points(one['high'])}]" if one["low"] is not None else ""
    area, both = one["kind"] == "abroca", one["kind"] == "equalized_odds"
    return (
        who,
        rate,
        one["within"] or "–",
        f"AUC {one['here']:.3f}" if area else percent(None if both else one["here"], 1),
        f"AUC {one['rest']:.3f}" if area else percent(None if both else one["rest"], 1),
        f"area {one['value']:.3f}" if area else f"{points(one['value'])}{ends}",
        chance(one["p_holm"]),
        percent(one["detectable"], 1).removesuffix(" %"),
        one["verdict"],
    )


def cuts_sheet(record: Plain) -> Sheet:
    """Where the line fell."""
    flags = record["results"]["flags"]
    rows = [
        (
            cut["stratum"] or "all",
            number(cut["n"]),
            number(cut["flagged"]),
            "–" if cut["threshold"] is None else f"{cut['threshold']:.3f}",
        )
        for cut in flags["cuts"]
    ]
    few = f" {flags['cuts_hidden']} courses are not shown: too few people." if flags["cuts_hidden"] else ""
    return Sheet(
        f"Where the line fell: {flags['rule']}.{few}", ("course", "n", "flagged", "lowest flagged"), tuple(rows)
    )


def weeks_sheet(record: Plain) -> Sheet:
    """The same capacity at each cut-off."""
    rows = [
        (f"day {one['as_of']:g}", *(_three(one["rates"]) if one["rates"] else (HIDDEN,) * 3))
        for one in record["results"]["weeks"]
    ]
    caption = (
        "The same capacity at each cut-off day. Those who have left are no longer among the later rows, so that the "
        "rows are of different people."
    )
    return Sheet(caption, ("as of", *_heads(record)), tuple(rows))


def _three(rates: Plain) -> tuple[str, ...]:
    return tuple(share(rates[name]) for name in ("precision", "recall", "false_positive_rate"))


def _heads(record: Plain) -> tuple[str, ...]:
    words = Words(**record["policy"]["outcome"])
    return tuple(_head(name, words) for name in ("precision", "recall", "false_positive_rate"))


def reasons_sheet(record: Plain) -> Sheet:
    """What the scores of the flagged go by."""
    found = record["results"]["reasons"]
    rows = [
        (
            one["feature"],
            percent(one["share"]),
            f"{one['pull']:.2f}",
            "yes" if one["actionable"] else "no: never shown as a reason",
            percent(one["first"]),
        )
        for one in found["features"]
    ]
    caption = (
        f"Of {number(found['n'])} flagged enrolments drawn by chance. Pull: how far a feature moves the score, in "
        "log-odds, either way, on average. These are associations: they say what the model goes by, and not that "
        "changing a feature would change how things end; another sample of learners might bring other features first."
    )
    heads = ("feature", "share of all pull", "pull", "could a learner act on it?", "first reason, of those flagged")
    return Sheet(caption, heads, tuple(rows))


def changes_sheet(record: Plain) -> Sheet:
    """Which one change is the smallest that would take flagged enrolments under the line."""
    found = record["results"]["reasons"]["changes"]
    rows = [
        (one["feature"], percent(one["share"]), f"{one['now']:g}", f"{one['needed']:g}") for one in found["features"]
    ]
    rows += [("other features, of too few each", percent(found["rest"]), "–", "–")] * (found["rest"] > 0)
    rows += [("no single change would do", percent(found["none"]), "–", "–")]
    caption = (
        "The smallest change of one feature with which the score falls below the line: typical values (medians) "
        "of those for whom it is that feature. An association, and no advice for anyone."
    )
    return Sheet(caption, ("feature", "of those flagged", "it is", "it would have to be"), tuple(rows))
