"""Files of a run as its page shows them: pictures, and one chosen file looked into, within bounds."""

import csv
import io
import struct
import zlib
from dataclasses import dataclass
from urllib.parse import quote

from attain.core.errors import UserError
from attain.server.ui.tables import ENDING, NoTable, first_rows
from attain.server.ui.words import size
from attain.tracking.artifacts import open_artifact
from attain.tracking.entities import ArtifactInfo
from attain.tracking.sql.store import Store

IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp")
TABLES = (".csv", ".tsv")
TEXTS = (".txt", ".md", ".json", ".yaml", ".yml", ".log", ".diff", ".patch", ".toml", ".py", ".ini", ".cfg", ".xml")
MOST_TEXT, MOST_IMAGE, MOST_FIGURES = 20_000, 5_000_000, 12
ROWS, COLUMNS, CELL = 20, 30, 120
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class File:
    """One file: where it is fetched, where it is looked into ("" where it cannot be), and what is wrong with it."""

    path: str
    size: int | None
    address: str
    look: str
    fault: str = ""


@dataclass(frozen=True)
class Preview:
    """What is seen of a file: a picture, a text, or the first rows of a table; `said`: how much, or why nothing."""

    path: str
    said: str
    image: str = ""
    text: str = ""
    head: tuple[str, ...] = ()
    rows: tuple[tuple[object, ...], ...] = ()


def listed(run_id: str, one: ArtifactInfo) -> File:
    """A file in the list."""
    seen = one.path.lower().endswith((*IMAGES, *TABLES, *TEXTS, ENDING))
    look = f"/runs/{run_id}?file={quote(one.path, safe='')}#preview" if seen else ""
    return File(one.path, one.size, f"/get-artifact?path={quote(one.path, safe='')}&run_uuid={run_id}", look)


def figures(store: Store, run_id: str, kept: list[ArtifactInfo], drawn: set[str]) -> tuple[File, ...]:
    """Pictures that stand on the page itself, each with what is wrong with it; those that are drawn afresh are not."""
    pictures = [one for one in kept if one.path.lower().endswith(IMAGES) and one.path not in drawn]
    out = []
    for one in pictures[:MOST_FIGURES]:
        file = listed(run_id, one)
        out.append(File(file.path, file.size, file.address, file.look, _fault(store, run_id, one)))
    return tuple(out)


def preview(store: Store, run_id: str, kept: list[ArtifactInfo], path: str) -> Preview | None:
    """A file that was asked for; None where none was."""
    if not path:
        return None
    one = next((file for file in kept if file.path == path), None)
    if one is None:
        return Preview(path[:200], "This run has no such file.")
    name = path.lower()
    try:
        if name.endswith(ENDING):
            return _rows_of(store, run_id, path)
        if name.endswith(IMAGES):
            fault = _fault(store, run_id, one)
            return Preview(
                path, fault or "The picture as it is kept.", image="" if fault else listed(run_id, one).address
            )
        if name.endswith(TABLES):
            return _separated(path, *_beginning(store, run_id, one))
        if name.endswith(TEXTS):
            return _text(path, *_beginning(store, run_id, one))
    except UserError as error:
        return Preview(path, str(error))
    return Preview(path, f"Files of this kind ({size(one.size)}) are not shown here; download it.")


def _rows_of(store: Store, run_id: str, path: str) -> Preview:
    head = first_rows(store, run_id, path, ROWS)
    return Preview(
        path, _said(len(head.rows), head.n_rows, len(head.names), head.n_columns), "", "", head.names, head.rows
    )


def _said(rows: int, n_rows: int | None, columns: int, n_columns: int) -> str:
    of_rows = f" of {n_rows:,}" if n_rows is not None and n_rows != rows else ""
    of_columns = f" of {n_columns:,}" if n_columns != columns else ""
    return f"The first {rows}{of_rows} rows, {columns}{of_columns} columns. Learners are named as they are kept."


def _beginning(store: Store, run_id: str, one: ArtifactInfo) -> tuple[str, bool]:
    """The first characters of a text, and whether they are all.

    Raises:
        UserError: it is no text, or its content is gone.
    """
    with open_artifact(store, run_id, one.path) as stream:
        content = stream.read(MOST_TEXT + 1)
    if b"\0" in content:
        raise NoTable(f"{one.path} is no text, whatever its name says; download it.")
    return content[:MOST_TEXT].decode(errors="replace"), len(content) <= MOST_TEXT


def _text(path: str, text: str, whole: bool) -> Preview:  # it comes with the text
    return Preview(path, "" if whole else f"The first {size(MOST_TEXT)}.", text=text or "(empty)")


def _separated(path: str, text: str, whole: bool) -> Preview:  # it comes with the text
    lines = text if whole else text[: text.rfind("\n") + 1]
    try:
        rows = list(
            csv.reader(io.StringIO(lines), delimiter="\t" if path.lower().endswith(".tsv") else ",", strict=True)
        )
    except csv.Error as error:
        return Preview(path, f"{path} cannot be read as a table: {error}.", text=text)
    if not rows:
        return Preview(path, f"{path} has no rows." if whole else f"{path} has no row that is short enough to show.")
    head, shown = rows[0][:COLUMNS], rows[1 : ROWS + 1]
    said = _said(len(shown), len(rows) - 1 if whole else None, len(head), len(rows[0]))
    cells = tuple(tuple(cell[:CELL] for cell in (row + [""] * len(head))[: len(head)]) for row in shown)
    return Preview(path, said, head=tuple(name[:CELL] for name in head), rows=cells)


def _fault(store: Store, run_id: str, one: ArtifactInfo) -> str:
    """What is wrong with a picture, in a sentence; "" for nothing that can be told."""
    if (one.size or 0) > MOST_IMAGE:
        return f"{one.path} is too large to show here ({size(one.size)}); download it."
    try:
        with open_artifact(store, run_id, one.path) as stream:
            content = stream.read(MOST_IMAGE + 1)
    except UserError as error:
        return str(error)
    return "" if _is_whole(content) else f"{one.path} is damaged or no picture, and cannot be shown."


def _is_whole(content: bytes) -> bool:
    if content.startswith(PNG):
        return _is_png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return b"\xff\xd9" in content[-64:]
    if content.startswith((b"GIF87a", b"GIF89a")):
        return content.rstrip(b"\0").endswith(b";")
    return (
        content[:4] == b"RIFF"
        and content[8:12] == b"WEBP"
        and len(content) >= 8 + int.from_bytes(content[4:8], "little")
    )


def _is_png(content: bytes) -> bool:
    """Whether all chunks are there with the right check sums."""
    place = len(PNG)
    while place + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, place)
        kind_and_data, end = content[place + 4 : place + 8 + length], place + 12 + length
        if end > len(content) or struct.unpack_from(">I", content, end - 4)[0] != zlib.crc32(kind_and_data):
            return False
        if kind_and_data[:4] == b"IEND":
            return True
        place = end
    return False
