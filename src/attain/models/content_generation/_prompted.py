"""What generators share that put a wording to a language model, with or without examples."""

from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from pydantic import Field

from attain.core.component import Params
from attain.core.errors import UserError
from attain.core.rng import seed_of
from attain.data.prompts import Prompts
from attain.models._saved import read_json, write_json
from attain.models.content_generation._template_file import DEFAULT, check_fields, digest, filled, read_wording
from attain.tasks.content_generation import Generator, GeneratorParams
from attain.tasks.context import FitContext

Shot = tuple[str, str]
"""A prompt as it is put, and a good answer to it."""


class PromptedParams(GeneratorParams):
    """Parameters of every generator that puts a wording to a language model."""

    prompt: str = ""
    """A text file with the wording, relative to the suite; fields of the prompts stand in braces: {passage}, {answer},
    {concept}, {options}, {level}. Without one, a short built-in wording."""
    prompt_text: str = ""
    """What the file holds; filled in when the suite is planned."""
    prompt_sha256: str = ""
    """The start of its SHA-256; filled in with it."""
    shots: int = Field(default=0, ge=0, le=32)
    """Examples put before each prompt: training prompts, drawn by the seed, with their first reference."""
    temperature: float = Field(default=0.0, ge=0, le=2)
    """0 for the likeliest text each time; higher draws more freely."""
    max_tokens: int = Field(default=128, ge=1)
    """Where an output is cut off."""
    max_prompt_chars: int = Field(default=20_000, ge=1)
    """A prompt that is longer with its examples is not put: its piece fails, and nothing is paid for it."""


class Prompted(Generator):
    """A generator with a wording and examples; the examples are all that it learns."""

    params: PromptedParams
    from_files: ClassVar[tuple[str, ...]] = ("prompt_text", "prompt_sha256")
    shots: tuple[Shot, ...] = ()

    @classmethod
    def with_files(cls, params: Params, folder: Path) -> Params:
        """See `Component.with_files`: the wording, and its short name."""
        assert isinstance(params, PromptedParams)
        if params.prompt_text or params.prompt_sha256:
            raise UserError("'prompt_text' and 'prompt_sha256' are filled in from the file that 'prompt' names.")
        text = read_wording(params.prompt, folder) if params.prompt else DEFAULT
        return params.model_copy(update={"prompt_text": text, "prompt_sha256": digest(text)})

    @property
    def wording(self) -> str:
        """The text that prompts are put into."""
        return self.params.prompt_text or DEFAULT

    def check_data(self, log: Prompts) -> None:
        """The prompts must have every field that the wording names, and references where examples are wanted."""
        known = [*log.fields, *(["level"] if "level" in log.table else [])]
        check_fields(self.wording, known, self.params.prompt or "the built-in prompt")
        if self.params.shots and (log.table["references"] == "[]").all():
            raise UserError("'shots' are examples with their references, and these prompts have none; take it out.")

    def fit(self, prompts: Prompts, context: FitContext) -> None:
        """Draw the examples among the prompts that have a reference.

        Raises:
            UserError: there are fewer than `shots`.
        """
        super().fit(prompts, context)
        rows = [row for row in prompts.records() if row["references"]] if self.params.shots else []
        if len(rows) < self.params.shots:
            raise UserError(
                f"shots: {self.params.shots} examples are wanted, and the training part has {len(rows)} prompts with a "
                "reference. Part the prompts with `split: {by: prompt}`, or ask for fewer."
            )
        drawn = np.random.default_rng(seed_of(context.seed, "shots")).permutation(len(rows))[: self.params.shots]
        self.shots = tuple((filled(self.wording, rows[at]), str(rows[at]["references"][0])) for at in sorted(drawn))

    def too_long(self, put: str) -> str:
        """Why a prompt is not put with its examples; "" where it may be."""
        length = len(put) + sum(len(asked) + len(answer) for asked, answer in self.shots)
        most = self.params.max_prompt_chars
        return "" if length <= most else f"the prompt has {length:,} characters, and max_prompt_chars allows {most:,}"

    def put(self, row: dict[str, Any]) -> str:  # a record of the prompts
        """A prompt in the wording."""
        return filled(self.wording, row)

    def save(self, folder: Path) -> None:
        """Write params and examples into `folder`, and the wording as a text beside."""
        asked, answered = zip(*self.shots, strict=True) if self.shots else ((), ())
        names = {"asked": np.array(asked, dtype=object), "answered": np.array(answered, dtype=object)}
        write_json(self, names, folder)
        (folder / "prompt.txt").write_text(self.wording + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The generator that `save` wrote."""
        model, names = read_json(cls, folder)
        model.shots = tuple(zip(names["asked"], names["answered"], strict=True))
        return model
