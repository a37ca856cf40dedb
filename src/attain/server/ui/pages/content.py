"""What generators put out: every piece of a run or suite, beside what was asked for and what people gave it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from attain.core.errors import UserError
from attain.core.extras import not_installed
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._people import People, people_of
from attain.server.ui.pages._sheet import filled_in, sheets_of
from attain.tracking.entities import Run

if TYPE_CHECKING:
    from attain.server.ui.pages._pieces import Kept, Piece

PATH, NAME, NAV = "/content/{run_id}", "content", ""
ORDERS = {
    "": "by prompt",
    "best": "best rated first",
    "worst": "worst rated first",
    "disputed": "most disputed first",
    "random": "at random",
}
STATES = ("ok", "empty", "refused", "failed")
SHOWN_PIECES, SHOWN_PROMPTS = 30, 5
MOST_PAGE = 10**6


@dataclass(frozen=True)
class Choice:
    """A way to show the pieces."""

    word: str
    address: str
    here: bool


@dataclass(frozen=True)
class Line:
    """A piece; `ratings` stand in the order of the page's dimensions, None where nobody rated."""

    system: str
    address: str
    sample: int
    text: str
    state: str
    error: str
    ratings: tuple[float | None, ...]
    raters: int
    spread: float | None


@dataclass(frozen=True)
class Group:
    """Pieces for one prompt, one after the other."""

    prompt: str
    passage: str
    answer: str
    concept: str
    options: tuple[str, ...]
    references: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Review:
    """A blind review sheet of the suite: how many of its rows are rated here."""

    word: str
    address: str
    done: int
    n: int


@dataclass(frozen=True)
class Facts:
    """The pieces of a run or suite.

    Attributes:
        problem: why there is nothing to see, in a sentence; "" where there is.
        n: pieces that fit what is asked for.
        n_all: all pieces.
        counts: state to how many pieces of it there are.
        hidden: fields of the address that a form hands on.
        beside: the address of the whole suite's pieces, where these are one system's.
        people: what people said of the systems together; None where nobody has.
    """

    title: str
    run_id: str
    name: str
    experiment_id: str
    experiment: str
    command: str
    problem: str = ""
    n: int = 0
    n_all: int = 0
    n_prompts: int = 0
    counts: tuple[tuple[str, int], ...] = ()
    systems: tuple[str, ...] = ()
    system: str = ""
    state: str = ""
    q: str = ""
    dimensions: tuple[str, ...] = ()
    dimension: str = ""
    orders: tuple[Choice, ...] = ()
    order: str = ""
    hidden: tuple[tuple[str, str], ...] = ()
    groups: tuple[Group, ...] = ()
    before: str = ""
    after: str = ""
    reviews: tuple[Review, ...] = ()
    beside: str = ""
    people: People | None = None


def needs(ask: Ask) -> list[Needs]:
    """The right to read the run."""
    return [("GET", "runs/get", {"run_id": ask.parts["run_id"]})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    run = ask.store.get_run(ask.parts["run_id"])
    found = Facts(
        title=f"What was generated: {run.name}",
        run_id=run.run_id,
        name=run.name,
        experiment_id=run.experiment_id,
        experiment=ask.store.experiment(run.experiment_id).name,
        command=f"attain show {run.run_id[:8]}",
        beside=f"/content/{run.parent_run_id}" if run.parent_run_id and run.parent_run_id.isalnum() else "",
    )
    try:
        from attain.server.ui.pages._pieces import kept_by
    except ModuleNotFoundError as error:
        raise not_installed("A page of generated texts", error) from None
    try:
        kept = kept_by(ask.store, run)
    except UserError as error:
        return replace(found, problem=str(error))
    if not kept.pieces:
        return replace(found, problem=_why_none(run))
    return _filled(ask, found, kept)


def table(found: Facts) -> Table:
    """One line a piece of the page."""
    head = ["prompt", "system", "sample", "state", "text", "error", "raters", *found.dimensions]
    rows: list[list[object]] = [
        [group.prompt, line.system, line.sample, line.state, line.text, line.error, line.raters, *line.ratings]
        for group in found.groups
        for line in group.lines
    ]
    return Table(head, rows)


def _why_none(run: Run) -> str:
    if run.shown_status == "running" or run.tags.get("attain.kind") == "suite":
        return "No generator has finished yet; what it put out stands here when it has."
    return "This run keeps no generated texts; what it has stands on the run's own page."


def _filled(ask: Ask, found: Facts, kept: "Kept") -> Facts:
    from attain.server.ui.pages._pieces import ordered

    systems = tuple(dict.fromkeys(piece.system for piece in kept.pieces))
    system = _one_of(ask.one("system"), systems)
    state = _one_of(ask.one("state"), STATES)
    dimension = _one_of(ask.one("dimension"), kept.dimensions)
    possible = _possible(kept)
    order = _one_of(ask.one("order"), tuple(possible))
    q = ask.one("q")[:200]
    pieces = [
        piece
        for piece in ordered(kept, order, dimension, ask.one("seed")[:20])
        if system in ("", piece.system) and state in ("", piece.state) and _says(piece, q)
    ]
    reviews = tuple(_reviews(ask, found.run_id))
    groups, before, after = _part(ask, pieces, by_prompt=not order)
    counts = {state: sum(piece.state == state for piece in kept.pieces) for state in STATES}
    return replace(
        found,
        n=len(pieces),
        n_all=len(kept.pieces),
        n_prompts=len(kept.prompts),
        counts=tuple((name, count) for name, count in counts.items() if count),
        systems=systems,
        system=system,
        state=state,
        q=q,
        dimensions=kept.dimensions,
        dimension=dimension,
        orders=tuple(Choice(ORDERS[one], ask.address(order=one or None, page=None), one == order) for one in possible),
        order=order,
        hidden=tuple((name, ask.one(name)) for name in ("order", "seed") if ask.one(name)),
        groups=tuple(_group(kept, part, kept.dimensions) for part in groups),
        before=before,
        after=after,
        reviews=reviews,
        people=people_of(ask.store, found.run_id),
    )


def _reviews(ask: Ask, run_id: str) -> Iterator[Review]:
    for sheet in sheets_of(ask.store, run_id):
        address, done = f"/content/{run_id}/review/{sheet.name}", len(filled_in(ask.store, run_id, sheet))
        yield Review(f"sheet {sheet.number} of {sheet.key[:6]}", address, done, len(sheet.rows))


def _possible(kept: "Kept") -> list[str]:
    """The orders that these pieces can stand in."""
    torn = any(piece.spread == piece.spread for piece in kept.pieces)
    rated = bool(kept.dimensions)
    return [one for one in ORDERS if {"best": rated, "worst": rated, "disputed": torn}.get(one, True)]


def _one_of(asked: str, known: Sequence[str]) -> str:
    return asked if asked in known else ""


def _says(piece: "Piece", q: str) -> bool:
    wanted = q.casefold()
    return not wanted or wanted in piece.text.casefold() or wanted in piece.prompt.casefold()


def _part(ask: Ask, pieces: list["Piece"], *, by_prompt: bool) -> tuple[list[list["Piece"]], str, str]:
    """The pieces of the page that is asked for, those of a prompt together, and the pages before and after it."""
    groups = [list(group) for _, group in groupby(pieces, key=lambda piece: piece.prompt)] if by_prompt else None
    parts: list[list[Piece]] = [[piece] for piece in pieces] if groups is None else groups
    size = SHOWN_PROMPTS if by_prompt else SHOWN_PIECES
    asked = ask.one("page")[:6]
    page = min(max(1, int(asked)) if asked.isascii() and asked.isdecimal() else 1, MOST_PAGE)
    before = ask.address(page=str(page - 1) if page > 2 else None) if page > 1 else ""
    after = ask.address(page=str(page + 1)) if len(parts) > page * size else ""
    return parts[(page - 1) * size : page * size], before, after


def _group(kept: "Kept", pieces: list["Piece"], dimensions: Sequence[str]) -> Group:
    prompt = kept.prompts[pieces[0].prompt]
    return Group(
        prompt=prompt.id,
        passage=prompt.passage,
        answer=prompt.answer,
        concept=prompt.concept,
        options=prompt.options,
        references=prompt.references,
        lines=tuple(_line(piece, dimensions) for piece in pieces),
    )


def _line(piece: "Piece", dimensions: Sequence[str]) -> Line:
    known: dict[str, Any] = {**piece.ratings}
    return Line(
        system=piece.system,
        address=f"/runs/{piece.run}",
        sample=piece.sample,
        text=piece.text,
        state=piece.state,
        error=piece.error,
        ratings=tuple(known.get(name) for name in dimensions),
        raters=piece.raters,
        spread=piece.spread if piece.spread == piece.spread else None,
    )
