"""Writes come from our own pages or from programs, never from a page of somebody else (CSRF)."""

from collections.abc import Mapping
from urllib.parse import urlsplit

_SAFE = ("GET", "HEAD", "OPTIONS")


def check_origin(method: str, headers: Mapping[str, str], *, by_cookie: bool) -> str | None:
    """Why a write may not be done; None if it may.

    A browser says with every write from which page it comes. Programs say nothing, and are believed unless a cookie
    says who asks, since only browsers send those by themselves.
    """
    if method in _SAFE:
        return None
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    if origin is not None:
        same = urlsplit(origin).netloc.lower() == headers.get("host", "").lower() and origin != "null"
        return None if same else f"the request comes from a page of {origin!r}, not of this server."
    if site is not None:
        return None if site in ("same-origin", "none") else "the request comes from a page of another server."
    return "the request does not say which page it comes from." if by_cookie else None
