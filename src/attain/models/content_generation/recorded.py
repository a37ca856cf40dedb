"""Outputs that are on record: of the data set's own systems, or in a file."""

from collections.abc import Iterable

from attain.core.errors import unknown
from attain.data.prompts import Prompts
from attain.models.content_generation._learned_nothing import LearnedNothing
from attain.tasks.content_generation import Generator, GeneratorParams, Piece
from attain.tasks.context import FitContext


class RecordedParams(GeneratorParams):
    """Parameters of `recorded`."""

    system: str = ""
    """Whose outputs, of those that the data set has on record."""


class Recorded(LearnedNothing, Generator):
    """Outputs that were made elsewhere, joined to the prompts by id and judged as any other."""

    name = "recorded"
    params: RecordedParams
    reads_pieces = True

    def check_data(self, log: Prompts) -> None:
        """The system must be on record, with each prompt."""
        if self.params.system not in log.systems:
            raise unknown("system on record", self.params.system, log.systems)

    def generate(self, prompts: Prompts, context: FitContext) -> Iterable[Piece]:
        """See `Generator.generate`."""
        own = prompts.pieces[prompts.pieces["system"] == self.params.system]
        for prompt, sample, text in zip(own["prompt"], own["sample"], own["text"], strict=True):
            yield Piece(prompt, text, sample, system=self.params.system)
