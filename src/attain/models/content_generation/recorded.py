"""Outputs that are on record: of the data set's own systems, or in a file."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

from attain.core.component import Params
from attain.core.errors import UserError, unknown
from attain.core.fingerprint import of_file
from attain.data.prompts import Prompts
from attain.models.content_generation._learned_nothing import LearnedNothing
from attain.models.content_generation._record_file import read_outputs
from attain.tasks.content_generation import Generator, GeneratorParams, Piece
from attain.tasks.context import FitContext


class RecordedParams(GeneratorParams):
    """Parameters of `recorded`: `system` or `file`."""

    system: str = ""
    """Whose outputs, of those that the data set has on record."""
    file: str = ""
    """A file of outputs, relative to the suite: JSON lines, CSV, TSV or Parquet, one output a row."""
    file_sha256: str = ""
    """SHA-256 of the file; filled in when the suite is planned."""
    prompt_column: str = "prompt"
    """In the file, the column or key of the prompt's id."""
    text_column: str = "text"
    """In the file, the column or key of the output."""
    missing: Literal["error", "failed"] = "error"
    """What a prompt without an output is: a reason to stop, or a failed piece."""


class Recorded(LearnedNothing, Generator):
    """Outputs that were made elsewhere, joined to the prompts strictly by id, and judged as any other.

    Answers that `openai_compatible` kept are such a file as they are.
    """

    name = "recorded"
    params: RecordedParams
    from_files: ClassVar[tuple[str, ...]] = ("file_sha256",)
    reads_pieces = True

    @classmethod
    def with_files(cls, params: Params, folder: Path) -> Params:
        """See `Component.with_files`: the file is read through once, and its SHA-256 noted."""
        assert isinstance(params, RecordedParams)
        if bool(params.system) == bool(params.file):
            raise UserError("'recorded' needs either 'system', one that the data set has on record, or 'file'.")
        if not params.file:
            return params
        path = folder / params.file
        read_outputs(path, prompt=params.prompt_column, text=params.text_column)
        return params.model_copy(update={"file_sha256": of_file(path)})

    def check_data(self, log: Prompts) -> None:
        """The system must be on record; a file must have an output for each prompt, and none of any other."""
        if self.params.system and self.params.system not in log.systems:
            raise unknown("system on record", self.params.system, log.systems)
        if not self.params.file:
            return
        found, known = self._in_file(self.folder), set(log.ids)
        if extra := [(piece.prompt, piece.sample) for piece in found if piece.prompt not in known]:
            raise UserError(
                f"{self.params.file!r}: {len(extra)} of {len(found)} outputs are of prompts that the data set does not "
                f"have, the first of them {_named(extra)}. Is it the file of another data set?"
            )
        self._refuse_missing(self._wanted(log), {(piece.prompt, piece.sample) for piece in found})

    def generate(self, prompts: Prompts, context: FitContext) -> Iterable[Piece]:
        """See `Generator.generate`.

        Raises:
            UserError: outputs are missing (unless `missing: failed`).
        """
        pieces = {(p.prompt, p.sample): p for p in self._outputs(prompts, context)}
        wanted = self._wanted(prompts)
        self._refuse_missing(wanted, set(pieces))
        for prompt, sample in wanted:
            yield pieces.get((prompt, sample)) or Piece(prompt, "", sample, "failed", "there is no output on record")

    def _wanted(self, prompts: Prompts) -> list[tuple[str, int]]:
        return [(str(prompt), sample) for prompt in prompts.ids for sample in range(self.params.samples)]

    def _refuse_missing(self, wanted: list[tuple[str, int]], there: set[tuple[str, int]]) -> None:
        lacking = [key for key in wanted if key not in there]
        if lacking and self.params.missing == "error":
            raise UserError(
                f"{self.params.file or self.params.system!r}: no output for {len(lacking)} of {len(wanted)} prompts "
                f"and samples, the first of them {_named(lacking)}. Add them, or count them as failed with "
                "`missing: failed`."
            )

    def _outputs(self, prompts: Prompts, context: FitContext) -> list[Piece]:
        """The outputs of the system for these prompts, or all in the file."""
        system = self.params.system
        if system:
            own = prompts.pieces[prompts.pieces["system"] == system]
            rows = zip(own["prompt"], own["sample"], own["text"], strict=True)
            return [Piece(prompt, text, int(sample), system=system) for prompt, sample, text in rows]
        return self._in_file(context.folder)

    def _in_file(self, folder: Path) -> list[Piece]:
        path = folder / self.params.file
        if self.params.file_sha256 and of_file(path) != self.params.file_sha256:
            raise UserError(f"{path}: was changed since the suite was planned; run it again.")
        found = read_outputs(path, prompt=self.params.prompt_column, text=self.params.text_column)
        return [replace(piece, system="") for piece in found]


def _named(keys: list[tuple[str, int]]) -> str:
    """The first ids, with the number of the sample where it is not the first."""
    return ", ".join(repr(prompt) + (f" (sample {sample})" if sample else "") for prompt, sample in keys[:3])
