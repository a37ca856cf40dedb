"""What a process runs on: installed packages as a lock, builds of libraries, what the processor can do."""

import hashlib
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from attain.core.places import home
from attain.tracking.uv import uv, variables

LOCK_PATH = "pylock.toml"
LOCK_SECONDS = 20
"""How long the making of a lock may take."""

FEATURES = frozenset(
    [
        "sse4_2",
        "avx",
        "avx2",
        "fma",
        "f16c",
        "avx_vnni",
        "avx512f",
        "avx512bw",
        "avx512vl",
        "avx512_vnni",
        "avx512_bf16",
        "amx_bf16",
        "amx_int8",
        "asimd",
        "asimddp",
        "sve",
        "sve2",
        "bf16",
        "i8mm",
    ]
)
"""What a processor can do that numeric libraries choose their kernels by."""

VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "OPENBLAS_CORETYPE",
    "MKL_CBWR",
    "ATEN_CPU_CAPABILITY",
    "DNNL_MAX_CPU_ISA",
    "NUMBA_CPU_NAME",
    "PYTHONHASHSEED",
    "CUBLAS_WORKSPACE_CONFIG",
)
"""Variables that change what numeric code gives."""


_HEAD = re.compile(r"^(Name|Version):[ \t]*(.*?)[ \t]*$", re.MULTILINE)


def installed() -> Iterator[tuple[Distribution, str, str]]:
    """Every installed package with its name and version, the one that Python would import first where there are two.

    Both stand in the head of its metadata; `Distribution.metadata` reads all of them by the rules of e-mail, which
    takes ten times as long.
    """
    seen = set()
    for one in distributions():
        text = one.read_text("METADATA") or one.read_text("PKG-INFO") or ""
        head = dict(_HEAD.findall(text.partition("\n\n")[0]))
        if (name := head.get("Name")) and plain(name) not in seen:
            seen.add(plain(name))
            yield one, name, head.get("Version", "")


def plain(name: str) -> str:
    """The name of a package as indexes compare it.

    >>> plain("Jaraco.Text_utils")
    'jaraco-text-utils'
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def environment() -> dict[str, Any]:  # JSON
    """Python, each package with its version and the hash of its list of files, the processor, builds of libraries."""
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "libc": " ".join(platform.libc_ver()).strip(),
        "packages": _packages(),
        "indexes": [_plain(os.environ[name]) for name in ("PIP_INDEX_URL", "UV_INDEX_URL") if os.environ.get(name)],
        "features": _features(),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
        "libraries": _libraries(),
    }


def lock(packages: dict[str, dict[str, str]]) -> bytes:
    """A lock of the packages by PEP 751, from `uv`; empty where it is not there, or cannot tell within its time."""
    program = uv()
    pins = "".join(f"{name}=={about['version']}\n" for name, about in packages.items() if "folder" not in about)
    kept = home() / "locks" / f"{hashlib.sha256((sys.version + pins).encode()).hexdigest()}.toml"
    if kept.is_file():
        return kept.read_bytes()
    if program is None:
        return b""
    command = [program, "pip", "compile", "-", "--no-deps", "--format", "pylock.toml", "--quiet", "--no-header"]
    command += ["--python-version", platform.python_version()]
    try:
        done = subprocess.run(
            command, input=pins.encode(), capture_output=True, timeout=LOCK_SECONDS, check=False, env=variables()
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    if done.returncode or not done.stdout:
        return b""
    found = re.sub(rb"(?<=//)[^/@\s\"]*@", b"", done.stdout)  # nobody's password
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(found)
    return found


def _packages() -> dict[str, dict[str, str]]:
    return dict(sorted((plain(name), {"version": version} | _origin(one)) for one, name, version in installed()))


def _origin(one: Distribution) -> dict[str, str]:
    """Where a package came from if not from an index, and the hash of its list of files."""
    record = one.read_text("RECORD")
    about = {} if record is None else {"record_sha256": hashlib.sha256(record.encode()).hexdigest()}
    direct = json.loads(one.read_text("direct_url.json") or "{}")
    if "dir_info" in direct:
        about["folder"] = Path(direct["url"]).name
    elif direct:
        about["url"] = _plain(direct["url"])
        about |= {f"{kind}": value for kind, value in direct.get("vcs_info", {}).items() if kind == "commit_id"}
        about |= {f"{kind}": value for kind, value in direct.get("archive_info", {}).get("hashes", {}).items()}
    return about


def _plain(address: str) -> str:
    """An address without name and password."""
    return re.sub(r"(?<=//)[^/@]*@", "", address)


def _features() -> list[str]:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return [platform.machine()]
    match = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
    return sorted(FEATURES & set(match.group(1).split())) if match else [platform.machine()]


def _libraries() -> dict[str, str]:
    """How numeric libraries were built, of those that this process has loaded."""
    found = {}
    if (numpy := sys.modules.get("numpy")) is not None and hasattr(numpy, "show_config"):
        built = numpy.show_config(mode="dicts").get("Build Dependencies", {})
        found = {
            f"numpy {part}": f"{about.get('name')} {about.get('version')}"
            for part, about in built.items()
            if part in ("blas", "lapack")
        }
    if (torch := sys.modules.get("torch")) is not None:
        found["torch"] = " ".join(torch.__config__.show().split())
        found["torch capability"] = torch.backends.cpu.get_cpu_capability()
    return found
