"""Asking an endpoint of the OpenAI kind over HTTP: waits, tries again where that can help, and says how it ended."""

import email.utils
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any

from attain.core.errors import UserError
from attain.tasks.content_generation import State

FOR_ALL = {401: "the key is not accepted", 403: "access is refused", 404: "there is no such address or model"}
"""Answers that every prompt would get: the run stops at the first."""
SHOWN = 200
"""Characters of an endpoint's own words that an error shows."""
MOST_BYTES = 1 << 24


@dataclass(frozen=True)
class Said:
    """How one request ended."""

    state: State
    text: str = ""
    error: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    finish_reason: str = ""
    kept: bool = True
    """Whether it is an answer, which the same request need not be paid for again."""


@dataclass
class Chat:
    """One endpoint.

    Attributes:
        url: address of the API, without `/chat/completions`.
        key: sent as a bearer token; "" for none.
        timeout_s: how long one try may take.
        retries: how often a request is tried again after 429, 5xx, a time-out or a broken connection.
        first_wait_s: the wait before the first further try; each one doubles it, unless the endpoint says how long.
        longest_wait_s: no wait is longer; an endpoint that asks for more gets no further try.
        per_minute: how many requests may be begun in a minute; 0 for any number.
        sleep: waits.
    """

    url: str
    key: str
    timeout_s: float
    retries: int
    first_wait_s: float
    longest_wait_s: float
    per_minute: float = 0
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        self._next = 0.0
        self._opener = urllib.request.build_opener(_NoRedirect)

    def ask(self, request: Mapping[str, Any]) -> Said:
        """The answer to a request.

        Raises:
            UserError: the endpoint refuses every request alike.
        """
        why = ""
        for turn in range(self.retries + 1):
            self._keep_to_the_rate()
            try:
                with self._opener.open(self._posted(request), timeout=self.timeout_s) as answer:
                    return read_answer(answer.read(MOST_BYTES))
            except urllib.error.HTTPError as error:
                with error:
                    words = self._safe(error.read(10_000).decode("utf-8", "replace"))
                why = f"the endpoint answered {error.code}: {words or error.reason}"
                if error.code in FOR_ALL:
                    raise UserError(f"{self.url}: {FOR_ALL[error.code]} ({why}).") from None
                if error.code != 429 and error.code < 500:
                    return Said("failed", error=why, kept=False)
                asked = _retry_after(error.headers.get("Retry-After"))
            except (OSError, HTTPException) as error:  # time-outs and broken connections among them
                why, asked = f"no answer: {self._safe(str(error)) or type(error).__name__}", None
            wait = min(self.first_wait_s * 2**turn, self.longest_wait_s) if asked is None else asked
            if wait > self.longest_wait_s:
                why += f"; it asks to wait {wait:g} s, longer than longest_wait_s"
                break
            if turn < self.retries:
                self.sleep(wait)
        return Said("failed", error=f"{why} (tried {turn + 1} times)", kept=False)

    def _posted(self, request: Mapping[str, Any]) -> urllib.request.Request:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        body = json.dumps(request, ensure_ascii=False).encode()
        return urllib.request.Request(f"{self.url.rstrip('/')}/chat/completions", body, headers, method="POST")

    def _keep_to_the_rate(self) -> None:
        if self.per_minute:
            now = time.monotonic()
            if now < self._next:
                self.sleep(self._next - now)
            self._next = max(now, self._next) + 60 / self.per_minute

    def _safe(self, text: str) -> str:
        """An endpoint's own words in one short line, without the key."""
        plain = " ".join(text.replace(self.key, "[key]").split()) if self.key else " ".join(text.split())
        return plain if len(plain) <= SHOWN else plain[:SHOWN] + "…"


def read_answer(body: bytes) -> Said:
    """What an answer with status 200 says; one that is none has failed, and names what came instead."""
    try:
        said = json.loads(body)
    except ValueError:
        start = body[:80].decode("utf-8", "replace").strip()
        what = "HTML" if start.startswith("<") else "half an answer, or no JSON"
        return Said("failed", error=f"the endpoint sent {what}, beginning {start!r}", kept=False)
    choices = said.get("choices") if isinstance(said, dict) else None
    if not isinstance(choices, list):
        return Said("failed", error="the endpoint sent JSON without 'choices'; is it of the OpenAI kind?", kept=False)
    counted = _usage(said)
    if not choices:
        return Said("empty", error="the endpoint sent no choice", **counted)
    choice = _mapping(choices[0])
    message = _mapping(choice.get("message"))
    counted["finish_reason"] = _writable(str(choice.get("finish_reason") or ""))
    if refusal := message.get("refusal"):
        return Said("refused", error=_writable(str(refusal)), **counted)
    if counted["finish_reason"] == "content_filter":
        return Said("refused", error="stopped by the endpoint's content filter", **counted)
    text = message.get("content")
    if text is not None and not isinstance(text, str):
        return Said("failed", error="the endpoint sent a message that is no text", kept=False)
    return Said("ok" if text and text.strip() else "empty", _writable(text or "").strip(), **counted)


def _writable(text: str) -> str:
    """The text with `?` for half a character: JSON can say one (`\\ud800` alone), and no file can hold it."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _usage(said: Mapping[str, Any]) -> dict[str, Any]:  # fields of `Said`
    usage = _mapping(said.get("usage"))
    names = {"tokens_in": "prompt_tokens", "tokens_out": "completion_tokens"}
    return {ours: usage[theirs] if isinstance(usage.get(theirs), int) else None for ours, theirs in names.items()}


def _mapping(value: object) -> dict[str, Any]:  # JSON
    return value if isinstance(value, dict) else {}


def _retry_after(header: str | None) -> float | None:
    """Seconds to wait, as the header says them or from its date; None where it says nothing that can be read."""
    if header is None:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Sends nobody elsewhere: the key would go there too."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        """No request follows; the answer is an error with its status."""
