"""The Python that a repetition runs in: this one, or a fresh one with the packages of then."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from attain.core.errors import UserError
from attain.repro.original import Original
from attain.repro.pins import Pins, pins_of
from attain.tracking.uv import uv, variables

INSTALL_SECONDS = 3600


def fresh(one: Original, folder: Path) -> tuple[Path, str]:
    """A new environment in a folder with the packages of the run: the Python in it, and how it was made, in words.

    By `uv` where it is there, else by pip. Where the run kept the hashes of all files, no other file is taken; where
    not, the versions are exact and nothing more is known. Packages that were installed from a folder, as attain itself
    may be, are not in it.

    Raises:
        UserError: the lock cannot be met here.
    """
    pins = pins_of(one.facts["environment"]["packages"], one.lock)
    wanted: str = one.facts["environment"]["python"]
    program = uv()
    install = _by_pip if program is None else _by_uv
    python = install(program or "", wanted, folder)
    try:
        _install(program, python, pins, folder.with_suffix(".txt"), indexes=False)
    except UserError:
        if not pins.indexes:
            raise
        _install(program, python, pins, folder.with_suffix(".txt"), indexes=True)
    return python, _how(pins, "pip" if program is None else "uv")


def _by_uv(program: str, wanted: str, folder: Path) -> Path:
    ours = wanted == platform.python_version()
    _run([program, "venv", "--quiet", "--python", sys.executable if ours else wanted, str(folder)], variables())
    return _python(folder)


def _by_pip(_: str, wanted: str, folder: Path) -> Path:
    if wanted.split(".")[:2] != platform.python_version().split(".")[:2]:
        raise UserError(
            f"The lock of the run cannot be met: it was made with Python {wanted}, and this is "
            f"{platform.python_version()}. Start attain with that Python, or install uv."
        )
    _run([sys.executable, "-m", "venv", str(folder)], os.environ)
    return _python(folder)


def _install(program: str | None, python: Path, pins: Pins, file: Path, *, indexes: bool) -> None:
    file.write_text(pins.text(indexes=indexes))
    hashes = ["--require-hashes"] if pins.hashed else []
    if program is None:
        _run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", *hashes, "-r", str(file)], os.environ)
    else:
        _run([program, "pip", "sync", "--quiet", *hashes, "--python", str(python), str(file)], variables())


def _how(pins: Pins, by: str) -> str:
    count = f"{len(pins.lines)} packages by {by}"
    if pins.hashed:
        return f"A new environment: {count}, each file with the SHA-256 of then."
    return f"A new environment: {count}, of the exact versions of then; the run kept no hashes of their files."


def _python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS, env=dict(environment)
        )
    except (OSError, subprocess.TimeoutExpired) as problem:
        raise UserError(f"The lock of the run cannot be met: {problem}") from None
    if done.returncode:
        raise UserError(f"The lock of the run cannot be met: {_words(done.stderr)}")


def _words(said: str) -> str:
    """What pip or uv says was wrong, in one line: the first error, and where it gives one below it, the cause."""
    lines = [line for line in said.splitlines() if line.strip()] or ["no words"]
    causes = [line for line in lines if re.match(r"\s*(cause:|╰─▶)", line)]
    first = next((line for line in lines if re.match(r"\s*(ERROR|error|×)", line)), lines[-1])
    return re.sub(r"^\s*(ERROR:|error:|×|cause:|╰─▶)\s*", "", (causes or [first])[0]).strip()
