"""The packages of a run as lines that pip and uv take: exact versions, with the hashes of their files where known."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

TORCH = "https://download.pytorch.org/whl"
"""Where the builds of PyTorch lie that no other index has, each in a folder named by its local version."""
_TORCH_PACKAGES = frozenset({"torch", "torchvision", "torchaudio", "triton"})


@dataclass(frozen=True)
class Pins:
    """What an environment is made of.

    Attributes:
        lines: one a package: `name==version`, with `--hash=sha256:…` of each of its files where they are known.
        hashed: whether they are known of all.
        indexes: where packages lie that the usual index does not have.
        folders: packages that were installed from a folder, and are not among the lines.
        elsewhere: packages of a local version of which nobody knows what index has them.
        built: packages that are built from source, for the lock has no wheel of them.
    """

    lines: tuple[str, ...]
    hashed: bool
    indexes: tuple[str, ...]
    folders: tuple[str, ...]
    elsewhere: tuple[str, ...]
    built: tuple[str, ...]

    def text(self, *, indexes: bool) -> str:
        """As a file of requirements, with or without lines for the indexes."""
        head = [f"--extra-index-url {one}" for one in self.indexes] if indexes else []
        return "\n".join([*head, *self.lines, ""])


def pins_of(packages: Mapping[str, Mapping[str, str]], lock: bytes) -> Pins:
    """The packages that a run kept, with the hashes that its lock has.

    Args:
        packages: those of `provenance.json`.
        lock: `pylock.toml`; empty where there is none. Hashes of the lists of installed files are none of wheels.
    """
    hashes = _hashes(lock)
    wanted = {name: about for name, about in packages.items() if "folder" not in about}
    local = {name: about["version"].partition("+")[2] for name, about in wanted.items() if "url" not in about}
    local = {name: version for name, version in local.items() if version}
    known = {name: hashes.get((name, about["version"]), ()) for name, about in wanted.items() if "url" not in about}
    return Pins(
        tuple(_line(name, about, known.get(name, ())) for name, about in wanted.items()),
        hashed=bool(wanted) and len(known) == len(wanted) and all(known.values()),
        indexes=tuple(sorted({f"{TORCH}/{version}" for name, version in local.items() if name in _TORCH_PACKAGES})),
        folders=tuple(sorted(packages.keys() - wanted.keys())),
        elsewhere=tuple(sorted(name for name in local if name not in _TORCH_PACKAGES)),
        built=tuple(sorted(str(one["name"]) for one in _locked(lock) if "sdist" in one and not one.get("wheels"))),
    )


def _line(name: str, about: Mapping[str, str], hashes: tuple[str, ...]) -> str:
    if "commit_id" in about:
        return f"{name} @ git+{about['url']}@{about['commit_id']}"
    if about.get("url", "").startswith("https:"):
        return f"{name} @ {about['url']}" + (f"#sha256={about['sha256']}" if "sha256" in about else "")
    return " ".join([f"{name}=={about['version']}", *(f"--hash=sha256:{one}" for one in hashes)])


def _hashes(lock: bytes) -> dict[tuple[str, str], tuple[str, ...]]:
    """SHA-256 of each file of each package of a lock, by name and version."""
    found = {}
    for one in _locked(lock):
        files = [*one.get("wheels", ()), *(one[kind] for kind in ("sdist", "archive") if kind in one)]
        digests = dict.fromkeys(_sha256(file) for file in files)
        name = re.sub(r"[-_.]+", "-", str(one["name"])).lower()
        found[name, str(one.get("version", ""))] = tuple(one for one in digests if one)
    return found


def _locked(lock: bytes) -> list[dict[str, Any]]:  # as TOML has it
    return list(tomllib.loads(lock.decode()).get("packages", ())) if lock else []


def _sha256(file: Mapping[str, Any]) -> str:  # as TOML has it
    return str(file.get("hashes", {}).get("sha256", ""))
