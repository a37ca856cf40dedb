"""Libraries that come with an extra of attain: which one to install where one is missing."""

import re
from importlib.metadata import requires

from attain.core.errors import UserError


def not_installed(what: str, error: ModuleNotFoundError) -> Exception:
    """The error for something whose library is not installed, naming the smallest extra that brings it.

    Args:
        what: what needs the library, for the message.
        error: what importing it raised; given back where no extra brings the module.
    """
    library = (error.name or "").partition(".")[0]
    library = _DISTRIBUTION.get(library, library)
    lines = [(line, re.search(r"extra == ['\"](.+)['\"]", line)) for line in requires("attain") or []]
    all_extras = [found.group(1) for _, found in lines if found]
    brings = re.compile(rf"{re.escape(library)}(\[[^]]*\])?\s*(>=|==)")  # "<" alone only limits it
    extras = [found.group(1) for line, found in lines if found and brings.match(line)]
    if not extras:
        return error
    smallest = min(extras, key=all_extras.count)
    return UserError(f"{what} needs {library}, which is not installed. Try: pip install 'attain[{smallest}]'")


_DISTRIBUTION = {"sklearn": "scikit-learn", "imblearn": "imbalanced-learn", "interpret": "interpret-core"}
"""Modules to the packages that hold them, where the names differ."""
