"""Where a data set's files are: beside its card, in a data folder, or at a public address."""

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from attain.core.errors import UserError
from attain.core.places import data_folders, home
from attain.data.card import FoundCard
from attain.data.choosing.source import tables_of
from attain.data.courses.source import files_of
from attain.data.stream.files import are_there

Progress = Callable[[int, int], None]
"""Called with the bytes that are here and the bytes there will be (0 where the server does not say)."""

_BLOCK = 1 << 20


def find_file(card: FoundCard, file: str, *, sha256: str | None, url: str | None, progress: Progress | None) -> Path:
    """The path of one file of a data set, downloaded if need be.

    Raises:
        UserError: the file is nowhere and has no public address, or the download failed.
    """
    if (path := present(card, file)) is not None:
        return path
    if url is None:
        raise UserError(_missing(card, file))
    return download(url, home() / "data" / _folder(card) / file, sha256=sha256, progress=progress)


def present(card: FoundCard, file: str) -> Path | None:
    """The path of one file of a data set (or of a folder, or a pattern), where it is on this machine."""
    return next((path for path in _places(card, file) if are_there(path)), None)


def named(card: FoundCard) -> list[str]:
    """Every file that a card names."""
    parts = [(source.file, source.item_skill) for source in card.card.variants.values()]
    files = [file for file, _ in parts] + [items.file for _, items in parts if items is not None]
    files += [] if card.card.courses is None else [table.file for table in files_of(card.card.courses)]
    files += [] if card.card.choices is None else [table.file for table in tables_of(card.card.choices)]
    files += [] if card.card.scored_answers is None else [card.card.scored_answers.file]
    files += [] if card.card.prompts is None else [card.card.prompts.file]
    return list(dict.fromkeys(files))


def _places(card: FoundCard, file: str) -> list[Path]:
    """Beside the card; and, unless the card gives a path, in the folders of data."""
    beside = card.path.parent / file
    if Path(file).name != file:
        return [beside]
    return [beside, *(folder / _folder(card) / file for folder in data_folders())]


def _folder(card: FoundCard) -> str:
    """The name of the folder of data that holds the files of a data set."""
    return card.card.files_of or card.name


def _missing(card: FoundCard, file: str) -> str:
    _, *folders = _places(card, file)
    if not folders:
        return f"Dataset {card.name!r}: {card.path} names the file {file!r}, which is not there. Put it back."
    listed = " or ".join(repr(str(path)) for path in folders)
    how = " ".join(card.card.how_to_get.split()) or "Its card does not say where to get it."
    return (
        f"Dataset {card.name!r}: the file {file!r} is not here. {how} Put it at {listed}, or name the folder that "
        f"holds {_folder(card)!r} in ATTAIN_DATA."
    )


def download(url: str, path: Path, *, sha256: str | None = None, progress: Progress | None = None) -> Path:
    """Fetch a file; an interrupted download goes on where it stopped.

    Raises:
        UserError: the address cannot be reached, the file cannot be written, or its checksum is wrong.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _fetch(url, part, progress)
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError) as error:
        kept = " What has arrived is kept; run the same command again to go on." if part.exists() else ""
        raise UserError(f"Cannot download {url!r}: {error}.{kept}") from None
    except OSError as error:
        raise UserError(f"Cannot write {str(part)!r}: {error.strerror}.") from None
    if sha256 is not None:
        with part.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if found != sha256:
            part.unlink()
            raise UserError(f"{url!r} has SHA-256 {found}; the card says {sha256}. The file there has changed.")
    part.replace(path)
    return path


def _fetch(url: str, part: Path, progress: Progress | None) -> None:
    here = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={here}-"} if here else {})
    try:
        response = urllib.request.urlopen(request, timeout=60)
    except urllib.error.HTTPError as error:
        if here and error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:  # all of it was here already
            return
        raise
    with response:
        resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
        here = here if resumed else 0
        total = here + int(response.headers.get("Content-Length", 0) or 0)
        with part.open("ab" if resumed else "wb") as stream:
            while block := response.read(_BLOCK):
                stream.write(block)
                here += len(block)
                if progress is not None:
                    progress(here, total)
    if total and here < total:
        raise http.client.IncompleteRead(b"", total - here)
