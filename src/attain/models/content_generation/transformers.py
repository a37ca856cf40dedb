"""A language model in a folder of this machine, read by the library transformers."""

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import torch
from pydantic import Field
from transformers import AutoModelForCausalLM, AutoTokenizer

from attain.core.component import Params
from attain.core.errors import UserError
from attain.core.fingerprint import of_file, of_json
from attain.core.rng import seed_of
from attain.data.prompts import Prompts
from attain.models.content_generation._prompted import Prompted, PromptedParams
from attain.tasks.content_generation import Piece
from attain.tasks.context import FitContext


class TransformersParams(PromptedParams):
    """Parameters of `transformers`."""

    model: str = ""
    """The folder with the model and its tokenizer, relative to the suite. Nothing is ever downloaded."""
    model_sha256: str = ""
    """Fingerprint of the folder's files; filled in when the suite is planned."""
    batch_size: int = Field(default=8, ge=1)
    """Prompts at once at temperature 0. Drawn texts are made one by one: who else is in a batch would change them."""
    first_line: bool = False
    """Whether only the first line of an output is kept, for models that go on."""


class Transformers(Prompted):
    """A causal language model from a local folder, its weights as safetensors; it runs on the CPU or one GPU.

    A model with a chat template gets the wording and examples as messages, any other as text. The weights are not kept
    with the run; their fingerprint is.
    """

    name = "transformers"
    params: TransformersParams
    from_files: ClassVar[tuple[str, ...]] = ("prompt_text", "prompt_sha256", "model_sha256")

    @classmethod
    def with_files(cls, params: Params, folder: Path) -> Params:
        """See `Component.with_files`: the wording, and the fingerprint of the model."""
        params = super().with_files(params, folder)
        assert isinstance(params, TransformersParams)
        place = _place(params.model, folder)
        found = {str(path.relative_to(place)): of_file(path) for path in sorted(place.rglob("*")) if path.is_file()}
        return params.model_copy(update={"model_sha256": of_json(found)})

    def generate(self, prompts: Prompts, context: FitContext) -> Iterable[Piece]:
        """See `Generator.generate`."""
        model = _Local(_place(self.params.model, context.folder), context.device)
        fitting = []
        for row in prompts.records():
            put = self.put(row)
            tokens = model.tokens(self._messages(put))
            if why := self.too_long(put) or model.too_long(len(tokens), self.params.max_tokens):
                yield from (Piece(row["prompt"], "", n, "failed", why) for n in range(self.params.samples))
            else:
                fitting.append((str(row["prompt"]), tokens))
        yield from self._drawn(model, fitting, context) if self.params.temperature else self._likeliest(model, fitting)

    def _drawn(self, model: "_Local", fitting: list[tuple[str, list[int]]], context: FitContext) -> Iterator[Piece]:
        """Each text by its own seed, alone."""
        for prompt, tokens in fitting:
            for sample in range(self.params.samples):
                seed = seed_of(context.seed, prompt, sample)
                begun = time.perf_counter()
                (out,) = model.put_out([tokens], self.params.max_tokens, self.params.temperature, seed)
                yield self._piece(model, prompt, sample, tokens, out, time.perf_counter() - begun)

    def _likeliest(self, model: "_Local", fitting: list[tuple[str, list[int]]]) -> Iterator[Piece]:
        """The likeliest texts, several prompts at once; every sample of a prompt is the same text."""
        for at in range(0, len(fitting), self.params.batch_size):
            batch = fitting[at : at + self.params.batch_size]
            begun = time.perf_counter()
            outs = model.put_out([tokens for _, tokens in batch], self.params.max_tokens, 0.0, 0)
            seconds = (time.perf_counter() - begun) / len(batch)
            for (prompt, tokens), out in zip(batch, outs, strict=True):
                for sample in range(self.params.samples):
                    yield self._piece(model, prompt, sample, tokens, out, seconds)

    def _piece(
        self, model: "_Local", prompt: str, sample: int, tokens: list[int], out: list[int], seconds: float
    ) -> Piece:
        text = model.text(out)
        if self.params.first_line:
            text = text.partition("\n")[0].strip()
        why = "length" if len(out) >= self.params.max_tokens and not model.is_over(out) else "stop"
        counted = (round(seconds, 4), len(tokens), len(out), why)
        return Piece(prompt, text, sample, "ok" if text else "empty", "", *counted)

    def _messages(self, put: str) -> list[dict[str, str]]:
        found = []
        for asked, answer in self.shots:
            found += [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}]
        return [*found, {"role": "user", "content": put}]


class _Local:
    """A model with its tokenizer, read from a folder."""

    def __init__(self, folder: Path, device: str) -> None:
        self.device = "cuda" if device == "auto" and torch.cuda.is_available() else device.replace("auto", "cpu")
        try:
            self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)  # it has no types
            model: Any = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, use_safetensors=True)
        except (OSError, ValueError, KeyError) as error:
            words = str(error).splitlines()[0]
            raise UserError(f"{folder}: cannot be read as a model with a tokenizer: {words}") from None
        self.model = model.to(self.device).eval()
        self.tokenizer.padding_side = "left"
        self.pad = self.tokenizer.pad_token_id
        self.pad = self.tokenizer.eos_token_id or 0 if self.pad is None else self.pad

    def tokens(self, messages: list[dict[str, str]]) -> list[int]:
        """What is put to the model: by its chat template where it has one, else as text."""
        if self.tokenizer.chat_template:
            text = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
            return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])
        text = "\n".join(one["content"] + ("\n" if one["role"] == "assistant" else "") for one in messages)
        return list(self.tokenizer(text)["input_ids"])

    def too_long(self, n_tokens: int, more: int) -> str:
        """Why a prompt does not fit the model; "" where it does."""
        most = getattr(self.model.config, "max_position_embeddings", None)
        if not n_tokens:
            return "the tokenizer makes no token of the prompt"
        if most is None or n_tokens + more <= most:
            return ""
        return f"the prompt has {n_tokens} tokens, and with {more} more the model's {most} do not suffice"

    def put_out(self, rows: list[list[int]], most: int, temperature: float, seed: int) -> list[list[int]]:
        """The tokens that follow each row, padded to the left so that each goes on where it ends."""
        longest = max(map(len, rows))
        padded = [[self.pad] * (longest - len(row)) + row for row in rows]
        mask = [[0] * (longest - len(row)) + [1] * len(row) for row in rows]
        how = {"do_sample": True, "temperature": temperature} if temperature else {"do_sample": False}
        devices = [torch.cuda.current_device()] if self.device == "cuda" else []
        with torch.random.fork_rng(devices), torch.inference_mode():
            torch.manual_seed(seed % 2**63)
            out = self.model.generate(
                input_ids=torch.tensor(padded, device=self.device),
                attention_mask=torch.tensor(mask, device=self.device),
                max_new_tokens=most,
                pad_token_id=self.pad,
                **how,
            )
        return [self._until_the_end(row[longest:].tolist()) for row in out]

    def _until_the_end(self, row: list[int]) -> list[int]:
        """The tokens up to the one that ends the text, that one included; what pads a batch is cut off."""
        ends = [at for at, token in enumerate(row) if token == self.tokenizer.eos_token_id]
        return row[: ends[0] + 1] if ends else row

    def is_over(self, out: list[int]) -> bool:
        """Whether the model ended the text itself."""
        return bool(out) and out[-1] == self.tokenizer.eos_token_id

    def text(self, out: list[int]) -> str:
        """The text of tokens."""
        return str(self.tokenizer.decode(out, skip_special_tokens=True)).strip()


def _place(model: str, folder: Path) -> Path:
    """The folder of a model.

    Raises:
        UserError: it is none.
    """
    place = folder / model
    if not model or not (place / "config.json").is_file():
        raise UserError(
            f"'model' is {model!r}: {str(place)!r} holds no model (no 'config.json'). Name a folder that "
            "`save_pretrained` wrote; nothing is downloaded."
        )
    return place
