"""A file on a web server that is watched."""

import http.client
import os
import shutil
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from attain.core.errors import UserError
from attain.suite.watch import Signs
from attain.suite.watch_arrival import Arrival

TOKEN = "ATTAIN_WATCH_TOKEN"
"""Environment variable with the token that the server wants (`Authorization: Bearer`)."""
PATIENCE_S = 60.0
_GONE = (404, 410)
_HTML = (b"<!doctype html", b"<html")
"""How a web page begins, whatever the server calls it."""
_UNCHANGED = 304
_PEEK = 512
_VALIDATORS = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}


class Url:
    """A file at an address; its content is fetched when the server says that it may have changed.

    Args:
        url: begins with `http://` or `https://`.
        to: the file that the suite reads.
    """

    def __init__(self, url: str, to: Path) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UserError(f"{parts.scheme}://…: is not an address of a web server; expected https://HOST/FILE.")
        if parts.username or parts.password:
            raise UserError(f"Take the name and password out of the address, and put a token into {TOKEN}.")
        self._url, self._arrival = url, Arrival(to)
        self.name = f"{parts.scheme}://{parts.netloc}{parts.path}"  # a query may hold a key
        self._known: dict[str, str] = {}
        self._content = ""

    def signs(self) -> Signs:
        """The fingerprint of what the server has now; nothing is fetched where it says that nothing changed."""
        try:
            with self._asked(self._known if self._content else {}) as answer:
                self._fetched(answer)
        except HTTPError as error:
            error.close()
            if error.code in _GONE:
                self._content = ""
            elif error.code != _UNCHANGED:
                raise UserError(self._refusal(error.code)) from None
        except (OSError, http.client.HTTPException) as error:
            why = error.reason if isinstance(error, URLError) else error
            raise UserError(f"{self.name} does not answer: {why}.") from None
        return (self._content,) if self._content else ()

    def content(self) -> str:
        """The SHA-256 of the bytes."""
        return self._content

    def put(self) -> None:
        """Put what was fetched where the suite reads it.

        Raises:
            UserError: it is not there any more.
        """
        if not self._arrival.put(self._content):
            self._content = ""  # to be fetched anew, whatever the server says
            raise UserError("what was fetched was taken away.")

    def _asked(self, known: dict[str, str]) -> http.client.HTTPResponse:
        token = os.environ.get(TOKEN)
        headers = {"User-Agent": "attain", **known}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        request = Request(self._url, headers=headers)  # the scheme was checked
        answer: http.client.HTTPResponse = build_opener(_Careful).open(request, timeout=PATIENCE_S)
        return answer

    def _fetched(self, answer: http.client.HTTPResponse) -> None:
        begins = answer.read(_PEEK)
        is_page = begins.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_HTML)
        if is_page or answer.headers.get_content_type() == "text/html":
            raise UserError(f"{self.name} answers with a web page, not with data: perhaps one to sign in at.")
        with self._arrival.writing() as stream:
            stream.write(begins)
            shutil.copyfileobj(answer, stream)
            wanted, got = answer.headers.get("Content-Length"), stream.tell()
            if wanted is not None and int(wanted) != got:
                raise UserError(f"{self.name} broke off after {got} of {wanted} bytes.")
            if not got:
                raise UserError(f"{self.name} answers with nothing.")
        self._content = self._arrival.fingerprint()
        given = {ask: answer.headers.get(name) for name, ask in _VALIDATORS.items()}
        self._known = {ask: value for ask, value in given.items() if value}

    def _refusal(self, status: int) -> str:
        if status in (401, 403):
            return f"{self.name} refuses (status {status}); put the token it wants into {TOKEN}."
        return f"{self.name} answers with status {status}."


class _Careful(HTTPRedirectHandler):
    """Follows to another host without the token, and never from an encrypted connection to an open one."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        """The request to follow with."""
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if old.scheme == "https" and new.scheme != "https":
            raise UserError(
                f"https://{old.netloc} sends on to an open connection ({new.netloc}); that is not followed."
            )
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and (old.scheme, old.netloc) != (new.scheme, new.netloc):
            request.remove_header("Authorization")
        return request
