"""The facts on items as files: for programs (`items.json`), for spreadsheets (`items.csv`), and drawn."""

import json
import math
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from attain.charts.items import MOST_OPTIONS, Aimed, Chosen, Hard, draw_difficulties, draw_options, draw_targets
from attain.charts.style import save
from attain.suite.items.facts import ItemOptions, ItemReport, ItemRow
from attain.tracking import artifacts
from attain.tracking.store import Store

JSON_FILE, CSV_FILE, FIGURES = "items.json", "items.csv", "figures"


def write(report: ItemReport, folder: Path) -> list[Path]:
    """Write all files into a folder, and say which.

    A figure that there is nothing to draw of is not written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    facts, table = folder / JSON_FILE, folder / CSV_FILE
    facts.write_text(json.dumps(plain(report), indent=1, ensure_ascii=False), encoding="utf-8")
    rows = [asdict(row) | {"flags": "; ".join(row.flags)} for row in report.items]
    pd.DataFrame(rows).to_csv(table, index=False)
    return [facts, table, *_draw(report, folder / FIGURES)]


def keep(report: ItemReport, store: Store, run_id: str) -> None:
    """Keep the files with a run; those of an earlier analysis are replaced."""
    with tempfile.TemporaryDirectory() as scratch:
        write(report, Path(scratch))
        artifacts.log_artifacts(store, run_id, scratch)


def plain(report: ItemReport) -> Any:  # JSON
    """The facts as JSON can hold them: what is not a number is null."""
    return _strict(asdict(report))


def _strict(value: Any) -> Any:  # JSON in, JSON out
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _strict(one) for name, one in value.items()}
    return [_strict(one) for one in value] if isinstance(value, list | tuple) else value


def _draw(report: ItemReport, folder: Path) -> list[Path]:
    of = {"column": "the abilities that were given", "joint": "a joint Rasch model"}
    how = of.get(report.ability, f"abilities by {report.ability}, which never saw the item")
    found = []
    if hard := [one for row in report.items if (one := _hard(row)) is not None]:
        detail = (
            f"Difficulty and 95 % interval, from {how}; {report.answers:,} answers of {report.learners:,} learners."
        )
        found += save(draw_difficulties(hard, detail=detail), folder, "item_difficulty")
    aimed = [
        Aimed(row.system, row.level, one.b, one.low, one.high)
        for row in report.items
        if row.level is not None and row.state == "ok" and (one := _hard(row)) is not None
    ]
    if aimed:
        detail = f"{len(aimed):,} items with answers enough, spread beside their target; 95 % intervals; least squares."
        found += save(draw_targets(aimed, detail=detail), folder, "item_targets")
    if options := _telling(report):
        detail = (
            f"The right option is filled (✓); left of the dashed line (5 %) a distractor does not function. "
            f"{len(options):,} of {len(report.options):,} items, those with something amiss first."
        )
        found += save(draw_options(options, detail=detail), folder, "item_options")
    return found


def _hard(row: ItemRow) -> Hard | None:
    if row.b is None or row.low is None or row.high is None:
        return None
    return Hard(row.item, row.system, row.b, row.low, row.high, row.n, row.state == "ok")


def _telling(report: ItemReport) -> list[tuple[str, int, list[Chosen]]]:
    """The items whose options are drawn: something amiss first, then by answers."""

    def amiss(one: ItemOptions) -> tuple[int, int]:
        return -sum(2 * option.abler + (option.functions is False) for option in one.options), -one.n

    first = sorted(report.options, key=amiss)[:MOST_OPTIONS]
    return [(one.item, one.n, [_chosen(option) for option in one.options]) for one in first]


def _chosen(option: Any) -> Chosen:  # an `Option`
    note = "abler than the key's" if option.abler else "does not function" if option.functions is False else ""
    return Chosen(option.text, option.key, option.share, option.ability, note)
