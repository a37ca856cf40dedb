"""Where `uv` is, and the indexes of packages that it uses here: those that pip is told of."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

_LINE = re.compile(r"^(?P<place>[^.]+|:env:)\.(?P<name>[a-z-]+)='(?P<value>.*)'$")
_AS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
}
_OTHER = {"UV_DEFAULT_INDEX": "UV_INDEX_URL", "UV_EXTRA_INDEX_URL": "UV_INDEX"}
"""Another variable that says the same."""


def uv() -> str | None:
    """The program: on the path, or beside this Python; None where it is not."""
    beside = Path(sys.executable).with_name("uv.exe" if sys.platform == "win32" else "uv")
    return shutil.which("uv") or (str(beside) if beside.is_file() else None)


def variables() -> dict[str, str]:
    """Our environment with pip's settings as uv's, where uv has none of its own: both find the same packages then."""
    known = dict(os.environ)
    if "UV_OFFLINE" in known:
        return known
    for name, value in _of_pip().items():
        variable = _AS[name]
        if variable not in known and _OTHER.get(variable, variable) not in known:
            known[variable] = value.replace(" ", ",") if name == "find-links" else value
    known.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")  # as pip: all indexes count alike
    return known


def _of_pip() -> dict[str, str]:
    """Pip's settings of where packages are, the environment's before those of files; none without pip."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found: dict[str, str] = {}
    for line in done.stdout.splitlines() if not done.returncode else ():
        match = _LINE.match(line)
        if match and match["name"] in _AS and (match["place"] == ":env:" or match["name"] not in found):
            found[match["name"]] = match["value"]
    return found
