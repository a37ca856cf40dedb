"""The evidence on scores as tables: whether they mean what they say, and how far what models read has moved."""

from collections.abc import Sequence

from attain.audit.calibration import DRAWS
from attain.audit.report_tables import HIDDEN, Sheet
from attain.audit.words import Plain, chance, number, percent


def calibration_sheet(record: Plain) -> Sheet:
    """What the scores said and what came, beside what a perfect model of that size would show."""
    rows = []
    for one in record["results"]["calibration"]:
        if one["ece"] is None:
            reason = HIDDEN if "not shown" in one["reason"] else one["reason"]
            rows.append((one["level"], "–", "–", "–", "–", "–", "–", reason))
            continue
        rows.append(
            (
                one["level"],
                number(one["n"]),
                percent(one["mean_score"], 1),
                percent(one["mean_target"], 1),
                percent(one["ece"], 1),
                f"{percent(one['null_median'], 1)} to {percent(one['null_high'], 1)}",
                chance(one["p_holm"]),
                one["verdict"],
            )
        )
    heads = ("who", "n", "expected", "came", "error", "error of a perfect model", "p (Holm)", "verdict")
    caption = (
        "Do scores mean what they say? The error (ECE, ten bins of equally many) is never 0: beside it stands the band "
        f"(median to 95 %) of a model whose risks are right, on the same scores.{_floor(rows, 6, DRAWS)}"
    )
    return Sheet(caption, heads, tuple(rows))


def drift_sheet(record: Plain) -> Sheet:
    """How far columns moved since the terms before."""
    rows = []
    for one in record["results"]["drift"]:
        if one["value"] is None:
            rows.append((one["column"], "–", "–", "–", one["reason"]))
            continue
        moved = one["p_holm"] is not None and one["p_holm"] < record["policy"]["alpha"]
        verdict = "moved more than chance" if moved else "no clear drift"
        rows.append((one["column"], f"{one['value']:.3f}", f"{one['null_high']:.3f}", chance(one["p_holm"]), verdict))
    caption = (
        "What models read, in these terms against those before: population stability index over the deciles (or "
        "values) of the terms before. The usual bounds 0.1 and 0.25 have no theory; beside it is what chance reaches."
        f"{_floor(rows, 3, record['policy']['replicates'])}"
    )
    return Sheet(caption, ("column", "index", "chance reaches (95 %)", "p (Holm)", "verdict"), tuple(rows))


def _floor(rows: Sequence[tuple[str, ...]], place: int, draws: int) -> str:
    """The least p that there can be in a column of corrected p values; "" where there are none."""
    n = sum(row[place] != chance(None) for row in rows)
    return f" P is from {number(draws)} draws: none can be less than {min(n / (1 + draws), 1):.3f} here." if n else ""
