"""What a detector of leaks found, as a sentence with its evidence."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """One leak, or what looks like one.

    Attributes:
        detector: which one found it.
        about: the feature or table concerned, "" for the fold as a whole.
        sentence: what is wrong and what to do about it.
        evidence: the figures behind it.
        stops: whether a run may not go on with it, unless it is allowed.
        allowed: why the suite lets it pass, None where it says nothing.
    """

    detector: str
    about: str
    sentence: str
    evidence: Mapping[str, float] = field(default_factory=dict)
    stops: bool = True
    allowed: str | None = None
