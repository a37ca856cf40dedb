"""What differs between two runs in how they came about, the likeliest cause of other results first."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_PACKAGES = 12


@dataclass(frozen=True)
class Cause:
    """One thing that may change results.

    Attributes:
        what: seed, data, code, threads, packages, Python, processor or builds.
        then: what it was in the first run; "" where both are the same.
        now: what it is in the second.
    """

    what: str
    then: str
    now: str

    @property
    def differs(self) -> bool:
        """Whether it may be why results differ."""
        return self.then != self.now


def causes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[Cause]:  # JSON
    """Two `provenance.json` beside each other; what differs comes first."""
    old, new = then["environment"], now["environment"]
    packages = _packages(old["packages"], new["packages"])
    found = [
        Cause("seed", _seeds(then), _seeds(now)),
        Cause("data", _data(then), _data(now)),
        Cause("code", _code(then), _code(now)),
        Cause("threads", _threads(then), _threads(now)),
        Cause("packages", *packages),
        Cause("Python", f"{old['implementation']} {old['python']}", f"{new['implementation']} {new['python']}"),
        Cause("processor", f"{old['cpu']}: {' '.join(old['features'])}", f"{new['cpu']}: {' '.join(new['features'])}"),
        Cause("builds", _pairs(old["libraries"]), _pairs(new["libraries"])),
    ]
    return sorted(found, key=lambda cause: not cause.differs)


def _seeds(facts: Mapping[str, Any]) -> str:
    return ", ".join(dict.fromkeys(str(run["seed"]) for run in facts.get("runs", ())))


def _data(facts: Mapping[str, Any]) -> str:
    return ", ".join(f"{one['name']} {one['fingerprint'][:8]}" for one in facts.get("data", ()))


def _code(facts: Mapping[str, Any]) -> str:
    """The tree, and the fingerprints of the models' own code, which see attain too."""
    tree = (facts.get("code") or {}).get("tree", "")[:12] or "none kept"
    models = sorted({run["code"][:8] for run in facts.get("runs", ())})
    return f"tree {tree}, models {' '.join(models)}" if models else f"tree {tree}"


def _threads(facts: Mapping[str, Any]) -> str:
    own = {"threads": str(facts["threads"])} if "threads" in facts else {}
    return _pairs(own | facts["environment"]["variables"])


def _pairs(values: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(values.items()))


def _packages(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str]:
    """The packages of either side that the other has not, or has as another version; those of folders are code."""
    old, new = ({name: about for name, about in side.items() if "folder" not in about} for side in (old, new))
    changed = [name for name in sorted(old.keys() | new.keys()) if _version(old, name) != _version(new, name)]
    if not changed:
        return f"{len(old)} the same", f"{len(old)} the same"
    more = f" and {len(changed) - MOST_PACKAGES} more" if len(changed) > MOST_PACKAGES else ""
    shown = changed[:MOST_PACKAGES]
    return tuple(" ".join(f"{n}=={_version(side, n) or 'none'}" for n in shown) + more for side in (old, new))  # type: ignore[return-value]  # of two


def _version(packages: Mapping[str, Any], name: str) -> str:
    return str(packages.get(name, {}).get("version", ""))
