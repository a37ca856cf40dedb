"""Rating generated texts without knowing whose they are: one row of a review sheet at a time."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from attain.core.errors import UserError
from attain.core.extras import not_installed
from attain.core.review_sheet import COMMENT
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._sheet import Sheet, fill_in, filled_in, sheet_named

PATH, NAME, NAV = "/content/{run_id}/review/{sheet}", "content_review", ""


@dataclass(frozen=True)
class Field:
    """One dimension of the form, and what was chosen."""

    name: str
    value: str


@dataclass(frozen=True)
class Facts:
    """A row of a sheet; nothing on it says whose texts they are.

    Attributes:
        code: of the row; "" where every row is rated.
        texts: one, or two that are compared.
        fields: what is to be said.
        choices: of each field; empty where a number is to be typed.
        done: rows that are rated, of `n`.
        before: the address of the row before this one; of the first where every row is rated.
        skip: the address of the next row that is not rated, "" for none.
        saved: whether this row was rated before.
    """

    title: str
    run_id: str
    sheet: str
    number: int
    command: str
    n: int
    done: int
    code: str = ""
    place: int = 0
    passage: str = ""
    answer: str = ""
    concept: str = ""
    texts: tuple[str, ...] = ()
    fields: tuple[Field, ...] = ()
    choices: tuple[str, ...] = ()
    low: float = 0
    high: float = 0
    comment: str = ""
    before: str = ""
    skip: str = ""
    saved: bool = False


def needs(ask: Ask) -> list[Needs]:
    """The right to read the run; to change it for the form."""
    path = ("POST", "runs/set-tag") if ask.form is not None else ("GET", "runs/get")
    return [(*path, {"run_id": ask.parts["run_id"]})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    store, run_id = ask.store, ask.store.get_run(ask.parts["run_id"]).run_id
    sheet = sheet_named(store, run_id, ask.parts["sheet"])
    filled = filled_in(store, run_id, sheet)
    code = _row(sheet, set(filled), ask.one("row"))
    shown: dict[str, Any] = {
        "title": f"Review sheet {sheet.number}",
        "run_id": run_id,
        "sheet": sheet.name,
        "number": sheet.number,
        "command": f"attain ratings import {run_id[:8]} --web",
        "n": len(sheet.rows),
        "done": len(filled),
    }
    rows, own = list(sheet.rows), filled.get(code, {})
    if not code:
        return Facts(**shown, before=_address(ask, rows[0]) if rows else "")
    place = rows.index(code)
    return Facts(
        **shown,
        code=code,
        place=place + 1,
        **_texts(ask, sheet, code),
        fields=tuple(Field(name, own.get(name, "")) for name in sheet.dimensions),
        choices=sheet.choices,
        low=sheet.low,
        high=sheet.high,
        comment=own.get(COMMENT, ""),
        before=_address(ask, rows[place - 1]) if place else "",
        skip=_address(ask, _row(sheet, {*filled, code}, "", after=place)),
        saved=code in filled,
    )


def table(found: Facts) -> Table:
    """The row, as a sheet has it."""
    head = ["sheet", "code", *(f"text {n}" for n in range(1, len(found.texts) + 1)), *(f.name for f in found.fields)]
    return Table(head, [[found.sheet, found.code, *found.texts, *(f.value for f in found.fields)]])


def submit(ask: Ask) -> str:
    """Keep what was said of a row; gives the address of the next one."""
    store, run_id, form = ask.store, ask.parts["run_id"], ask.form or {}
    sheet = sheet_named(store, store.get_run(run_id).run_id, ask.parts["sheet"])
    given = {name.removeprefix("rate."): value for name, value in form.items() if name.startswith("rate.")}
    fill_in(store, run_id, sheet, form.get("code", ""), {**given, COMMENT: form.get("comment", "")})
    place = list(sheet.rows).index(form["code"])
    return _address(ask, _row(sheet, set(filled_in(store, run_id, sheet)), "", after=place))


def _row(sheet: Sheet, done: set[str], asked: str, after: int = -1) -> str:
    """The row that is asked for, else the first that is not done, beginning after a place; "" for none."""
    if asked in sheet.rows:
        return asked
    rows = list(sheet.rows)
    return next((row for row in [*rows[after + 1 :], *rows[: after + 1]] if row not in done), "")


def _address(ask: Ask, code: str) -> str:
    return ask.path + (f"?{urlencode({'row': code})}" if code else "")


def _texts(ask: Ask, sheet: Sheet, code: str) -> dict[str, Any]:  # fields of the facts
    try:
        from attain.server.ui.pages._pieces import kept_by
    except ModuleNotFoundError as error:
        raise not_installed("A page of generated texts", error) from None
    kept = kept_by(ask.store, ask.store.get_run(ask.parts["run_id"]))
    own = sheet.rows[code] if sheet.pairs else sheet.rows[code][:1]
    texts = {(piece.prompt, piece.sample, piece.system): piece.text for piece in kept.pieces}
    prompt = kept.prompts.get(own[0][0])
    if prompt is None or any(piece not in texts for piece in own):
        raise UserError("A text of this row is not kept any more; the sheet cannot be filled in here.")
    about = {"passage": prompt.passage, "answer": prompt.answer, "concept": prompt.concept}
    return {**about, "texts": tuple(texts[piece] for piece in own)}
