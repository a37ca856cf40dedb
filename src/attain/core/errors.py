"""What can go wrong in words that a person can act on."""

import difflib
from collections.abc import Iterable


class UserError(Exception):
    """Something a person can fix: what is wrong, where, and what to do.

    The command line prints the message without a traceback and exits with status 2.
    """


def unknown(kind: str, name: str, known: Iterable[str], *, where: str = "") -> UserError:
    """The error for a name that is not known, with the nearest known names offered.

    >>> str(unknown("model", "bktt", ["bkt", "dkt"]))
    "Unknown model 'bktt'. Did you mean 'bkt'? Known: bkt, dkt."
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=2)
    hint = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
    listed = f" Known: {', '.join(names)}." if names else f" There is no {kind} at all yet."
    return UserError(f"{where}Unknown {kind} {name!r}.{hint}{listed}")
