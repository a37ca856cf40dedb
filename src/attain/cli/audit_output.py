"""What `attain audit` says and writes of an audit that was made."""

from pathlib import Path

from attain.audit.kept import Made
from attain.audit.record import html_path, json_path
from attain.audit.report_front import (
    blind_spots,
    flagged_sentence,
    gaps_found,
    no_gap_sentence,
    overrides_sentence,
    readings,
)
from attain.audit.signatures import signatures_sentence
from attain.audit.words import listed
from attain.cli.output import out
from attain.core.errors import UserError


def make_folder(to: Path) -> None:
    """Make a folder, if there is none.

    Raises:
        UserError: it cannot be made.
    """
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"Cannot make the folder {str(to)!r}: {error.strerror}. Name another.") from None


def write_audit(made: Made, to: Path) -> list[Path]:
    """Write the page and the record into a folder; the files."""
    files = [to / f"{made.id}.html", to / f"{made.id}.json"]
    try:
        for path, content in zip(files, (made.html, made.json), strict=True):
            path.write_bytes(content)
    except OSError as error:
        raise UserError(
            f"Cannot write {str(error.filename)!r}: {error.strerror}. The audit is kept all the same; "
            f"attain files {made.record['inputs']['run_id'][:8]} {html_path(made.id)} --to DIR copies it."
        ) from None
    return files


def print_audit(made: Made, run_id: str, files: list[Path]) -> None:
    """The first page in words, and where the rest is."""
    record = made.record
    out.print(flagged_sentence(record))
    for one in readings(record):
        out.print(f"  {one.sentence} {one.detail}")
    for sentence, inside in gaps_found(record):
        out.print(f"  Gap: {sentence} {inside}".rstrip())
    if no_gap := no_gap_sentence(record):
        out.print(f"  {no_gap}")
    for said in blind_spots(record):
        out.print(f"  Cannot tell: {said}.")
    if unknown := record["results"]["joined"]["unknown_in"]:
        out.print(f"  Not recorded of some learners, who stand as (unknown): {listed(unknown)}.")
    out.print(f"  {overrides_sentence(record['overrides'])}")
    if signed := record.get("signed"):
        out.print(f"  {signatures_sentence(signed)}")
    where = ", ".join(map(str, files)) or f"{html_path(made.id)}, {json_path(made.id)} of run {run_id[:8]}"
    out.print(f"\nAudit {made.id}: {where}", style="bold")
    out.print(f"To check it at any time: attain audit verify {made.id}", style="dim")
