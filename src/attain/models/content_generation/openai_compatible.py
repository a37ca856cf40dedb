"""Any endpoint that speaks the chat protocol of OpenAI: a vendor's, or a server of one's own."""

import os
import re
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from attain.core.errors import UserError
from attain.core.fingerprint import sha256_of_json
from attain.core.places import home
from attain.core.rng import seed_of
from attain.data.prompts import Prompts
from attain.models.content_generation._answers_kept import AnswersKept
from attain.models.content_generation._chat import Chat
from attain.models.content_generation._prompted import Prompted, PromptedParams
from attain.tasks.content_generation import Piece
from attain.tasks.context import FitContext

FOLDER = "answers"


class OpenaiCompatibleParams(PromptedParams):
    """Parameters of `openai_compatible`."""

    url: str = "http://127.0.0.1:8000/v1"
    """Address of the API, without `/chat/completions`."""
    model: str = Field(default="", max_length=200)
    """Name of the model, as the endpoint knows it."""
    api_key_env: str = ""
    """Name of the environment variable that holds the key; the key itself stands nowhere else. None where not given."""
    instructions: str = ""
    """A system message before everything."""
    timeout_s: float = Field(default=60.0, gt=0)
    """How long one try may take."""
    retries: int = Field(default=4, ge=0, le=20)
    """How often a request is tried again after a 429, a 5xx, a time-out or a broken connection."""
    first_wait_s: float = Field(default=1.0, ge=0)
    """The wait before the first further try, doubled each time; an endpoint's own `Retry-After` goes before it."""
    longest_wait_s: float = Field(default=60.0, ge=0)
    """No wait is longer; where the endpoint asks for more, the piece fails."""
    requests_per_minute: float = Field(default=0.0, ge=0)
    """How many requests a fold may begin in a minute; 0 for any number. Folds that run side by side count apart."""
    replay: Literal["first", "only", "never"] = "first"
    """`first` looks among the answers kept from this address before it asks; `only` takes any that is kept and never
    asks; `never` asks again."""
    cache: str = ""
    """The folder of answers, relative to the suite; `answers` in attain's home where not given."""

    @field_validator("api_key_env")
    @classmethod
    def _names_a_variable(cls, name: str) -> str:
        if name and not re.fullmatch(r"[A-Z_][A-Z0-9_]*", name):
            raise ValueError("give the name of an environment variable, such as OPENAI_API_KEY, and never the key")
        return name

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s?#]*)?", url):
            raise ValueError("expected http:// or https:// with a host, and neither a password nor a query")
        return url


class OpenaiCompatible(Prompted):
    """A chat model behind an HTTP address.

    Each answer is kept on disk the moment it arrives, under the SHA-256 of the request (model, messages, settings,
    seed, number of the sample) and of the address, for two servers may call different models the same. A run that was
    killed goes on from there, and a paid run can be judged again without a network, wherever its answers came from
    (`replay: only`).
    """

    name = "openai_compatible"
    params: OpenaiCompatibleParams

    def check_data(self, log: Prompts) -> None:
        """The model must have a name, and the key must be there where one is wanted."""
        super().check_data(log)
        if not self.params.model:
            raise UserError("'model' is missing: the name of the model, as the endpoint knows it.")
        if self.params.replay != "only":
            self._key()

    def generate(self, prompts: Prompts, context: FitContext) -> Iterable[Piece]:
        """See `Generator.generate`."""
        kept = AnswersKept(self._folder(context) / f"{self._family(context)}.jsonl")
        rows = prompts.records()
        if self.params.replay == "only":
            self._refuse_missing(rows, kept, context)
        chat = self._chat()
        for row in rows:
            asked = self.put(row)
            if why := self.too_long(asked):
                yield from (Piece(row["prompt"], "", n, "failed", why) for n in range(self.params.samples))
                continue
            for sample in range(self.params.samples):
                request = self._request(asked, sample, context)
                whose = None if self.params.replay == "only" else self.params.url
                never = self.params.replay == "never"
                piece = None if never else kept.find(request, sample, row["prompt"], address=whose)
                yield piece or self._fresh(chat, kept, request, row["prompt"], sample)

    def _fresh(self, chat: Chat, kept: AnswersKept, request: Mapping[str, Any], prompt: str, sample: int) -> Piece:
        """Ask, and keep the answer before anything else is done."""
        begun = time.perf_counter()
        said = chat.ask(request)
        seconds = round(time.perf_counter() - begun, 3)
        counted = (seconds, said.tokens_in, said.tokens_out, said.finish_reason)
        piece = Piece(prompt, said.text, sample, said.state, said.error, *counted)
        if said.kept:
            kept.keep(piece, request, self.params.url)
        return piece

    def _request(self, asked: str, sample: int, context: FitContext) -> dict[str, Any]:  # JSON
        messages = [{"role": "system", "content": self.params.instructions}] if self.params.instructions else []
        for example, answer in self.shots:
            messages += [{"role": "user", "content": example}, {"role": "assistant", "content": answer}]
        messages.append({"role": "user", "content": asked})
        settings = {"temperature": self.params.temperature, "max_tokens": self.params.max_tokens}
        seed = seed_of(context.seed, "sample", sample) % 2**31
        return {"model": self.params.model, "messages": messages, **settings, "seed": seed}

    def _family(self, context: FitContext) -> str:
        """The name of the file that holds the answers of this model with these settings."""
        named = re.sub(r"[^A-Za-z0-9.-]+", "-", self.params.model).strip("-.")[:60]
        own = ("prompt_text", "shots", "temperature", "max_tokens", "model", "instructions")
        settings = {name: value for name, value in self.params.model_dump(mode="json").items() if name in own}
        return f"{named}-{sha256_of_json({**settings, 'seed': context.seed})[:12]}"

    def _folder(self, context: FitContext) -> Path:
        return context.folder / self.params.cache if self.params.cache else home() / FOLDER

    def _refuse_missing(self, rows: list[dict[str, Any]], kept: AnswersKept, context: FitContext) -> None:
        """Where nothing may be asked, every answer must be there."""
        wanted = [
            (row["prompt"], self._request(self.put(row), sample, context), sample)
            for row in rows
            if not self.too_long(self.put(row))
            for sample in range(self.params.samples)
        ]
        lacking = [p for p, request, n in wanted if kept.find(request, n, p, address=None) is None]
        if lacking:
            raise UserError(
                f"replay: only, and {len(lacking)} of {len(wanted)} answers are not in {str(kept.path)!r}, the first "
                f"for prompt {lacking[0]!r}. Run with `replay: first` where the endpoint can be reached."
            )

    def _chat(self) -> Chat:
        own = self.params
        key = "" if own.replay == "only" else self._key()
        waits = (own.timeout_s, own.retries, own.first_wait_s, own.longest_wait_s, own.requests_per_minute)
        return Chat(own.url, key, *waits)

    def _key(self) -> str:
        """The key from the environment; "" where none is wanted."""
        name = self.params.api_key_env
        if name and not os.environ.get(name):
            raise UserError(f"The environment variable {name!r}, which 'api_key_env' names, is not set here.")
        return os.environ[name] if name else ""
