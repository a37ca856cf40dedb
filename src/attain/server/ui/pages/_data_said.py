"""What runs said of a data set that they read: its fingerprints with their counts, and the sizes of cohorts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from attain.core.cohorts import SMALLEST, hidden
from attain.server.ui.pages._data import Use, used
from attain.tracking.sql.data_lineage import Description, Known

MOST_SAID, MOST_COHORTS = 24, 50
"""Numbers, options or files that are shown of one fingerprint at most, and cohorts of one attribute."""
PARTS = ("options", "changes", "cohorts")
Plain = Mapping[str, Any]  # JSON


@dataclass(frozen=True)
class Fingerprint:
    """One state of a data set.

    Attributes:
        digest: the whole fingerprint.
        counts: rows, learners and what else was counted.
        options: with which it was read.
        changes: what the loader changed, in how many rows.
        files: each with the beginning of its SHA-256.
        use: the runs that read it.
    """

    digest: str
    counts: tuple[tuple[str, float], ...]
    options: tuple[tuple[str, str], ...]
    changes: tuple[tuple[str, float], ...]
    files: tuple[tuple[str, str], ...]
    use: Use


@dataclass(frozen=True)
class Cohorts:
    """How many learners each cohort of an attribute has; a text where that may not be shown."""

    attribute: str
    sizes: tuple[tuple[str, str], ...]


def fingerprints(known: Sequence[Known], described: Iterable[Description]) -> list[Fingerprint]:
    """The states of a data set, the last used first."""
    by_digest: dict[str, list[Description]] = {}
    for one in described:
        by_digest.setdefault(one.digest, []).append(one)
    return [
        _fingerprint(digest, by_digest.get(digest, []), used(one for one in known if one.digest == digest))
        for digest in used(known).digests
    ]


def cohorts(digest: str, described: Iterable[Description]) -> list[Cohorts]:
    """The cohorts of a fingerprint, as the last run that told of them did; those too small to be shown are hidden."""
    own = (_part(_plain(one.profile), "cohorts") for one in described if one.digest == digest)
    told = next((one for one in own if one), {})
    return [Cohorts(name, _sizes(sizes)) for name, sizes in told.items() if isinstance(sizes, Mapping) and sizes]


def _fingerprint(digest: str, described: Sequence[Description], use: Use) -> Fingerprint:
    profile = next((found for one in described if (found := _plain(one.profile))), {})
    source = next((found for one in described if (found := _plain(one.source))), {})
    options = {str(k): _text(v) for k, v in _part(profile, "options").items()}
    files = {str(k): v[:12] for k, v in source.items() if isinstance(v, str)}
    return Fingerprint(
        digest,
        _numbers(profile),
        tuple(options.items())[:MOST_SAID],
        _numbers(_part(profile, "changes")),
        tuple(files.items())[:MOST_SAID],
        use,
    )


def _plain(text: str) -> Plain:
    """JSON of a mapping; nothing where somebody wrote another thing there."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, Mapping) else {}


def _part(whole: Plain, name: str) -> Plain:
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}


def _numbers(whole: Plain) -> tuple[tuple[str, float], ...]:
    named = ((str(k), v) for k, v in whole.items() if k not in PARTS)
    found = [(name, v) for name, v in named if isinstance(v, int | float) and not isinstance(v, bool)]
    return tuple((name, value) for name, value in found if abs(value) < 1e18)[:MOST_SAID]


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _sizes(told: Plain) -> tuple[tuple[str, str], ...]:
    counts = {str(k): v for k, v in told.items() if isinstance(v, int) and not isinstance(v, bool)}
    small, with_them = hidden(counts)
    words = {str(k): v for k, v in told.items() if isinstance(v, str)}
    words |= {name: f"{count:,}" for name, count in counts.items()}
    words |= dict.fromkeys(small, f"<{SMALLEST}") | dict.fromkeys(with_them, "hidden")
    return tuple(words.items())[:MOST_COHORTS]
