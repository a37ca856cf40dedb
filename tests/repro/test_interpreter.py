"""A fresh environment by uv and by pip, from two packages of a folder of our own: no index is asked."""

import hashlib
import subprocess
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from attain.core.errors import UserError
from attain.repro.interpreter import fresh
from attain.repro.pins import pins_of
from attain.tracking.environment import environment, lock
from attain.tracking.uv import uv, variables

BY_UV = pytest.param(True, marks=pytest.mark.skipif(uv() is None, reason="uv is not installed"))


@dataclass
class Kept:
    """What `fresh` reads of a run."""

    facts: dict[str, Any]
    lock: bytes


def wheel(folder: Path, name: str, version: str, content: str) -> str:
    """A package of one module; its file's SHA-256."""
    info = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr(f"{name}.py", content)
        packed.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        packed.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def wheels(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two versions of one package, and one of a local version; pip, and nobody else, is told where they are."""
    folder = home / "wheels"
    folder.mkdir()
    wheel(folder, "tinyone", "1.0", "A = 1\n")
    wheel(folder, "tinyone", "2.0", "A = 2\n")
    wheel(folder, "tinytwo", "0.5+own", "B = 5\n")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(home / "cache"))
    for name in ("UV_OFFLINE", "UV_NO_INDEX", "UV_FIND_LINKS", "PIP_CONSTRAINT"):
        monkeypatch.delenv(name, raising=False)
    return folder


def made(folder: Path, *, by_uv: bool, locked: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """What the packages of a fresh environment say, and what is said of how it was made."""
    monkeypatch.setattr("attain.repro.interpreter.uv", uv if by_uv else lambda: None)
    packages = {
        "attain": {"version": "0", "folder": "attain"},
        "tinyone": {"version": "1.0"},
        "tinytwo": {"version": "0.5+own"},
    }
    facts = {"environment": environment() | {"packages": packages}}
    python, how = fresh(Kept(facts, locked), folder / "env")  # type: ignore[arg-type]  # as far as it is read
    code = "import tinyone, tinytwo, sys; print(tinyone.A, tinytwo.B, sys.prefix != sys.base_prefix)"
    return subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip(), how


@pytest.mark.parametrize("by_uv", [BY_UV, False])
def test_the_packages_of_then_are_there_again(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_uv: bool
) -> None:
    said, how = made(tmp_path, by_uv=by_uv, locked=b"", monkeypatch=monkeypatch)
    assert said == "1 5 True"
    assert how == (
        f"A new environment: 2 packages by {'uv' if by_uv else 'pip'}, of the exact versions of then; "
        "the run kept no hashes of their files."
    )


@pytest.mark.skipif(uv() is None, reason="uv is not installed")
def test_a_lock_has_the_hash_of_each_file_and_another_file_of_that_name_is_refused(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages = {"tinyone": {"version": "1.0"}, "tinytwo": {"version": "0.5+own"}}
    locked = lock(packages)
    pins = pins_of(packages, locked)
    assert pins.hashed
    digest = hashlib.sha256((wheels / "tinyone-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    assert pins.lines[0] == f"tinyone==1.0 --hash=sha256:{digest}"
    for by_uv in (True, False):
        said, how = made(tmp_path / str(by_uv), by_uv=by_uv, locked=locked, monkeypatch=monkeypatch)
        assert said == "1 5 True"
        assert how.endswith("each file with the SHA-256 of then.")
    wheel(wheels, "tinyone", "1.0", "A = 'evil'\n")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "empty cache"))
    for by_uv in (True, False):
        with pytest.raises(UserError, match=r"^The lock of the run cannot be met: .*(?i:hash)"):
            made(tmp_path / f"{by_uv} again", by_uv=by_uv, locked=locked, monkeypatch=monkeypatch)


@pytest.mark.parametrize("by_uv", [BY_UV, False])
def test_a_version_that_is_nowhere_is_named(
    wheels: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_uv: bool
) -> None:
    (wheels / "tinyone-1.0-py3-none-any.whl").unlink()
    with pytest.raises(UserError, match=r"^The lock of the run cannot be met: .*tinyone==1\.0") as raised:
        made(tmp_path, by_uv=by_uv, locked=b"", monkeypatch=monkeypatch)
    assert "\n" not in str(raised.value)


def test_what_pip_is_told_of_indexes_counts_for_uv_unless_uv_is_told_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("UV_OFFLINE", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://one.example/simple https://two.example/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "/a /b")
    known = variables()
    assert known["UV_DEFAULT_INDEX"] == "https://index.example/simple"
    assert known["UV_EXTRA_INDEX_URL"] == "https://one.example/simple https://two.example/simple"
    assert known["UV_FIND_LINKS"] == "/a,/b"
    monkeypatch.setenv("UV_INDEX_URL", "https://own.example/simple")
    assert "UV_DEFAULT_INDEX" not in variables()
