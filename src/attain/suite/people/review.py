"""Blind review sheets: pieces in random order under codes that tell nothing, as CSV that a spreadsheet opens safely."""

import csv
import io
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attain.core.errors import UserError, unknown
from attain.core.review_sheet import CODE, COMMENT, FIRST, SECOND, SHEET
from attain.core.rng import rng
from attain.core.spreadsheet import safe
from attain.metrics.discover import find
from attain.suite.people.choose import by_system, choose_prompts, disagreement, shares
from attain.suite.people.facts import Array
from attain.suite.people.key import Key, Piece, note_opening, read_key, seal
from attain.suite.people.pieces import SHOWN, Pieces
from attain.suite.people.report import kept, scale_of, values_of
from attain.suite.people.scale import Scale
from attain.tracking.store import Store


@dataclass(frozen=True)
class Wanted:
    """What is asked of the raters.

    Attributes:
        dimensions: what they rate.
        scale: of the ratings.
        raters: how many people.
        prompts: how many prompts are chosen; every system is rated on each, so that systems are compared on the same.
        strata: how prompts are chosen.
        metric: by which; None for the suite's first that varies.
        overlap: share of the prompts that all raters have.
        pairs: two pieces at a time.
        seed: of everything drawn; None for one by chance.
    """

    dimensions: tuple[str, ...]
    scale: Scale
    raters: int = 3
    prompts: int = 20
    strata: tuple[str, ...] = ("random",)
    metric: str | None = None
    overlap: float = 1.0
    pairs: bool = False
    seed: int | None = None


@dataclass(frozen=True)
class Sheets:
    """What was written.

    Attributes:
        id: of the key, on every row of the sheets.
        sha256: of the key.
        files: one a rater.
        rows: in each file.
        in_ledger: whether the hash is in a ledger.
        notes: sentences about the sheets.
    """

    id: str
    sha256: str
    files: tuple[Path, ...]
    rows: tuple[int, ...]
    in_ledger: bool
    notes: tuple[str, ...]


def make_sheets(store: Store, pieces: Pieces, wanted: Wanted, to: Path, *, by: str) -> Sheets:
    """Write the sheets and seal their key.

    Raises:
        UserError: a file is there already, the suite's ratings are on another scale, or prompts cannot be chosen as
            asked.
    """
    files = _files(to, wanted.raters)
    _check_dimensions(wanted.dimensions)
    before = scale_of(store, pieces.suite_run)
    if not wanted.pairs and before not in (None, wanted.scale):
        raise UserError(
            f"The ratings of {pieces.suite!r} are on the scale {before}, and a suite has one; sheets on {wanted.scale} "
            "could not be imported when they are filled in. Leave --scale out. Nothing was written."
        )
    seed = secrets.randbits(48) if wanted.seed is None else wanted.seed
    own = by_system(pieces.frame)
    able = [prompt for prompt in pieces.prompts if len({system for system, _, _ in own.get(prompt, [])}) > 1]
    if not able:
        raise UserError(f"Suite {pieces.suite!r} has no prompt with texts of two systems, so nothing can be compared.")
    chosen = _chosen(store, pieces, able, wanted, seed)
    parts = shares(list(chosen), wanted.raters, wanted.overlap, seed)
    drawn = [_sheet(number, part, own, wanted, seed) for number, part in enumerate(parts, start=1)]
    scale = (wanted.scale.low, wanted.scale.high)
    key = Key(
        pieces.suite_run, wanted.dimensions, scale, wanted.pairs, seed, secrets.token_hex(16), chosen, tuple(drawn)
    )
    identity, sha256, in_ledger = seal(store, key, by)
    texts = {(p, s, n): t for p, rows in own.items() for n, s, t in rows}
    beside = {str(row["prompt"]): row for row in pieces.frame.drop_duplicates("prompt").to_dict("records")}
    for path, sheet in zip(files, drawn, strict=True):
        path.write_text(_csv(identity, sheet, texts, beside, wanted), encoding="utf-8-sig", newline="")
    notes = _notes(pieces, chosen, drawn, wanted)
    return Sheets(identity, sha256, tuple(files), tuple(len(sheet) for sheet in drawn), in_ledger, notes)


def open_key(store: Store, pieces: Pieces, identity: str, to: Path, *, by: str) -> int:
    """Write which code is whose, and who asked for it into the ledger; how many codes there are."""
    key = read_key(store, pieces.suite_run, identity)
    if to.exists():
        raise UserError(f"{to} is there already; name a new file.")
    note_opening(store, identity, by)
    rows = [(code, *piece) for sheet in key.sheets for code, own in sheet.items() for piece in own]
    with to.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([CODE, "prompt", "sample", "system"])
        writer.writerows([safe(str(cell)) for cell in row] for row in rows)
    return sum(len(sheet) for sheet in key.sheets)


def _files(to: Path, raters: int) -> list[Path]:
    files = [to] if raters == 1 else [to.with_name(f"{to.stem}-{i}{to.suffix}") for i in range(1, raters + 1)]
    if not to.parent.is_dir():
        raise UserError(f"There is no folder {str(to.parent)!r} to write the sheets into.")
    for path in files:
        if path.exists():
            raise UserError(f"{path} is there already, and may be filled in; name a new file. Nothing was written.")
    return files


def _check_dimensions(dimensions: Sequence[str]) -> None:
    taken = {SHEET, CODE, COMMENT, FIRST, SECOND, "text", *SHOWN}
    if not dimensions:
        raise UserError("Say what is to be rated, such as --dimensions clarity,answerability.")
    for name in dimensions:
        if name in taken or dimensions.count(name) > 1:
            raise UserError(f"{name!r} cannot be a dimension: the sheet has another column of that name.")


def _chosen(store: Store, pieces: Pieces, able: list[str], wanted: Wanted, seed: int) -> dict[str, str]:
    if set(wanted.strata) <= {"random"}:
        return choose_prompts(able, None, None, wanted.strata or ("random",), wanted.prompts, seed)
    values = _values(store, pieces, wanted.metric)
    places = [pieces.prompts.index(prompt) for prompt in able]
    apart = disagreement(kept(store, pieces.suite_run).ratings, able)
    cut = None if values is None else values[:, places]
    return choose_prompts(able, cut, apart, wanted.strata, wanted.prompts, seed)


def _values(store: Store, pieces: Pieces, metric: str | None) -> Array | None:
    """Values of a metric, higher is better; None where none varies."""
    found = values_of(store, pieces)
    name = find(metric).id if metric else next(iter(found), None)
    if metric and name not in found:
        raise unknown("metric of this suite that differs between pieces", metric, found)
    if name is None:
        return None
    return -found[name] if find(name).direction == "min" else found[name]


def _sheet(
    number: int, prompts: Sequence[str], own: Mapping[str, list[tuple[str, int, str]]], wanted: Wanted, seed: int
) -> dict[str, tuple[Piece, ...]]:
    """Code to pieces, prompt after prompt in a random order, and so within a prompt."""
    generator = rng(seed, "order of a sheet", number)
    sheet: dict[str, tuple[Piece, ...]] = {}
    for place in generator.permutation(len(prompts)):
        prompt = prompts[place]
        same: dict[str, list[Piece]] = {}
        for system, sample, text in own[prompt]:
            same.setdefault(text.strip(), []).append((prompt, sample, system))
        groups = [tuple(same[text]) for text in same]
        groups = [groups[i] for i in generator.permutation(len(groups))]
        rows = groups if not wanted.pairs else _ring(groups)
        for row in rows:
            sheet[f"r{number}-{len(sheet) + 1:04d}"] = row
    return sheet


def _ring(groups: list[tuple[Piece, ...]]) -> list[tuple[Piece, ...]]:
    """Neighbours in a ring: each text twice, and all connected; who stands first is as random as the order is."""
    firsts = [group[0] for group in groups]
    if len(firsts) < 3:
        return [tuple(firsts)] if len(firsts) == 2 else []
    return [(one, firsts[(i + 1) % len(firsts)]) for i, one in enumerate(firsts)]


def _csv(
    identity: str,
    sheet: Mapping[str, tuple[Piece, ...]],
    texts: Mapping[Piece, str],
    beside: Mapping[str, Mapping[Any, Any]],  # texts by column
    wanted: Wanted,
) -> str:
    shown = [name for name in SHOWN if any(str(row.get(name) or "") not in ("", "nan") for row in beside.values())]
    columns = [FIRST, SECOND] if wanted.pairs else ["text"]
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([SHEET, CODE, *shown, *columns, *wanted.dimensions, COMMENT])
    for code, own in sheet.items():
        prompt = own[0][0]
        pieces = own if wanted.pairs else own[:1]
        cells = [*(beside[prompt].get(name) or "" for name in shown), *(texts[piece] for piece in pieces)]
        writer.writerow([identity, code, *(safe(str(cell)) for cell in cells), *[""] * len(wanted.dimensions), ""])
    return stream.getvalue()


def _notes(
    pieces: Pieces, chosen: Mapping[str, str], drawn: Sequence[Mapping[str, tuple[Piece, ...]]], wanted: Wanted
) -> tuple[str, ...]:
    said = []
    if wanted.pairs:
        said.append(f"In the columns {', '.join(wanted.dimensions)} write first, second or tie.")
    else:
        said.append(
            f"In the columns {', '.join(wanted.dimensions)} write {wanted.scale.low:g} to {wanted.scale.high:g}."
        )
        shared = sum(len(own) > 1 for own in drawn[0].values())
        if shared:
            said.append(
                f"{shared} rows of the first sheet stand for systems that put out the same text; it is rated once."
            )
    if len(chosen) < wanted.prompts:
        said.append(f"Only {len(chosen)} prompts have texts of two systems; {wanted.prompts} were asked for.")
    if set(chosen.values()) - {"random"}:
        said.append(SELECTED)
    blank = int((pieces.frame["text"].astype(str).str.strip() == "").sum())
    if blank:
        said.append(
            f"{blank} pieces of the suite have no text and cannot be rated; their share stands with the metrics."
        )
    return tuple(said)


SELECTED = (
    "Prompts were chosen by their outcome, not only at random: means of ratings are of these prompts, and say little "
    "of all prompts."
)
"""What stands beside means where prompts were not drawn at random."""
