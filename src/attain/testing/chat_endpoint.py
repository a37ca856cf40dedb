"""A chat endpoint on this machine, for tests of what asks one: it answers as it is told, and counts."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What is sent back: a text as a proper answer, or any status, body and headers."""

    text: str = ""
    status: int = 200
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class ChatEndpoint:
    """The endpoint.

    Attributes:
        url: its address, to be given as `url`.
        reply: what it says to a request, given as read from JSON; called in a thread for each request.
        asked: the requests that came in.
        headers: their headers.
        answered: how many replies were sent whole.
    """

    url: str
    reply: Callable[[dict[str, Any]], Reply]
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answered: int = 0


def echo(request: Mapping[str, Any]) -> Reply:
    """A question made of the last words asked, the temperature and the seed: the same for the same request."""
    words = " ".join(str(request["messages"][-1]["content"]).split()[-3:])
    return Reply(f"What about {words} ({request['temperature']:g}, {request['seed'] % 97})?")


@contextmanager
def chat_endpoint(reply: Callable[[dict[str, Any]], Reply] = echo) -> Iterator[ChatEndpoint]:
    """An endpoint on a free port of this machine, until the block ends."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        """One connection."""

        def do_POST(self) -> None:
            """Answer one request."""
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                endpoint.asked.append(request)
                endpoint.headers.append(dict(self.headers))
            said = endpoint.reply(request)
            body = _proper(said.text) if said.body is None else said.body
            try:
                self.send_response(said.status)
                for name, value in {"Content-Length": str(len(body)), **said.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):  # whoever asked is gone
                return
            with lock:
                endpoint.answered += 1

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: tests read what they need from `ChatEndpoint`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    endpoint = ChatEndpoint(f"http://127.0.0.1:{server.server_address[1]}/v1", reply)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _proper(text: str) -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    counted = {"prompt_tokens": 12, "completion_tokens": len(text.split())}
    return json.dumps({"object": "chat.completion", "choices": [choice], "usage": counted}).encode()
