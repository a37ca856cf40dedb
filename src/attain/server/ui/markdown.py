"""Notes as Markdown: what people type becomes markup that runs nothing and loads nothing."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MOST = 20_000
"""Characters that are read as Markdown; longer notes are shown as they were typed."""
_ABOVE = 2
"""Rank of the heading that a note stands under."""
_DEEPEST = 6
_SCHEME = re.compile(r"[^/?#]*:")


def marked_up(text: str) -> str:
    """Markup of a note, safe to stand in a page; "" where the note is too long to be read as Markdown.

    Tags that somebody typed are text, pictures are links, and links lead to http, https or a place of this site.
    """
    if len(text) > MOST:
        return ""
    reader = _reader()
    tokens = reader.parse(text)
    _tame(tokens)
    rendered: str = reader.renderer.render(tokens, reader.options, {})
    return rendered


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # with the first note, so that a start is quick

    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    reader.validateLink = _leads_somewhere_safe  # type: ignore[assignment,method-assign]  # its documented way
    return reader


def _leads_somewhere_safe(address: str) -> bool:
    address = address.strip().lower()
    return address.startswith(("http://", "https://")) or not _SCHEME.match(address)


def _tame(tokens: Sequence["Token"]) -> None:
    """Headings stand below that of the page, one rank at a time; nothing has a style; no link hands on who came."""
    before, shown = _ABOVE, _ABOVE
    for token in _all(tokens):
        token.attrs.pop("style", None)
        if token.type == "heading_open":
            shown = before = min(int(token.tag[1]) + _ABOVE, before + 1, _DEEPEST)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{shown}"
        if token.type == "link_open":
            token.attrSet("rel", "nofollow noopener noreferrer")


def _all(tokens: Sequence["Token"]) -> Iterable["Token"]:
    for token in tokens:
        yield token
        yield from _all(token.children or ())
