"""The Python that a repetition runs in: this one, or a fresh one with the packages of then."""

import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from attain.core.errors import UserError
from attain.repro.original import Original

INSTALL_SECONDS = 3600


def fresh(one: Original, folder: Path) -> Path:
    """A new environment in a folder with the packages of the run, from its lock by `uv`, or from its pins by pip.

    Packages that were installed from a folder, as attain itself may be, are not in it.

    Raises:
        UserError: the lock cannot be met here.
    """
    known, uv = one.facts["environment"], shutil.which("uv")
    pins = folder.with_suffix(".txt")
    wanted = {n: p for n, p in known["packages"].items() if "folder" not in p}
    pins.write_text("".join(f"{name}=={about['version']}\n" for name, about in wanted.items()))
    if uv is not None:
        _run([uv, "venv", "--quiet", "--python", known["python"], str(folder)])
        python = _python(folder)
        source = folder.with_name("pylock.toml") if one.lock else pins
        if one.lock:
            source.write_bytes(one.lock)
        _run([uv, "pip", "sync", "--quiet", "--python", str(python), str(source)])
        return python
    if known["python"].split(".")[:2] != platform.python_version().split(".")[:2]:
        raise UserError(
            f"The lock of the run cannot be met: it was made with Python {known['python']}, and this is "
            f"{platform.python_version()}. Start attain with that Python, or install uv."
        )
    _run([sys.executable, "-m", "venv", str(folder)])
    _run([str(_python(folder)), "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(pins)])
    return _python(folder)


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise UserError(f"The lock of the run cannot be met: {problem}") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()] or ["no words"]
        words = next((line for line in said if re.match(r"(ERROR|error|  ×)", line)), said[-1])
        raise UserError(f"The lock of the run cannot be met: {words.removeprefix('ERROR: ').strip()}")
